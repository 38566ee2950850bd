//! Receivers that are away: nobody waits for them, and nothing grows.

use std::{
    fmt, fs,
    ops::Range,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    receiver::{Answer, Receiver},
    stage::{self, DEFAULT_PATH, DEFAULT_URL, Stage, alone, denied, given, review, slack},
};
use crate::serve::webhook::Webhook;

const DEFAULT: &str = "MAGTAPE_SLACK_WEBHOOK_URL_DEFAULT";

/// More than wait for a receiver, and enough for a ninety-ninth percentile.
const REQUESTS: usize = 4000;

/// Before time is taken: whoever is called first takes longer.
const FIRST: usize = 400;

/// How long answers took, and what the webhook has in memory then.
struct Measured {
    median: Duration,
    p99: Duration,
    resident_bytes: usize,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, p99, resident_bytes } = self;
        write!(f, "median {median:?}, p99 {p99:?}, {:.1} MiB resident", *resident_bytes as f64 / 1048576.0)
    }
}

/// Denies many different objects, four at a time.
async fn measure(webhook: &Webhook) -> Measured {
    deny(webhook, 0..FIRST).await;
    let mut times = deny(webhook, FIRST..FIRST + REQUESTS).await;
    times.sort();
    let pages = fs::read_to_string(format!("/proc/{}/statm", webhook.id())).unwrap();
    let pages: usize = pages.split(' ').nth(1).unwrap().parse().unwrap();
    Measured {
        median: times[times.len() / 2],
        p99: times[times.len() * 99 / 100],
        resident_bytes: pages * 4096,
    }
}

/// How long each answer took.
async fn deny(webhook: &Webhook, numbers: Range<usize>) -> Vec<Duration> {
    let one_of = |first: usize| {
        let numbers = numbers.clone().skip(first).step_by(4);
        async move {
            let mut times = Vec::new();
            for number in numbers {
                let review = review(&denied("nowhere", &format!("web-{number}")));
                let start = Instant::now();
                assert_eq!(webhook.judge(&review).await["response"]["allowed"], false);
                times.push(start.elapsed());
            }
            times
        }
    };
    futures_util::future::join_all((0..4).map(one_of)).await.concat()
}

async fn end_of(webhook: &mut Webhook, sink: &str) -> Value {
    stage::end(webhook).await;
    webhook.lines("notifications").into_iter().find(|line| line["sink"] == sink).unwrap()
}

// The receivers have threads of their own, or they would be in the times that are taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_receiver_in_trouble_costs_answers_nothing_and_memory_next_to_nothing() {
    let stage = Stage::new("trouble").await;
    let own = stage.namespace("own", Some("https://hooks.slack.com/own")).await;
    let quiet = stage.webhook(&[]).await;
    let without = measure(&quiet).await;
    drop(quiet);
    // How much longer the answers take depends on the machine, so it is shown and not judged.
    println!("no Slack:       {without}");
    let redirect = Answer::Redirect("https://hooks.slack.com/elsewhere".to_owned());
    for (what, answer) in [
        ("Slack answers", Answer::Ok),
        ("Slack is slow", Answer::Slow(Duration::from_secs(2))),
        ("Slack hangs", Answer::Hang),
        ("Slack fails", Answer::Status(500)),
        ("Slack redirects", redirect),
    ] {
        let receiver = Receiver::start().await;
        receiver.answers(DEFAULT_PATH, [answer.clone()]);
        let settings = slack(&receiver);
        let mut webhook = stage.webhook(&given(&settings, &[(DEFAULT, DEFAULT_URL)])).await;
        let measured = measure(&webhook).await;
        println!("{:16}{measured}", format!("{what}:"));
        let more = measured.resident_bytes.saturating_sub(without.resident_bytes);
        assert!(more < 64 * 1024 * 1024, "{what}: {more} bytes more");
        if matches!(answer, Answer::Hang) {
            the_other_channel_is_told(&mut webhook, &receiver, &own).await;
        }
    }
}

/// One channel that hangs keeps no other from being told, and what was not told is counted.
async fn the_other_channel_is_told(webhook: &mut Webhook, receiver: &Receiver, namespace: &str) {
    webhook.judge(&review(&denied(namespace, "web"))).await;
    let own = async || Ok(receiver.paths().contains(&"/own".to_owned()).then_some(()));
    magtape_testing::poll::until("the other channel", super::receiver::SOON, own).await.unwrap();
    let line = end_of(webhook, "slack").await;
    let count = |name: &str| line[name].as_u64().unwrap();
    let lost = count("failed") + count("dropped");
    assert_eq!((count("sent"), lost > (FIRST + REQUESTS) as u64), (0, true), "{line}");
    assert_eq!(webhook.lines("ended before all notifications were delivered").len(), 1);
}

#[tokio::test]
async fn what_waits_is_delivered_at_the_end() {
    let receiver = Receiver::start().await;
    receiver.answers(DEFAULT_PATH, [Answer::Busy(3600), Answer::Busy(3600), Answer::Ok]);
    let settings = slack(&receiver);
    let settings = given(&settings, &[(DEFAULT, DEFAULT_URL)]);
    let mut webhook = Webhook::start_with(&[], |command| {
        alone(command);
        command.envs(settings);
    })
    .await;
    for name in ["one", "two"] {
        webhook.judge(&review(&denied("demo", name))).await;
    }
    receiver.until(2).await;
    let line = end_of(&mut webhook, "slack").await;
    assert_eq!(
        (&line["sent"], &line["retried"], &line["dropped"]),
        (&2.into(), &2.into(), &0.into()),
        "{line}"
    );
    assert_eq!(receiver.sent().len(), 4);
}
