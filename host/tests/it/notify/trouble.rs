//! Receivers that are away: nobody waits for them, and nothing grows.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    receiver::{Answer, Receiver},
    stage::{self, DEFAULT_PATH, DEFAULT_URL, Stage, alone, denied, given, review, slack},
};
use crate::serve::webhook::Webhook;

const DEFAULT: &str = "MAGTAPE_SLACK_WEBHOOK_URL_DEFAULT";

/// More than wait for a receiver.
const REQUESTS: usize = 1000;

/// How long answers took, and what the webhook has in memory then.
#[derive(Debug)]
struct Measured {
    median: Duration,
    p99: Duration,
    resident_bytes: usize,
}

/// Denies so many different objects, four at a time.
async fn measure(webhook: &Webhook, namespace: &str) -> Measured {
    let one_of = |first: usize| async move {
        let mut times = Vec::new();
        for number in (first..REQUESTS).step_by(4) {
            let review = review(&denied(namespace, &format!("web-{number}")));
            let start = Instant::now();
            assert_eq!(webhook.judge(&review).await["response"]["allowed"], false);
            times.push(start.elapsed());
        }
        times
    };
    let mut times = futures_util::future::join_all((0..4).map(one_of)).await.concat();
    times.sort();
    let pages = fs::read_to_string(format!("/proc/{}/statm", webhook.id())).unwrap();
    let pages: usize = pages.split(' ').nth(1).unwrap().parse().unwrap();
    Measured {
        median: times[times.len() / 2],
        p99: times[times.len() * 99 / 100],
        resident_bytes: pages * 4096,
    }
}

async fn end_of(webhook: &mut Webhook, sink: &str) -> Value {
    stage::end(webhook).await;
    webhook.lines("notifications").into_iter().find(|line| line["sink"] == sink).unwrap()
}

#[tokio::test]
async fn a_receiver_that_hangs_costs_answers_nothing_and_memory_next_to_nothing() {
    let stage = Stage::new("trouble").await;
    let own = stage.namespace("own", Some("https://hooks.slack.com/own")).await;
    let quiet = stage.webhook(&[]).await;
    let without = measure(&quiet, "nowhere").await;
    drop(quiet);
    let mut measured = Vec::new();
    for answer in [Answer::Ok, Answer::Hang] {
        let receiver = Receiver::start().await;
        receiver.answers(DEFAULT_PATH, [answer.clone()]);
        let settings = slack(&receiver);
        let mut webhook = stage.webhook(&given(&settings, &[(DEFAULT, DEFAULT_URL)])).await;
        measured.push(measure(&webhook, "nowhere").await);
        if matches!(answer, Answer::Hang) {
            webhook.judge(&review(&denied(&own, "web"))).await;
            let own = async || Ok(receiver.paths().contains(&"/own".to_owned()).then_some(()));
            magtape_testing::poll::until("the other channel", super::receiver::SOON, own).await.unwrap();
            let line = end_of(&mut webhook, "slack").await;
            let count = |name: &str| line[name].as_u64().unwrap();
            // What hangs is 256 in the queue and 4 on their way.
            assert_eq!((count("sent"), count("failed") + count("dropped") >= 1001 - 4), (0, true), "{line}");
            assert_eq!(webhook.lines("ended before all notifications were delivered").len(), 1);
        }
    }
    // How much longer the answers take depends on the machine, so it is shown and not judged.
    println!(
        "without Slack:         {without:?}\nSlack answers:         {:?}\nSlack does not answer: {:?}",
        measured[0], measured[1]
    );
    let more = measured[1].resident_bytes.saturating_sub(without.resident_bytes);
    assert!(more < 64 * 1024 * 1024, "{more} bytes more");
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
