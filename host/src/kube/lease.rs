//! Elects one replica by a Lease (<https://kubernetes.io/docs/concepts/architecture/leases/>): the one that writes to the
//! cluster. All of them judge.
//!
//! The rules are those of client-go: whoever holds the Lease renews it; who sees one that nobody renewed for its whole
//! duration, by the own clock, takes it. Every write names the version it is based on, so two cannot both succeed.

use std::time::{Duration, Instant};

use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta},
    jiff::Timestamp,
};
use kube::{Api, Client, api::PostParams};
use tokio::{sync::watch, task::JoinHandle};

use super::refused;
use crate::conditions::{Condition, Conditions};

/// How long a holder may be silent before another takes its place.
const DURATION: Duration = Duration::from_secs(15);

/// A holder that could not renew for so long no longer counts on it, well before another takes it.
const RENEW_WITHIN: Duration = Duration::from_secs(10);

/// How often the Lease is looked at.
const EVERY: Duration = Duration::from_secs(2);

/// A part in an election; dropping it ends that. The Lease is given back by `release`.
pub struct Candidate {
    leads: watch::Receiver<bool>,
    task: JoinHandle<()>,
    api: Api<Lease>,
    name: String,
    identity: String,
}

struct Election {
    api: Api<Lease>,
    name: String,
    identity: String,
    /// What was seen of another's Lease, and when that was new.
    seen: Option<(LeaseSpec, Instant)>,
    /// When this replica last wrote the Lease.
    renewed: Option<Instant>,
    condition: Condition,
}

/// Takes part in the election of the Lease of that name. `identity` is this replica's: its Pod's name.
pub fn run_for(
    client: Client,
    namespace: &str,
    name: &str,
    identity: &str,
    conditions: &Conditions,
) -> Candidate {
    let (sender, leads) = watch::channel(false);
    let api: Api<Lease> = Api::namespaced(client, namespace);
    let election = Election {
        api: api.clone(),
        name: name.to_owned(),
        identity: identity.to_owned(),
        seen: None,
        renewed: None,
        condition: conditions.about("leader-election"),
    };
    let task = tokio::spawn(election.run(sender));
    Candidate { leads, task, api, name: name.to_owned(), identity: identity.to_owned() }
}

// === impl Candidate ===

impl Candidate {
    /// Whether this replica leads, and whenever that changes.
    pub fn leads(&self) -> watch::Receiver<bool> {
        self.leads.clone()
    }

    /// Gives the Lease back, so that another need not wait for its end.
    pub async fn release(self) {
        self.task.abort();
        if !*self.leads.borrow() {
            return;
        }
        let Ok(mut lease) = self.api.get(&self.name).await else { return };
        let spec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_deref() == Some(&self.identity) {
            spec.holder_identity = None;
            // Whoever has written it since may keep it.
            let _ = self.api.replace(&self.name, &PostParams::default(), &lease).await;
        }
    }
}

impl Drop for Candidate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

// === impl Election ===

impl Election {
    async fn run(mut self, leads: watch::Sender<bool>) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // An answer that takes longer is one that did not come.
            let looked = tokio::time::timeout(EVERY * 2, self.look()).await;
            match looked {
                Ok(Ok(())) => self.condition.is_well(),
                Ok(Err(error)) => self.complain(&refused(&error)),
                Err(_) => self.complain("the API server does not answer"),
            }
            let now = self.renewed.is_some_and(|renewed| renewed.elapsed() < RENEW_WITHIN);
            let changed = leads.send_if_modified(|leads| std::mem::replace(leads, now) != now);
            if changed {
                tracing::info!(leads = now, identity = self.identity, "leadership");
            }
        }
    }

    /// Once for each reason, until it has passed.
    fn complain(&self, reason: &str) {
        if self.condition.fails(reason) {
            tracing::warn!("the election of a leader does not go on, and it is tried again: {reason}");
        }
    }

    /// Looks at the Lease, and takes or renews it if it may.
    async fn look(&mut self) -> kube::Result<()> {
        let Some(lease) = self.api.get_opt(&self.name).await? else {
            return self.write(Lease { metadata: self.metadata(), spec: None }, true).await;
        };
        let spec = lease.spec.clone().unwrap_or_default();
        let ours = spec.holder_identity.as_deref() == Some(&self.identity);
        let free = spec.holder_identity.as_deref().unwrap_or_default().is_empty();
        if ours || free || self.is_over(&spec) {
            return self.write(lease, false).await;
        }
        self.renewed = None;
        Ok(())
    }

    /// Whether nobody has touched another's Lease for its duration. What its clock says does not matter.
    fn is_over(&mut self, spec: &LeaseSpec) -> bool {
        match &self.seen {
            Some((seen, since)) if seen == spec => {
                let seconds = spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok());
                since.elapsed() > seconds.map_or(DURATION, Duration::from_secs)
            }
            _ => {
                self.seen = Some((spec.clone(), Instant::now()));
                false
            }
        }
    }

    /// Writes this replica into the Lease. That somebody else was faster is no error.
    async fn write(&mut self, mut lease: Lease, is_new: bool) -> kube::Result<()> {
        let at = Instant::now();
        let now = MicroTime(Timestamp::now());
        let spec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_deref() != Some(&self.identity) {
            spec.lease_transitions =
                Some(spec.lease_transitions.unwrap_or_default().saturating_add(i32::from(!is_new)));
            spec.acquire_time = Some(now.clone());
        }
        spec.holder_identity = Some(self.identity.clone());
        spec.lease_duration_seconds = i32::try_from(DURATION.as_secs()).ok();
        spec.renew_time = Some(now);
        let params = PostParams::default();
        let written = if is_new {
            self.api.create(&params, &lease).await
        } else {
            self.api.replace(&self.name, &params, &lease).await
        };
        match written {
            Ok(_) => self.renewed = Some(at),
            Err(kube::Error::Api(status)) if status.code == 409 => self.renewed = None,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn metadata(&self) -> ObjectMeta {
        ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() }
    }
}
