//! Makes CAs and certificates new, and writes them.

use std::time::SystemTime;

use serde_json::Value;

use super::{
    super::{
        authority::Authority,
        identity::Bundle,
        pem::Certificate,
        plan::{self, State, Step},
        secrets::{self, AUTHORITY_KEY, BUNDLE, CHAIN, KEY, Seen, Whose},
    },
    Keeper, Pair,
    register::registered_bundle,
};
use crate::kube::secrets::{Data, Written};

// === impl Keeper ===

impl Keeper {
    /// Makes new what has to be made new, one step; the Secrets show the next.
    pub(super) async fn renew(
        &self,
        pair: &Pair,
        seen: &Seen,
        live: Option<&Value>,
        now: SystemTime,
    ) -> Result<(), String> {
        if seen.whose == Whose::Theirs {
            return Ok(());
        }
        let bundle = seen.bundle();
        let authority = bundle.as_ref().ok().zip(seen.authority_key().ok());
        let authority = authority.and_then(|(bundle, key)| Authority::read(bundle, key).ok());
        let good = self.read(seen, now);
        let state = State {
            authority: authority.as_ref(),
            bundle: bundle.as_ref().ok(),
            serving: good.as_ref().ok().map(|good| &good.identity),
            in_force: self.in_force.as_ref().map(|(_, since)| since.elapsed()),
        };
        match (plan::next(&state, self.settings.lifetimes, now), &authority) {
            (Step::MakeAuthority, _) => self.make_authority(pair, seen, live, now).await,
            (Step::Sign, Some(authority)) => self.sign(pair, authority, now).await,
            (Step::Forget, Some(authority)) => self.trust(pair, authority, Vec::new()).await,
            _ => Ok(()),
        }
    }

    async fn make_authority(
        &self,
        pair: &Pair,
        seen: &Seen,
        live: Option<&Value>,
        now: SystemTime,
    ) -> Result<(), String> {
        let lifetimes = self.settings.lifetimes;
        let authority = Authority::make(lifetimes, now).map_err(|error| error.to_string())?;
        let trusted = self.trusted(seen, live, now);
        self.trust(pair, &authority, plan::kept(trusted.iter(), now)).await
    }

    /// The CAs by which clients know what is shown so far. What a Secret no longer has is known from before, or from the
    /// webhook configuration.
    fn trusted(&self, seen: &Seen, live: Option<&Value>, now: SystemTime) -> Vec<Certificate> {
        if let Some(good) = &self.good {
            return good.bundle.0.clone();
        }
        let registered = live.and_then(registered_bundle);
        let known = registered.zip(seen.identity().ok());
        let known = known
            .filter(|(bundle, identity)| identity.verify(bundle, &self.settings.required(), now).is_ok());
        known.map(|(bundle, _)| bundle.0).unwrap_or_default()
    }

    /// Writes the CA that signs, and those that are trusted beside it.
    async fn trust(
        &self,
        pair: &Pair,
        authority: &Authority,
        others: Vec<Certificate>,
    ) -> Result<(), String> {
        let mut bundle = Bundle(vec![authority.certificate.clone()]);
        bundle.0.extend(others);
        let data = [(BUNDLE, bundle.pem()), (AUTHORITY_KEY, authority.key_pem())]
            .map(|(key, text)| entry(key, text));
        let name = secrets::authority_name(&self.settings.secret);
        self.write(&name, pair.authority.as_deref(), data.into(), bundle.0.len()).await
    }

    async fn sign(&self, pair: &Pair, authority: &Authority, now: SystemTime) -> Result<(), String> {
        let name = secrets::authority_name(&self.settings.secret);
        // A replica that led before may have replaced the CA, and what the old one signs now would be trusted too briefly.
        let is_still = self.secrets.is_still(&name, pair.authority.as_deref()).await;
        if !is_still.map_err(|error| error.to_string())? {
            return Ok(());
        }
        let signed = authority.sign(&self.settings.signed(), self.settings.lifetimes, now);
        let signed = signed.map_err(|error| error.to_string())?;
        let data = [(CHAIN, signed.chain), (KEY, signed.key)].map(|(key, text)| entry(key, text));
        self.write(&self.settings.secret, pair.serving.as_deref(), data.into(), 1).await
    }

    async fn write(
        &self,
        name: &str,
        before: Option<&Value>,
        data: Data,
        certificates: usize,
    ) -> Result<(), String> {
        let written = self.secrets.write(name, before, data).await.map_err(|error| error.to_string())?;
        if written == Written::Done {
            tracing::info!(name, certificates, "a Secret is written");
        }
        Ok(())
    }
}

fn entry(key: &str, text: String) -> (String, Vec<u8>) {
    (key.to_owned(), text.into_bytes())
}
