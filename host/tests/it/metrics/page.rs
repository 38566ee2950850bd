//! A page of metrics, read.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use magtape_testing::poll;
use reqwest::Client;

use crate::serve::webhook::Webhook;

/// What is counted is counted a moment after its answer.
const COUNTED: Duration = Duration::from_secs(30);

type Labels = BTreeMap<String, String>;

/// What a page says.
#[derive(Debug, Default)]
pub struct Page {
    types: BTreeMap<String, String>,
    samples: Vec<(String, Labels, f64)>,
}

// === impl Page ===

impl Page {
    /// The page of a webhook, once it is such.
    pub async fn once(webhook: &Webhook, is: impl Fn(&Self) -> bool) -> Self {
        Self::at(&webhook.client, &webhook.url("/metrics"), is).await
    }

    /// The page of a webhook's operator's port, once it is such.
    pub async fn of_operator(webhook: &Webhook, is: impl Fn(&Self) -> bool) -> Self {
        let line = webhook.logged("the operator's port is on ").await;
        let address = line["message"].as_str().unwrap().rsplit(' ').next().unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self::at(&client, &format!("{address}/metrics"), is).await
    }

    async fn at(client: &Client, url: &str, is: impl Fn(&Self) -> bool) -> Self {
        let mut last = String::new();
        let read = async || {
            last = client.get(url).send().await?.text().await?;
            let page = Self::read(&last);
            Ok(is(&page).then_some(page))
        };
        let page = poll::until("the metrics", COUNTED, read).await;
        page.unwrap_or_else(|error| panic!("{error}\n{last}"))
    }

    fn read(text: &str) -> Self {
        let mut page = Self::default();
        for line in text.lines() {
            if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|line| line.split_once(' ')) {
                page.types.insert(name.to_owned(), kind.to_owned());
            } else if !line.starts_with('#') {
                let (series, value) = line.rsplit_once(' ').unwrap();
                let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
                let labels = labels.strip_suffix('}').unwrap();
                // No value here has a quote.
                let pairs = labels.split("\",").filter_map(|pair| pair.split_once("=\""));
                let labels =
                    pairs.map(|(name, value)| (name.to_owned(), value.trim_end_matches('"').to_owned()));
                page.samples.push((name.to_owned(), labels.collect(), value.parse().unwrap()));
            }
        }
        page
    }

    /// The sum of the series of that name that have these labels among theirs.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has =
            |of: &Labels| labels.iter().all(|(name, value)| of.get(*name).is_some_and(|is| is == value));
        self.samples.iter().filter(|(is, of, _)| is == name && has(of)).map(|(_, _, value)| value).sum()
    }

    /// How many series have that name.
    pub fn count(&self, name: &str) -> usize {
        self.samples.iter().filter(|(is, _, _)| is == name).count()
    }

    /// The type and the labels of every family.
    pub fn families(&self) -> BTreeMap<String, (String, BTreeSet<String>)> {
        let family = |(name, kind): (&String, &String)| {
            let suffix = if kind == "histogram" { "_bucket" } else { "" };
            let sample = self.samples.iter().find(|(is, _, _)| *is == format!("{name}{suffix}"));
            let (_, labels, _) = sample.unwrap_or_else(|| panic!("{name} has no series"));
            let labels = labels.keys().filter(|label| *label != "le").cloned().collect();
            (name.clone(), (kind.clone(), labels))
        };
        self.types.iter().map(family).collect()
    }
}
