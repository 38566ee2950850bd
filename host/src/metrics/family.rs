//! Series that are read from whoever knows them when the page is asked for.

use std::collections::HashMap;

use prometheus::{
    Result,
    core::{Collector, Desc},
    proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType},
};

/// More series of one family than this are left out. What they are about is bounded by what an operator sets up: policies,
/// kinds of objects, certificates.
pub(super) const MAX_SAMPLES: usize = 2000;

/// Series of one name.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// The name.
    pub name: &'static str,
    /// What it says, in one sentence.
    pub help: &'static str,
    /// How it changes.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
}

/// How a series changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It grows and shrinks.
    Gauge,
}

/// One series.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The values of its labels, in the order of their names.
    pub labels: Vec<String>,
    /// How much.
    pub value: f64,
}

type Samples = Box<dyn Fn() -> Vec<Sample> + Send + Sync>;

pub(super) struct Read {
    family: Family,
    desc: Desc,
    samples: Samples,
}

// === impl Sample ===

impl Sample {
    /// A series without labels.
    pub fn one(value: f64) -> Vec<Self> {
        vec![Self { labels: Vec::new(), value }]
    }

    /// A series with these labels.
    pub fn new<const N: usize>(labels: [&str; N], value: f64) -> Self {
        Self { labels: labels.map(str::to_owned).into(), value }
    }
}

// === impl Read ===

impl Read {
    pub(super) fn new(family: Family, samples: Samples) -> Result<Self> {
        let labels = family.labels.iter().map(|label| (*label).to_owned()).collect();
        let desc = Desc::new(family.name.to_owned(), family.help.to_owned(), labels, HashMap::new())?;
        Ok(Self { family, desc, samples })
    }
}

impl Collector for Read {
    fn desc(&self) -> Vec<&Desc> {
        vec![&self.desc]
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let samples = (self.samples)();
        vec![family(&self.family, samples)]
    }
}

pub(super) fn family(family: &Family, samples: Vec<Sample>) -> MetricFamily {
    let mut made = MetricFamily::default();
    made.set_name(family.name.to_owned());
    made.set_help(family.help.to_owned());
    made.set_field_type(match family.kind {
        Kind::Counter => MetricType::COUNTER,
        Kind::Gauge => MetricType::GAUGE,
    });
    made.set_metric(samples.into_iter().take(MAX_SAMPLES).map(|sample| metric(family, sample)).collect());
    made
}

fn metric(family: &Family, sample: Sample) -> Metric {
    let pair = |(name, value): (&&str, String)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value(value);
        pair
    };
    let mut metric = Metric::from_label(family.labels.iter().zip(sample.labels).map(pair).collect());
    match family.kind {
        Kind::Counter => {
            let mut counter = Counter::default();
            counter.set_value(sample.value);
            metric.set_counter(counter);
        }
        Kind::Gauge => {
            let mut gauge = Gauge::default();
            gauge.set_value(sample.value);
            metric.set_gauge(gauge);
        }
    }
    metric
}
