//! What others know, for the page of metrics.

use std::{
    sync::{Arc, Weak},
    time::SystemTime,
};

use prometheus::Result;

use crate::{
    certificates::Tls,
    cluster::{InForce, Place},
    conditions::Conditions,
    evaluate::Program,
    metrics::{Family, Kind, Metrics, Sample},
    notify::{self, Notifier, SinkCounts, Snapshot},
    policy::Entry,
    server::{Counts, Service},
};

/// Has `metrics` read what the others know.
pub(super) fn tell(
    metrics: &Metrics,
    service: &Arc<Service>,
    in_force: &InForce,
    tls: &Arc<Tls>,
    place: Option<&Place>,
    conditions: &Conditions,
) -> Result<()> {
    of_service(metrics, service)?;
    of_policies(metrics, in_force)?;
    of_certificate(metrics, Arc::clone(tls))?;
    of_conditions(metrics, conditions.clone())?;
    if let Some(leads) = place.map(|place| place.leads.clone()) {
        let help = "Whether this replica is the one that writes to the cluster.";
        metrics.read(gauge("magtape_leader", help, &[]), move || Sample::one(flag(*leads.borrow())))?;
    }
    Ok(())
}

fn gauge(name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Family {
    Family { name, help, kind: Kind::Gauge, labels }
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

fn of_service(metrics: &Metrics, service: &Arc<Service>) -> Result<()> {
    // It tells the metrics of decisions, so it must not be kept by them.
    let of = |samples: fn(&Service) -> Vec<Sample>| {
        let service = Arc::downgrade(service);
        move || Weak::upgrade(&service).map_or_else(Vec::new, |service| samples(&service))
    };
    metrics.read(
        gauge("magtape_ready", "Whether requests are welcome, as /readyz says.", &[]),
        of(|service| Sample::one(flag(service.is_ready()))),
    )?;
    metrics.read(
        gauge("magtape_requests_in_flight", "Requests that are read, judged or answered.", &[]),
        of(|service| Sample::one(service.in_flight() as f64)),
    )?;
    metrics.read(
        gauge("magtape_queue_depth", "Requests that wait for a thread to be judged.", &[]),
        of(|service| Sample::one(service.waiting() as f64)),
    )?;
    let unjudged = Family {
        name: "magtape_requests_unjudged_total",
        help: "Requests that no policy was asked about, by why.",
        kind: Kind::Counter,
        labels: &["reason"],
    };
    metrics.read(unjudged, of(|service| unjudged_samples(service.counts())))?;
    let trusted = Family {
        name: "magtape_owner_references_trusted_total",
        help: "Requests that were let pass because of what their object says of its owner.",
        kind: Kind::Counter,
        labels: &[],
    };
    metrics.read(trusted, of(|service| Sample::one(service.trusted() as f64)))
}

fn unjudged_samples(counts: Counts) -> Vec<Sample> {
    let Counts { accepted: _, refused, expired, abandoned } = counts;
    let sample = |(reason, count): (&str, u64)| Sample::new([reason], count as f64);
    [("refused", refused), ("expired", expired), ("abandoned", abandoned)].map(sample).into()
}

fn of_policies(metrics: &Metrics, in_force: &InForce) -> Result<()> {
    let of = |sample: fn(&Entry<Program>) -> Sample| {
        let InForce { policies, governance, .. } = in_force.clone();
        move || {
            let (own, tenants) = (policies.get(), governance.tenants.get());
            let tenants = tenants.values().flat_map(|tenant| tenant.policies().iter());
            own.iter().chain(tenants).map(|entry| sample(entry)).collect()
        }
    };
    let labels = &["policy", "errcode", "severity", "digest"];
    metrics.read(
        gauge("magtape_policy_info", "Policies that are in force; always 1.", labels),
        of(|entry| {
            let metadata = &entry.policy.metadata;
            let (severity, digest) = (metadata.severity.to_string(), entry.policy.digest.to_string());
            Sample::new([&metadata.name, &metadata.errcode, &severity, &digest], 1.0)
        }),
    )?;
    metrics.read(
        gauge(
            "magtape_policy_memory_max_bytes",
            "The most memory that a sandbox had since the policy was loaded.",
            &["policy"],
        ),
        of(|entry| Sample::new([&entry.policy.metadata.name], entry.program.high_water_bytes() as f64)),
    )
}

fn of_conditions(metrics: &Metrics, conditions: Conditions) -> Result<()> {
    let help = "How many things of a kind do not go as they should, while requests are judged.";
    metrics.read(gauge("magtape_degraded", help, &["about"]), move || {
        let counts = conditions.counts().into_iter();
        counts.map(|(about, count)| Sample::new([about], count as f64)).collect()
    })
}

fn of_certificate(metrics: &Metrics, tls: Arc<Tls>) -> Result<()> {
    let help = "Unix time at which what is shown to clients ends.";
    let family = gauge("magtape_certificate_expiry_timestamp_seconds", help, &["certificate"]);
    metrics.read(family, move || {
        let ends = tls.ends();
        let known = [("serving", Some(ends.serving)), ("ca", ends.authority)];
        known.into_iter().filter_map(|(which, end)| Some(Sample::new([which], seconds(end?)))).collect()
    })
}

/// What became of notifications, and whose decisions people are alerted to. `passive` is nothing where nobody is.
pub(super) fn of_notifications(
    metrics: &Metrics,
    notifier: &Arc<Notifier>,
    passive: Option<bool>,
) -> Result<()> {
    if let Some(passive) = passive {
        metrics.alerts(move |decision| notify::is_alert(decision, passive));
    }
    let of = |samples: fn(Snapshot) -> Vec<Sample>| {
        let notifier = Arc::clone(notifier);
        move || samples(notifier.snapshot())
    };
    let told = Family {
        name: "magtape_notifications_total",
        help: "Notifications, by who was to be told and what became of them.",
        kind: Kind::Counter,
        labels: &["sink", "outcome"],
    };
    metrics.read(told, of(|snapshot| snapshot.sinks.iter().flat_map(told_samples).collect()))?;
    let suppressed = Family {
        name: "magtape_notifications_suppressed_total",
        help: "Decisions that nobody was told of, by why.",
        kind: Kind::Counter,
        labels: &["reason"],
    };
    metrics.read(
        suppressed,
        of(|snapshot| {
            let reasons = [("repeated", snapshot.suppressed_repeated), ("owned", snapshot.suppressed_owned)];
            reasons.map(|(reason, count)| Sample::new([reason], count as f64)).into()
        }),
    )?;
    metrics.read(
        gauge("magtape_notifications_queue_depth", "Notifications that wait to be sent.", &["sink"]),
        of(|snapshot| of_each(&snapshot, |sink| Some(sink.queued as f64))),
    )?;
    let help = "Unix time at which somebody was told last.";
    let last = gauge("magtape_notifications_last_success_timestamp_seconds", help, &["sink"]);
    metrics.read(last, of(|snapshot| of_each(&snapshot, |sink| Some(sink.last_success?.as_secs_f64()))))
}

fn told_samples(counts: &SinkCounts) -> Vec<Sample> {
    let SinkCounts { sink, sent, failed, retried, dropped, .. } = counts;
    let outcomes = [("sent", sent), ("failed", failed), ("retried", retried), ("dropped", dropped)];
    outcomes.map(|(outcome, count)| Sample::new([sink, outcome], *count as f64)).into()
}

fn of_each(snapshot: &Snapshot, value: fn(&SinkCounts) -> Option<f64>) -> Vec<Sample> {
    let sample = |sink: &SinkCounts| Some(Sample::new([&sink.sink], value(sink)?));
    snapshot.sinks.iter().filter_map(sample).collect()
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
