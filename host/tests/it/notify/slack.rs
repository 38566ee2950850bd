//! Slack: what is posted, where, and where not.

use serde_json::{Value, json};

use super::{
    receiver::{Answer, Receiver, Sent},
    stage::{
        self, DEFAULT_PATH, DEFAULT_URL, DENIED, Stage, WARNED, alone, clean, denied, given, review, slack,
        warned,
    },
};
use crate::serve::webhook::Webhook;

const DEFAULT: &str = "MAGTAPE_SLACK_WEBHOOK_URL_DEFAULT";
const OWN_URL: &str = "https://hooks.slack.com/services/T1/B1/ownsecret";
const OWN_PATH: &str = "/services/T1/B1/ownsecret";

/// The body, as MagTape 2.4 has it.
fn payload(namespace: &str, name: &str, allowed: bool, customer_alert: &str) -> Value {
    let (color, pretext, text) = match allowed {
        false => ("danger", "MagTape | Policy Denial Detected", DENIED),
        true => ("warning", "MagTape | Policy Failures Detected", WARNED),
    };
    let fallback = format!(
        "MagTape detected failures for Deployment \"{name}\" in namespace \"{namespace}\" on cluster \"test-cluster\""
    );
    json!({"username": "mtbot", "icon_emoji": ":magtape:", "attachments": [{
    "fallback": fallback, "color": color, "pretext": pretext, "text": text.replace(',', "\n"),
    "fields": [
        {"title": "Cluster", "value": "test-cluster", "short": "true"},
        {"title": "Namespace", "value": namespace, "short": "true"},
        {"title": "MagTape Deny Level", "value": "LOW", "short": "true"},
        {"title": "Workload", "value": format!("deployment/{name}"), "short": "false"},
        {"title": "User", "value": "jane@example.com", "short": "false"},
        {"title": "Customer Alert", "value": customer_alert, "short": "true"},
    ]}]})
}

/// What was sent, by path and by what it is about.
fn sorted(sent: Vec<Sent>) -> Vec<(String, Value)> {
    let mut sent: Vec<_> = sent.into_iter().map(|sent| (sent.path, sent.body)).collect();
    sent.sort_by_key(|(path, body)| (path.clone(), body.to_string()));
    sent
}

/// One webhook of the matrix: what it is to send of a denied, an allowed and a clean object in namespaces with a channel,
/// without one, and with a blank one.
async fn matrix(stage: &Stage, enabled: bool, passive: bool, default: bool, namespaces: &[(String, bool)]) {
    let receiver = Receiver::start().await;
    let settings = slack(&receiver);
    let text = |on: bool| if on { "TRUE" } else { "FALSE" };
    let mut settings = given(&settings, &[("MAGTAPE_SLACK_PASSIVE", text(passive))]);
    settings.push(("MAGTAPE_SLACK_ENABLED", text(enabled)));
    settings.push((DEFAULT, if default { DEFAULT_URL } else { "" }));
    let mut webhook = stage.webhook(&settings).await;
    let mut expected = Vec::new();
    for (namespace, own) in namespaces {
        for (object, allowed, told) in [
            (denied(namespace, "denied"), false, enabled),
            (warned(namespace, "warned"), true, enabled && passive),
            (clean(namespace, "clean"), true, false),
        ] {
            let answer = webhook.judge(&review(&object)).await;
            assert_eq!(answer["response"]["allowed"], allowed);
            let name = object["metadata"]["name"].as_str().unwrap();
            let body = payload(namespace, name, allowed, if *own { "True" } else { "False" });
            let targets = [(default, DEFAULT_PATH), (*own, OWN_PATH)];
            let targets = targets.into_iter().filter(|(there, _)| *there && told);
            expected.extend(targets.map(|(_, path)| (path.to_owned(), body.clone())));
        }
    }
    stage::end(&mut webhook).await;
    expected.sort_by_key(|(path, body): &(String, Value)| (path.clone(), body.to_string()));
    let sent = sorted(receiver.sent());
    assert_eq!(sent, expected, "enabled {enabled}, passive {passive}, default {default}");
    for secret in ["defaultsecret", "ownsecret"] {
        assert_eq!(webhook.lines_that_have(secret), 0, "{secret} is in the log");
    }
}

#[tokio::test]
async fn the_whole_matrix_is_as_it_was() {
    let stage = Stage::new("matrix").await;
    let namespaces = [
        (stage.namespace("own", Some(OWN_URL)).await, true),
        (stage.namespace("none", None).await, false),
        (stage.namespace("blank", Some(" ")).await, false),
    ];
    let all = (0..8).map(|bits: u8| matrix(&stage, bits & 1 > 0, bits & 2 > 0, bits & 4 > 0, &namespaces));
    futures_util::future::join_all(all).await;
}

#[tokio::test]
async fn nothing_comes_of_a_dry_run_or_of_what_a_controller_makes_and_the_same_is_told_once() {
    let receiver = Receiver::start().await;
    let settings = slack(&receiver);
    let settings = given(&settings, &[(DEFAULT, DEFAULT_URL), ("MAGTAPE_NOTIFICATION_WINDOW", "2s")]);
    let mut webhook = Webhook::start_with(&[], |command| {
        alone(command);
        command.envs(settings);
    })
    .await;
    let mut dry = review(&denied("demo", "dry"));
    dry["request"]["dryRun"] = true.into();
    let mut made = review(&denied("demo", "made"));
    made["request"]["userInfo"]["username"] =
        "system:serviceaccount:kube-system:replicaset-controller".into();
    made["request"]["object"]["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "x", "uid": "y", "controller": true}]);
    let mut forged = made.clone();
    forged["request"]["userInfo"]["username"] = "jane@example.com".into();
    forged["request"]["name"] = "forged".into();
    for request in [&dry, &made, &forged] {
        assert_eq!(webhook.judge(request).await["response"]["allowed"], false, "all are judged");
    }
    for _ in 0..5 {
        webhook.judge(&review(&denied("demo", "again"))).await;
    }
    let sent = sorted(receiver.until(2).await);
    assert_eq!(sent[0].1, payload("demo", "again", false, "False"));
    assert_eq!(sent[1].1, payload("demo", "forged", false, "False"));
    // The next one that is told after the window says how many were not.
    let told = async || {
        webhook.judge(&review(&denied("demo", "again"))).await;
        Ok((receiver.sent().len() > 2).then_some(()))
    };
    magtape_testing::poll::until("another message", super::receiver::SOON, told).await.unwrap();
    let fields = receiver.sent()[2].body["attachments"][0]["fields"].clone();
    assert_eq!(fields[6]["title"], "Repeated");
    assert!(fields[6]["value"].as_str().unwrap().parse::<u32>().unwrap() >= 4, "{fields}");
    stage::end(&mut webhook).await;
    let unneeded = webhook.lines("notifications that were not needed").remove(0);
    assert_eq!(
        (&unneeded["owned"], unneeded["repeated"].as_u64() >= Some(4)),
        (&json!(1), true),
        "{unneeded}"
    );
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_nothing_leads_elsewhere() {
    let receiver = Receiver::start().await;
    let elsewhere = Receiver::start().await;
    let settings = slack(&receiver);
    let file = receiver.file("url", "");
    let settings = given(&settings, &[("MAGTAPE_SLACK_WEBHOOK_URL_DEFAULT_FILE", file.to_str().unwrap())]);
    let webhook = Webhook::start_with(&[], |command| {
        alone(command);
        command.env("MAGTAPE_LOG_LEVEL", "DEBUG").envs(settings);
    })
    .await;
    let to = |name: &str, answers: Vec<Answer>| {
        receiver.answers(&format!("/{name}"), answers);
        receiver.file("url", &format!("https://hooks.slack.com/{name}\n"));
    };
    let count = |name: &str| receiver.paths().iter().filter(|path| *path == &format!("/{name}")).count();
    let until = async |name: &'static str, expected: usize| {
        let there = async || Ok((count(name) >= expected).then_some(()));
        magtape_testing::poll::until(name, super::receiver::SOON, there).await.unwrap();
    };
    to("busy", vec![Answer::Busy(1), Answer::Status(500), Answer::Ok]);
    webhook.judge(&review(&denied("demo", "busy"))).await;
    until("busy", 3).await;
    let redirect = Answer::Redirect(format!("https://{}/elsewhere", elsewhere.host()));
    for (name, answer, cause) in [
        ("gone", Answer::Status(404), "the receiver answered 404"),
        ("redirected", redirect, "the receiver answered 307"),
    ] {
        to(name, vec![answer]);
        webhook.judge(&review(&denied("demo", name))).await;
        until(name, 1).await;
        webhook.logged(&format!("a notification was not delivered: {cause}")).await;
    }
    to("endless", vec![Answer::Endless]);
    webhook.judge(&review(&denied("demo", "endless"))).await;
    until("endless", 1).await;
    to("after", vec![Answer::Ok]);
    webhook.judge(&review(&denied("demo", "after"))).await;
    until("after", 1).await;
    for (name, expected) in [("busy", 3), ("gone", 1), ("redirected", 1), ("endless", 1), ("after", 1)] {
        assert_eq!(count(name), expected, "{name}");
    }
    assert!(elsewhere.sent().is_empty());
    assert!(receiver.endless_bytes() < 64 * 1024 * 1024, "{}", receiver.endless_bytes());
    assert_eq!(webhook.lines_that_have("hooks.slack.com") + webhook.lines_that_have("/busy"), 0);
}

#[tokio::test]
async fn addresses_that_are_not_public_are_not_reached_unless_they_are_allowed() {
    let receiver = Receiver::start().await;
    let port = receiver.address.port();
    for (base, networks) in [
        (format!("localhost:{port}"), "10.0.0.0/8"),
        (format!("127.0.0.1:{port}"), "10.0.0.0/8,::1"),
        (format!("[::ffff:127.0.0.1]:{port}"), "fd00::/8"),
        (format!("2130706433:{port}"), "10.0.0.0/8"),
    ] {
        let mut settings = slack(&receiver);
        settings.retain(|(name, _)| *name != "MAGTAPE_SLACK_WEBHOOK_URL_BASE");
        let more =
            [(DEFAULT, DEFAULT_URL), ("MAGTAPE_SLACK_NETWORKS", networks), ("SLACK_WEBHOOK_URL_BASE", &base)];
        let settings = given(&settings, &more);
        let webhook = Webhook::start_with(&[], |command| {
            alone(command);
            command.envs(settings);
        })
        .await;
        webhook.judge(&review(&denied("demo", "web"))).await;
        let cause = "its address is neither public nor in a network that was allowed";
        webhook.logged(&format!("a notification was not delivered: {cause}")).await;
        assert!(receiver.sent().is_empty(), "{base}");
    }
}

#[tokio::test]
async fn a_namespace_cannot_choose_any_host() {
    let stage = Stage::new("hosts").await;
    let receiver = Receiver::start().await;
    let evil = stage.namespace("evil", Some("https://localhost:1/magtape-evil-path")).await;
    let own = stage.namespace("own", Some(&format!("https://{}/own", receiver.host()))).await;
    let mut settings = slack(&receiver);
    settings.retain(|(name, _)| *name != "MAGTAPE_SLACK_WEBHOOK_URL_BASE");
    let default = format!("https://{}/default", receiver.host());
    let hosts = receiver.host();
    let settings = given(&settings, &[(DEFAULT, default.as_str()), ("MAGTAPE_SLACK_HOSTS", hosts.as_str())]);
    let mut webhook = stage.webhook(&settings).await;
    webhook.judge(&review(&denied(&evil, "web"))).await;
    webhook.judge(&review(&denied(&own, "web"))).await;
    webhook.logged("a notification was not delivered: the URL in the Secret magtape-slack is not used").await;
    stage::end(&mut webhook).await;
    assert_eq!(receiver.paths(), ["/default", "/default", "/own"]);
    for sent in receiver.sent() {
        let (namespace, alert) = if sent.path == "/own" || sent.body.to_string().contains(&own) {
            (&own, "True")
        } else {
            (&evil, "False")
        };
        assert_eq!(sent.body, payload(namespace, "web", false, alert));
    }
    assert_eq!(webhook.lines_that_have("magtape-evil-path") + webhook.lines_that_have("localhost:1/"), 0);
}
