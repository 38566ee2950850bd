//! What a real API server does not do on demand: it refuses, forgets, breaks off, stammers, and is slow.
//!
//! A mock plays it. Whatever it does, the webhook judges by what it has, says what is wrong, and goes on when the
//! answers are good again.

use std::time::Duration;

use magtape_testing::{
    mock::{Answer, Mock},
    poll,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    config_maps::{pod, policy},
    serve::webhook::Webhook,
};

/// Four failures one after another are waited for, each twice as long as the one before.
const GOES_ON: Duration = Duration::from_secs(60);

const POLICIES: &str = "/api/v1/namespaces/faults/configmaps?labelSelector=openpolicyagent.org/policy";
const DATA: &str = "/api/v1/namespaces/faults/configmaps?labelSelector=openpolicyagent.org/data%3Dopa";

const EXEMPTIONS: &str = "/api/v1/namespaces/faults/configmaps?labelSelector=magtape.io/exemption";
const NAMESPACES: &str = "/api/v1/namespaces?";

/// What the log says of each fault, once.
const FAULT: &str = "the cluster's objects cannot be followed";

/// What no policy may ever say.
const HALF: &str = "This did not come as a whole";

/// A webhook whose API server is a mock.
struct Stage {
    webhook: Webhook,
    mock: Mock,
    _folder: TempDir,
}

/// A ConfigMap with a policy that says this of Pods.
fn config_map(text: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"team.rego": policy(text)}, "metadata": {
        "name": "policy-team", "namespace": "faults", "resourceVersion": "11",
        "labels": {"openpolicyagent.org/policy": "rego"}}})
}

fn list(text: &str) -> Answer {
    Answer::list(&[config_map(text)], None)
}

fn denied(text: &str) -> String {
    format!("[FAIL] HIGH - {text} (ORG1)")
}

fn forbidden(verb: &str) -> String {
    format!(
        "configmaps is forbidden: User \"system:serviceaccount:faults:magtape\" cannot {verb} resource \"configmaps\" \
         in API group \"\" in the namespace \"faults\""
    )
}

// === impl Stage ===

impl Stage {
    async fn new(lists: impl IntoIterator<Item = Answer>, watches: impl IntoIterator<Item = Answer>) -> Self {
        let (mock, folder) = (Mock::start().await.unwrap(), TempDir::new().unwrap());
        for other in [DATA, EXEMPTIONS, NAMESPACES] {
            mock.answers("GET", other, [Answer::list(&[], None)]);
            mock.answers("GET", &format!("{other}&watch=true"), [Answer::watch(&[])]);
        }
        play(&mock, lists, watches);
        let kubeconfig = mock.kubeconfig(folder.path()).unwrap();
        let webhook = Webhook::start_with(&["--policies-from", "cluster"], |command| {
            command.env("KUBECONFIG", kubeconfig).env("MAGTAPE_NAMESPACE_NAME", "faults");
        });
        Self { webhook: webhook.await, mock, _folder: folder }
    }

    /// Ends the watch, and has other answers from now on.
    fn goes_on(&self, lists: impl IntoIterator<Item = Answer>, watches: impl IntoIterator<Item = Answer>) {
        play(&self.mock, lists, watches);
    }

    async fn message(&self) -> String {
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
            "uid": "u", "operation": "CREATE", "namespace": "demo", "object": pod(),
            "kind": {"group": "", "version": "v1", "kind": "Pod"}}});
        let answer = self.webhook.judge(&review).await;
        answer["response"]["status"]["message"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the policy that says this is in force.
    async fn says(&self, text: &str) {
        let mut last = String::new();
        let asked = async || {
            last = self.message().await;
            assert_ne!(last, denied(HALF), "half a change is in force");
            Ok((last == denied(text)).then_some(()))
        };
        let waited = poll::until("the policy to be in force", GOES_ON, asked).await;
        waited
            .unwrap_or_else(|error| panic!("{error}: {last:?}; the mock was asked {:#?}", self.mock.asked()));
    }

    /// Waits until the log names such a fault.
    async fn complains(&self, reason: &str) {
        let mut last = Vec::new();
        let looked = async || {
            last = self.webhook.lines(FAULT);
            let is = |line: &Value| line["message"].as_str().is_some_and(|message| message.contains(reason));
            Ok(last.iter().any(is).then_some(()))
        };
        let waited = poll::until("a line of the log", GOES_ON, looked).await;
        waited.unwrap_or_else(|error| panic!("{error}, {reason:?}: {last:#?}"));
    }

    async fn is_ready(&self) -> bool {
        let answer = self.webhook.client.get(self.webhook.url("/readyz")).send().await.unwrap();
        answer.status() == StatusCode::OK
    }
}

fn play(mock: &Mock, lists: impl IntoIterator<Item = Answer>, watches: impl IntoIterator<Item = Answer>) {
    mock.answers("GET", POLICIES, lists);
    // Last, because it ends the watch that is open.
    mock.answers("GET", &format!("{POLICIES}&watch=true"), watches);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_refused_is_named_once_and_asked_for_less_and_less() {
    let refused = || Answer::refusal(403, &forbidden("list"));
    let lists = [refused(), refused(), refused(), list("There is no team")];
    let stage = Stage::new(lists, [Answer::watch(&[])]).await;
    stage.complains(&forbidden("list")).await;
    assert!(!stage.is_ready().await, "it does not know yet by what to judge");
    stage.says("There is no team").await;
    assert!(stage.is_ready().await);
    let lines = stage.webhook.lines(FAULT);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert_eq!(lines[0]["kind"], "configmaps");

    let asked = stage.mock.asked();
    let of_policies =
        |line: &str| line.contains("%2Fpolicy") && !line.contains("watch=") && line.starts_with("GET");
    let times: Vec<_> = asked.iter().filter(|asked| of_policies(&asked.line)).map(|asked| asked.at).collect();
    let gaps: Vec<Duration> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(gaps.len(), 3, "{asked:#?}");
    assert!(gaps[0] < gaps[1] && gaps[1] < gaps[2], "{gaps:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_force_stays_while_nothing_is_answered_as_it_should_be() {
    let stage = Stage::new([list("First")], [Answer::refusal(403, &forbidden("watch"))]).await;
    stage.says("First").await;
    stage.complains(&forbidden("watch")).await;
    stage.goes_on([Answer::refusal(500, "etcd has no leader")], [Answer::watch(&[])]);
    stage.complains("etcd has no leader").await;
    assert_eq!(stage.message().await, denied("First"));
    assert!(stage.is_ready().await);
    stage.goes_on([list("Second")], [Answer::watch(&[])]);
    stage.says("Second").await;
    stage.webhook.logged("the cluster's objects are followed again").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_has_expired_is_usual_and_a_list_away() {
    let stage = Stage::new([list("First")], [Answer::watch(&[])]).await;
    stage.says("First").await;
    let expired = "too old resource version: 10 (20)";
    stage.goes_on([list("Second")], [Answer::broken_watch(410, expired), Answer::watch(&[])]);
    stage.says("Second").await;
    stage.goes_on([list("Third")], [Answer::refusal(410, expired), Answer::watch(&[])]);
    stage.says("Third").await;
    assert_eq!(stage.webhook.lines(FAULT), Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_change_is_none_and_garbage_is_none() {
    let stage = Stage::new([list("First")], [Answer::watch(&[])]).await;
    stage.says("First").await;
    let half = Answer::watch(&[("MODIFIED", config_map(HALF))]).cut_after(200);
    stage.goes_on([list("Second")], [half, Answer::watch(&[("MODIFIED", config_map("Third"))])]);
    stage.says("Third").await;
    let garbage = Answer::text(200, "{\"type\": \"MODIFIED\", \"object\": [1, 2\n<html>\n");
    stage.goes_on([list("Fourth")], [garbage, Answer::watch(&[])]);
    stage.says("Fourth").await;
    stage.complains("watch").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_fail_expire_or_are_slow_and_large_are_read_in_the_end() {
    let mut large = config_map("");
    large["metadata"]["name"] = json!("large");
    large["data"]["team.rego"] = json!(format!("package large\n\nx {{ {}", "y ".repeat(2_500_000)));
    let page = || Answer::list(&[large.clone()], Some("next"));
    let slow = page().slowly(500_000, Duration::from_millis(50));
    let lists = [Answer::text(200, "<html>"), page(), slow];
    let stage = Stage::new([Answer::refusal(500, "not yet")], [Answer::watch(&[])]).await;
    let rest = [Answer::refusal(410, "the continue token is too old"), list("There is no team")];
    stage.mock.answers("GET", &format!("{POLICIES}&continue=next"), rest);
    stage.goes_on(lists, [Answer::watch(&[])]);
    stage.says("There is no team").await;
    let broken = stage.webhook.logged("a policy is not in force").await;
    assert_eq!(broken["name"], "large", "{broken}");
    for reason in ["not yet", "expected value", "the continue token is too old"] {
        stage.complains(reason).await;
    }
}
