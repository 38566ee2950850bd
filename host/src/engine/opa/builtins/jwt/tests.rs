use super::*;
use crate::engine::opa::builtins::cases::{call, check_recorded};

/// Name, arguments and answer, one call a line, as OPA 1.22.0 gives it; the keys were made for this file.
const ANSWERS: &str = include_str!("answers.tsv");

const SECRET_KEY: &str = r#"{"kty":"oct","k":"c2VjcmV0"}"#;
const EC_KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

#[test]
fn answers_are_those_of_opa() {
    check_recorded(ANSWERS);
}

#[test]
fn a_signature_can_be_repeated_and_verifies() {
    let [headers, payload] = [r#"{"alg":"ES256"}"#, r#"{"a":1}"#].map(Value::from);
    let args = [headers, payload, EC_KEY.into()];
    let token = call("io.jwt.encode_sign_raw", &args, 1 << 20).unwrap();
    assert_eq!(call("io.jwt.encode_sign_raw", &args, 1 << 20), Ok(token.clone()));
    let public = EC_KEY.split(",\"d\"").next().unwrap().to_owned() + "}";
    assert_eq!(call("io.jwt.verify_es256", &[token.clone(), public.into()], 1 << 20), Ok(true.into()));
    // Only `decode_verify` takes the public half of a private key.
    assert_eq!(call("io.jwt.verify_es256", &[token, EC_KEY.into()], 1 << 20), Ok(false.into()));
}

#[test]
fn no_key_of_one_kind_does_the_work_of_another() {
    // OPA would take a public Ed25519 key for the secret of an HMAC.
    let okp = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    for (alg, key) in [("HS256", okp), ("RS256", SECRET_KEY), ("EdDSA", EC_KEY), ("none", SECRET_KEY)] {
        let headers = format!(r#"{{"alg":"{alg}"}}"#);
        let args = [headers.into(), "{}".into(), key.into()];
        assert!(
            matches!(call("io.jwt.encode_sign_raw", &args, 1 << 20), Err(BuiltinError::Undefined(_))),
            "{alg}"
        );
    }
}

#[test]
fn tokens_have_a_greatest_length() {
    let headers = Value::from(r#"{"alg":"HS256","typ":"x"}"#);
    let args = [headers, "x".repeat(300).into(), SECRET_KEY.into()];
    let token = call("io.jwt.encode_sign_raw", &args, 1_000).unwrap();
    for (name, args) in [
        ("io.jwt.encode_sign_raw", args.to_vec()),
        ("io.jwt.decode_verify", vec![token, Value::parse(r#"{"secret":"secret"}"#).unwrap()]),
    ] {
        assert!(matches!(call(name, &args, 300), Err(BuiltinError::Limit(_))), "{name}");
    }
    let long = format!("e30.{}.", crate::engine::opa::builtins::crypto::base64::encode_url(&[b' '; 300]));
    assert!(matches!(call("io.jwt.decode", &[long.into()], 300), Err(BuiltinError::Limit(_))));
}

#[test]
fn hostile_keys_and_tokens_end_soon() {
    let large = "_".repeat(1 << 20);
    let deep = "[".repeat(1 << 16);
    for key in [
        format!(r#"{{"kty":"RSA","n":"{large}","e":"AQAB"}}"#),
        format!(r#"{{"kty":"RSA","n":"{large}","e":"{large}","d":"{large}","p":"{large}","q":"{large}"}}"#),
        format!(r#"{{"kty":"EC","crv":"P-521","x":"{large}","y":"{large}"}}"#),
        format!(r#"{{"keys":{deep}"#),
        format!(r#"{{"keys":[{}{{}}]}}"#, r#"{"kty":"oct","k":"MQ"},"#.repeat(2_000)),
        format!("-----BEGIN CERTIFICATE-----\n{large}\n-----END CERTIFICATE-----\n"),
        "-----BEGIN X-----\n\n-----END Y-----\n".repeat(1 << 14),
    ] {
        for token in ["e30.e30.e30".to_owned(), format!("e30.e30.{large}"), ".".repeat(1 << 20)] {
            let args = [token.into(), key.as_str().into()];
            assert_ne!(call("io.jwt.verify_rs256", &args, 1 << 20), Ok(true.into()));
        }
        let _ =
            call("io.jwt.encode_sign_raw", &[r#"{"alg":"RS256"}"#.into(), "{}".into(), key.into()], 1 << 20);
    }
}
