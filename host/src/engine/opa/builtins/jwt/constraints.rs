//! `io.jwt.decode_verify`: a token is decoded if its signature verifies and its claims meet the constraints
//! (RFC 7519, section 7.2).
//!
//! Constraints are `cert` or `secret`, `alg`, `iss`, `aud` and `time`; any other name is an error. A token with an
//! audience fails unless that audience is asked for, and `exp` and `nbf` are always checked.

use super::{
    algorithm::{Algorithm, Strictness},
    json,
    token::{Header, Token},
    web_key::{self, Key, VerificationKey},
};
use crate::engine::opa::{
    builtins::{BuiltinError, State},
    value::{Number, Value},
};

/// What the second argument says.
struct Constraints {
    keys: Vec<VerificationKey>,
    alg: String,
    iss: String,
    aud: String,
    /// The time to compare with, in seconds.
    seconds: Number,
}

/// What the token says, once its signature has been looked at.
enum Verdict {
    Verified { header: Value, payload: Value },
    NotVerified,
}

pub(super) fn decode_verify(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text), constraints @ Value::Object(_)] = args else { return Err(unreadable()) };
    if text.len() > state.max_output_bytes {
        return Err(BuiltinError::Limit("io.jwt.decode_verify: the token is too long".to_owned()));
    }
    let constraints = Constraints::parse(constraints, state.now_ns).ok_or_else(unreadable)?;
    let empty = || Value::Object(Default::default());
    let verdict = constraints.check(text).ok_or_else(unreadable)?;
    Ok(Value::Array(match verdict {
        Verdict::Verified { header, payload } => vec![true.into(), header, payload],
        Verdict::NotVerified => vec![false.into(), empty(), empty()],
    }))
}

// === impl Constraints ===

impl Constraints {
    fn parse(object: &Value, now_ns: i64) -> Option<Self> {
        let Value::Object(entries) = object else { return None };
        let text = |name: &str| match object.get(name) {
            Some(value) => value.as_str(),
            None => Some(""),
        };
        let is_known = |name: &Value| {
            let name = name.as_str().unwrap_or_default();
            ["alg", "aud", "cert", "iss", "secret", "time"].contains(&name)
        };
        if !entries.keys().all(is_known) {
            return None;
        }
        let certificate = match object.get("cert") {
            Some(keys) => Some(web_key::verification_keys(keys.as_str()?)?),
            None => None,
        };
        let secret = Some(text("secret")?).filter(|secret| !secret.is_empty()).map(|secret| {
            let key = Key::Secret(secret.as_bytes().to_vec());
            vec![VerificationKey { alg: String::new(), kid: String::new(), key }]
        });
        let keys = match (certificate, secret) {
            (Some(keys), None) | (None, Some(keys)) => keys,
            _ => return None,
        };
        let ns = match object.get("time") {
            Some(Value::Number(ns)) => Some(ns.to_f64()).filter(|ns| ns.is_finite() && *ns >= 0.0)?,
            Some(_) => return None,
            None => Number::from(now_ns).to_f64(),
        };
        let seconds = Number::parse(&format!("{}", ns / 1e9))?;
        let own = |name| text(name).map(str::to_owned);
        Some(Self { keys, alg: own("alg")?, iss: own("iss")?, aud: own("aud")?, seconds })
    }

    /// None if the token cannot be read.
    fn check(&self, text: &str) -> Option<Verdict> {
        let mut text = text.to_owned();
        loop {
            let token = Token::parse(&text)?;
            let object = token.header()?;
            let header = Header::parse(&object)?;
            let is_wanted = self.alg.is_empty() || self.alg == header.alg;
            if !header.is_valid() || !is_wanted {
                return Some(Verdict::NotVerified);
            }
            let signature = token.signature()?;
            if !self.is_signed(&header, &token.signed_parts(), &signature) {
                return Some(Verdict::NotVerified);
            }
            let payload = token.payload()?;
            if header.cty.eq_ignore_ascii_case("JWT") {
                text = String::from_utf8(payload).ok()?;
                continue;
            }
            let payload = json::parse_object(&payload)?;
            return Some(match self.allow(&payload)? {
                true => Verdict::Verified { header: object, payload },
                false => Verdict::NotVerified,
            });
        }
    }

    fn is_signed(&self, header: &Header, message: &[&[u8]], signature: &[u8]) -> bool {
        // A newer name of the same algorithm is known here, though not as that of a key.
        let name = if header.alg == "Ed25519" { "EdDSA" } else { &header.alg };
        let Some(algorithm) = Algorithm::by_name(name) else { return false };
        let fits = |key: &VerificationKey| {
            algorithm.verify(&key.key, message, signature, Strictness::AsNamedByToken)
        };
        if !header.kid.is_empty()
            && let Some(named) = self.keys.iter().find(|key| key.kid == header.kid)
        {
            return fits(named);
        }
        self.keys.iter().any(|key| (key.alg.is_empty() || key.alg == header.alg) && fits(key))
    }

    /// Whether the claims meet the constraints; none if a claim has the wrong type.
    fn allow(&self, payload: &Value) -> Option<bool> {
        if !self.iss.is_empty() {
            match payload.get("iss") {
                Some(issuer) if issuer.as_str()? == self.iss => {}
                _ => return Some(false),
            }
        }
        let is_audience = match payload.get("aud") {
            Some(Value::Array(audiences)) => audiences.iter().any(|one| one.as_str() == Some(&self.aud)),
            Some(audience) => audience.as_str() == Some(&self.aud),
            None => self.aud.is_empty(),
        };
        if !is_audience {
            return Some(false);
        }
        match payload.get("exp") {
            Some(Value::Number(expiry)) if self.seconds >= *expiry => return Some(false),
            Some(Value::Number(_)) | None => {}
            Some(_) => return None,
        }
        match payload.get("nbf") {
            Some(Value::Number(start)) => Some(self.seconds >= *start),
            None => Some(true),
            Some(_) => None,
        }
    }
}

fn unreadable() -> BuiltinError {
    BuiltinError::undefined("the token or a constraint cannot be read")
}
