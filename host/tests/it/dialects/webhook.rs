//! The same policies behind the webhook.

use std::{fs, path::Path, process::Command, time::Duration};

use magtape_testing::daemon::Daemon;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{constraints::variant, examples::example, judge};

/// Policies that were compiled before take a moment; those that were not, and the compiler itself, some seconds more.
const STARTED: Duration = Duration::from_secs(120);

/// A running `magtape serve`.
struct Webhook {
    _process: Daemon,
    _folder: TempDir,
    client: reqwest::Client,
    url: String,
}

// === impl Webhook ===

impl Webhook {
    async fn start(policies: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(judge::program());
        command
            .args(["serve", "--self-signed", "--listen", "127.0.0.1:0", "--policies"])
            .arg(policies)
            .current_dir(judge::root())
            // Where it leaves its certificate, which goes with the folder.
            .env("TMPDIR", folder.path())
            .env_remove("MAGTAPE_LOG_LEVEL")
            .env_remove("MAGTAPE_LOG_FORMAT")
            .env("MAGTAPE_DENY_LEVEL", "HIGH");
        let mut process = Daemon::start("magtape", &mut command, &folder.path().join("log")).unwrap();
        let listening = async |process: &Daemon| Ok(said(&process.log()?, "listening on https://"));
        let address = process.until("the webhook to listen", STARTED, listening).await.unwrap();
        let ca = said(&process.log().unwrap(), "its CA is in ").unwrap();
        let port = address.rsplit(':').next().unwrap();
        let url = format!("https://localhost:{port}/");
        Self { client: client(Path::new(&ca)), url, _process: process, _folder: folder }
    }

    /// The response to a request to create the object.
    async fn judge(&self, path: &str) -> Value {
        let object = magtape::yaml::parse(&fs::read_to_string(judge::root().join(path)).unwrap()).unwrap();
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
            "uid": "u", "operation": "CREATE", "namespace": object["metadata"]["namespace"],
            "name": object["metadata"]["name"], "object": object,
            "kind": {"group": "", "version": "v1", "kind": object["kind"]}}});
        let answer = self.client.post(&self.url).json(&review).send().await.unwrap();
        let mut answer: Value = answer.json().await.unwrap();
        answer["response"].take()
    }
}

/// What the log has after a text, to the end of the message.
fn said(log: &str, before: &str) -> Option<String> {
    let messages = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut after =
        messages.filter_map(|line| Some(line["message"].as_str()?.split_once(before)?.1.to_owned()));
    after.next()
}

fn client(ca: &Path) -> reqwest::Client {
    // Another test may have installed it first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ca = reqwest::Certificate::from_pem(&fs::read(ca).unwrap()).unwrap();
    reqwest::Client::builder().tls_certs_only([ca]).no_proxy().build().unwrap()
}

const CACHE: &str =
    "[own-registry] container <cache> has an image <redis:7> from elsewhere than [\"registry.example.com/\"]";
const SETUP: &str = "[own-registry] init container <setup> has an image <busybox> from elsewhere than [\"registry.example.com/\"]";

#[tokio::test]
async fn a_constraint_denies_warns_or_is_silent() {
    let audit = json!({"violated": "K8sAllowedRepos", "deny-level": "HIGH"});
    let denied = json!({"uid": "u", "allowed": false, "warnings": [CACHE, SETUP], "auditAnnotations": audit,
        "status": {"message": format!("{CACHE}, {SETUP}"), "reason": "Forbidden", "code": 403}});
    let warned = json!({"uid": "u", "allowed": true, "warnings": [CACHE, SETUP], "auditAnnotations": audit});
    let silent = json!({"uid": "u", "allowed": true, "auditAnnotations": audit});
    for (action, expected) in [("deny", denied), ("warn", warned), ("dryrun", silent)] {
        let policies = variant(&json!({"enforcementAction": action}));
        let webhook = Webhook::start(policies.path()).await;
        let object = |name: &str| example(&format!("gatekeeper/allowed-repos/objects/{name}.yaml"));
        assert_eq!(webhook.judge(&object("pod-denied")).await, expected, "{action}");
        let other = webhook.judge(&object("pod-other-namespace-allowed")).await;
        assert_eq!(other, json!({"uid": "u", "allowed": true}), "{action}");
    }
}

#[tokio::test]
async fn a_directory_of_rego_is_served() {
    let webhook = Webhook::start(example("opa").as_ref()).await;
    let response = webhook.judge(&example("opa/objects/pod-both-denied.yaml")).await;
    // The second reads the Pods in the directory's data.json.
    let message =
        "image nginx is not from registry.example.com, pod name \"ledger\" is taken in namespace \"bank\"";
    assert_eq!((&response["allowed"], &response["status"]["message"]), (&json!(false), &json!(message)));
    assert_eq!(webhook.judge(&example("opa/objects/pod-allowed.yaml")).await["allowed"], true);
}
