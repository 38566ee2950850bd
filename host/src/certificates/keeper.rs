//! The certificate of a webhook in a cluster, which two Secrets have: every replica follows them and shows what they have,
//! and the one that leads keeps them new.
//!
//! A CA is trusted before anything that it signed is shown: it is added to the bundle, the webhook configuration gets the
//! bundle, and only then is a serving certificate signed. A CA leaves the bundle when all that it signed is over.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use kube::{Client, api::ApiResource};
use serde_json::Value;
use tokio::{sync::watch, task::JoinSet};

use super::{
    CertificateError, Complaints,
    authority::{Authority, Lifetimes},
    identity::{Bundle, Identity},
    pem::{Certificate, Pem, Secret},
    plan::{self, State, Step},
    secrets::{self, AUTHORITY_KEY, BUNDLE, CHAIN, KEY, Seen, Whose},
    template::Template,
    tls::Tls,
};
use crate::kube::{
    objects::{self, Followed, Objects, Selection},
    secrets::{Data, Secrets, Written},
    webhook,
};

/// The Service of an install.
const SERVICE: &str = "magtape-svc";

/// Two Secrets that are applied together are looked at together.
const MOMENT: Duration = Duration::from_millis(100);

/// How often it is looked whether something is to be made new, if nothing else happens.
const EVERY: Duration = Duration::from_secs(60);

/// How long it is waited after a write that failed, at first and at last.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// How the certificate is kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The namespace of the Secrets and of the webhook's Service.
    pub namespace: String,
    /// This replica's name.
    pub identity: String,
    /// The Secret of the serving certificate; that of the CA has `-ca` behind it.
    pub secret: String,
    /// How long what is made is good.
    pub lifetimes: Lifetimes,
    /// The webhook configuration; without one, none is written.
    pub template: Option<Template>,
}

/// A certificate that is kept; dropping it ends that.
pub type Kept = JoinSet<()>;

struct Keeper {
    settings: Settings,
    client: Client,
    secrets: Secrets,
    serving: Followed,
    authority: Followed,
    registered: Option<Followed>,
    leads: watch::Receiver<bool>,
    tls: Arc<Tls>,
    ready: Box<dyn Fn() + Send + Sync>,
    /// What is shown.
    good: Option<Good>,
    /// The CAs that the webhook configuration has been seen with, if it is those that are trusted, and since when.
    in_force: Option<(Value, Instant)>,
    retry: Option<(Duration, Instant)>,
    unusable: Complaints,
    unwritten: Complaints,
    ending: Complaints,
}

/// A certificate, and the CAs by which clients know it.
struct Good {
    identity: Identity,
    bundle: Bundle,
}

/// The two Secrets as they are.
#[derive(Clone)]
struct Pair {
    serving: Option<Arc<Value>>,
    authority: Option<Arc<Value>>,
}

/// Begins to keep the certificate that `tls` shows. `ready` is called when there is one for the first time, and whenever it
/// changes.
pub fn keep(
    client: Client,
    settings: Settings,
    leads: watch::Receiver<bool>,
    tls: Arc<Tls>,
    ready: impl Fn() + Send + Sync + 'static,
) -> Kept {
    let secret = |name: &str| {
        let resource = ApiResource::erase::<k8s_openapi::api::core::v1::Secret>(&());
        follow(&client, resource, Some(&settings.namespace), name)
    };
    let registered =
        settings.template.as_ref().map(|template| follow(&client, webhook::resource(), None, &template.name));
    let keeper = Keeper {
        secrets: Secrets::new(client.clone(), &settings.namespace, labels(&settings.identity)),
        serving: secret(&settings.secret),
        authority: secret(&secrets::authority_name(&settings.secret)),
        registered,
        client,
        settings,
        leads,
        tls,
        ready: Box::new(ready),
        good: None,
        in_force: None,
        retry: None,
        unusable: Complaints::default(),
        unwritten: Complaints::default(),
        ending: Complaints::default(),
    };
    let mut task = JoinSet::new();
    task.spawn(keeper.run());
    task
}

fn follow(client: &Client, resource: ApiResource, namespace: Option<&str>, name: &str) -> Followed {
    let selection = Selection {
        resource,
        namespace: namespace.map(str::to_owned),
        labels: String::new(),
        name: Some(name.to_owned()),
    };
    objects::follow(client.clone(), selection)
}

/// As MagTape has always labelled its Secrets.
fn labels(identity: &str) -> BTreeMap<String, String> {
    // A Pod's name may be longer than a label.
    let pod: String = identity.chars().take(63).collect();
    let pod = pod.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
    [("app".to_owned(), "magtape".to_owned()), ("magtape/updated-by-pod".to_owned(), pod)].into()
}

// === impl Settings ===

impl Settings {
    /// The names by which the API server knows the webhook: those of the template, or the Service's.
    fn required(&self) -> Vec<String> {
        let service = || vec![format!("{SERVICE}.{}.svc", self.namespace)];
        self.template.as_ref().map_or_else(service, Template::hosts)
    }

    /// The names that a certificate made here is good for.
    fn signed(&self) -> Vec<String> {
        let namespace = &self.namespace;
        let mut names = vec![
            SERVICE.to_owned(),
            format!("{SERVICE}.{namespace}"),
            format!("{SERVICE}.{namespace}.svc"),
            format!("{SERVICE}.{namespace}.svc.cluster.local"),
        ];
        names.extend(self.required().into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
        names
    }
}

// === impl Keeper ===

impl Keeper {
    async fn run(mut self) {
        let (mut serving, mut authority) = (self.serving.objects(), self.authority.objects());
        // Nothing ever changes where there is no template.
        let (_nobody, nothing) = watch::channel(Objects::default());
        let mut registered = self.registered.as_ref().map_or(nothing, Followed::objects);
        loop {
            let pause = self.pause();
            tokio::select! {
                alive = objects::settled(&mut serving, MOMENT) => if !alive { return },
                alive = objects::settled(&mut authority, MOMENT) => if !alive { return },
                alive = objects::settled(&mut registered, MOMENT) => if !alive { return },
                changed = self.leads.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(pause) => {}
            }
            let is_answered = self.registered.is_none() || is_answered(&registered);
            if let (Some(serving), Some(authority), true) = (only(&serving), only(&authority), is_answered) {
                let live = only(&registered).flatten();
                self.look(&Pair { serving, authority }, live.as_deref()).await;
            }
        }
    }

    /// Until it is looked again.
    fn pause(&self) -> Duration {
        let every = (self.settings.lifetimes.serving / 40).min(EVERY);
        self.retry.map_or(every, |(_, at)| at.saturating_duration_since(Instant::now()).min(every))
    }

    async fn look(&mut self, pair: &Pair, live: Option<&Value>) {
        let now = SystemTime::now();
        let seen = Seen::new(&self.settings.secret, pair.serving.as_deref(), pair.authority.as_deref());
        self.show(&seen, now);
        self.warn_of_end(now);
        let is_due = self.retry.is_none_or(|(_, at)| Instant::now() >= at);
        if !*self.leads.borrow() || !is_due {
            return;
        }
        let applied = self.register(live).await;
        let written = self.renew(pair, &seen, live, now).await;
        let failures: Vec<_> = [applied, written].into_iter().filter_map(Result::err).collect();
        if failures.is_empty() {
            self.retry = None;
            self.unwritten.is_well();
        } else {
            let wait = self.retry.map_or(RETRY.0, |(wait, _)| (wait * 2).min(RETRY.1));
            self.retry = Some((wait, Instant::now() + wait));
            self.unwritten.complain(failures.join("; "));
        }
    }

    /// Shows what the Secrets have, if it can be used.
    fn show(&mut self, seen: &Seen, now: SystemTime) {
        let new = match self.read(seen, now) {
            Ok(new) => new,
            Err(error) => {
                let before =
                    if self.good.is_some() { "the one before stays in use" } else { "there is none yet" };
                return self.unusable.complain(format!(
                    "the certificate of the Secret {}/{} is not used, and {before}: {error}",
                    self.settings.namespace, self.settings.secret
                ));
            }
        };
        self.unusable.is_well();
        if self.good.as_ref().is_none_or(|good| !good.identity.is_same(&new.identity)) {
            self.tls.show(&new.identity);
            tracing::info!(until = new.identity.validity.end(), whose = ?seen.whose, "a certificate is in use");
            (self.ready)();
        }
        self.good = Some(new);
    }

    fn read(&self, seen: &Seen, now: SystemTime) -> Result<Good, CertificateError> {
        let (identity, bundle) = (seen.identity()?, seen.bundle()?);
        identity.verify(&bundle, &self.settings.required(), now)?;
        Ok(Good { identity, bundle })
    }

    /// Nobody may be there who makes another in time.
    fn warn_of_end(&mut self, now: SystemTime) {
        let Some(validity) = self.good.as_ref().map(|good| good.identity.validity) else { return };
        if validity.is_past(5, 6, now) {
            let days = validity.until.duration_since(now).unwrap_or_default().as_secs() / 86_400;
            self.ending.complain(format!("the certificate ends at {}, in {days} days", validity.end()));
        }
    }

    /// Sees to it that the API server knows the webhook by the CAs of what is shown.
    async fn register(&mut self, live: Option<&Value>) -> Result<(), String> {
        let (Some(template), Some(good)) = (&self.settings.template, &self.good) else { return Ok(()) };
        let wanted = template.with(&good.bundle);
        let has = |part: &Value| live.is_some_and(|live| webhook::has(live, part));
        let bundles = webhook::bundles(&wanted);
        if !has(&bundles) {
            self.in_force = None;
        } else if self.in_force.as_ref().is_none_or(|(before, _)| *before != bundles) {
            self.in_force = Some((bundles, Instant::now()));
        }
        if has(&wanted) {
            return Ok(());
        }
        let applied = webhook::apply(self.client.clone(), &template.name, &wanted).await;
        applied.map_err(|error| error.to_string())?;
        tracing::info!(
            name = template.name,
            cas = good.bundle.0.len(),
            "the webhook configuration is applied"
        );
        Ok(())
    }

    /// Makes new what has to be made new, one step; the Secrets show the next.
    async fn renew(
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

/// The object, once it is known whether there is one.
fn only(objects: &watch::Receiver<Objects>) -> Option<Option<Arc<Value>>> {
    let all = objects.borrow().all.clone()?;
    Some(all.values().next().cloned())
}

/// Whether the API server has said what there is, or that it does not say so.
fn is_answered(objects: &watch::Receiver<Objects>) -> bool {
    let objects = objects.borrow();
    objects.all.is_some() || objects.stale.is_some()
}

/// The CAs that a webhook configuration has.
fn registered_bundle(live: &Value) -> Option<Bundle> {
    let encoded = live.pointer("/webhooks/0/clientConfig/caBundle")?.as_str()?;
    let text = Secret(BASE64_STANDARD.decode(encoded).ok()?);
    Bundle::read(&Pem { place: "the webhook configuration".to_owned(), text }).ok()
}
