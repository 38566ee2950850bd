//! The certificate of a webhook in a cluster, which two Secrets have: every replica follows them and shows what they have,
//! and the one that leads keeps them new.
//!
//! A CA is trusted before anything that it signed is shown: it is added to the bundle, the webhook configuration gets the
//! bundle, and only then is a serving certificate signed. A CA leaves the bundle when all that it signed is over.

mod handover;
mod register;
mod renew;
mod show;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use kube::{Client, api::ApiResource};
use serde_json::Value;
use tokio::{sync::watch, task::JoinSet};

use handover::Handover;

use super::{
    authority::Lifetimes,
    complain,
    identity::{Bundle, Identity},
    secrets::{self, Seen},
    template::Template,
    tls::Tls,
};
use crate::{
    conditions::{Condition, Conditions},
    kube::{
        objects::{self, Followed, Objects, Selection},
        secrets::Secrets,
        webhook,
    },
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
    handover: Handover,
    retry: Option<(Duration, Instant)>,
    unusable: Condition,
    unwritten: Condition,
    ending: Condition,
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
    conditions: &Conditions,
    ready: impl Fn() + Send + Sync + 'static,
) -> Kept {
    let secret = |name: &str| {
        let resource = ApiResource::erase::<k8s_openapi::api::core::v1::Secret>(&());
        follow(&client, resource, Some(&settings.namespace), name, conditions.about("read-certificate"))
    };
    let registered = settings.template.as_ref().map(|template| {
        let condition = conditions.about("read-webhook-configuration");
        follow(&client, webhook::resource(), None, &template.name, condition)
    });
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
        handover: Handover::default(),
        retry: None,
        unusable: conditions.about("certificate"),
        unwritten: conditions.about("write-certificate"),
        ending: conditions.about("certificate-ending"),
    };
    let mut task = JoinSet::new();
    task.spawn(keeper.run());
    task
}

fn follow(
    client: &Client,
    resource: ApiResource,
    namespace: Option<&str>,
    name: &str,
    condition: Condition,
) -> Followed {
    let selection = Selection {
        resource,
        namespace: namespace.map(str::to_owned),
        labels: String::new(),
        name: Some(name.to_owned()),
    };
    objects::follow(client.clone(), selection, condition)
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
        let every = if self.handover.is_under_way() { every.min(handover::EVERY) } else { every };
        self.retry.map_or(every, |(_, at)| at.saturating_duration_since(Instant::now()).min(every))
    }

    async fn look(&mut self, pair: &Pair, live: Option<&Value>) {
        let now = SystemTime::now();
        let seen = Seen::new(&self.settings.secret, pair.serving.as_deref(), pair.authority.as_deref());
        self.handover.tick();
        self.show(&seen, live, now);
        self.warn_of_end(now);
        if !*self.leads.borrow() {
            return self.unwritten.is_well();
        }
        if self.retry.is_some_and(|(_, at)| Instant::now() < at) {
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
            complain(&self.unwritten, &failures.join("; "));
        }
    }
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
