//! An install with MagTape's names and objects in a real API server, and ours applied over it: what its users set, wrote and
//! read is there afterwards.

use std::{fs, path::PathBuf};

use magtape_testing::cluster::Cluster;
use serde_json::{Value, json};

use super::{install::Install, slack_folder};
use crate::{
    certificates::place::until,
    metrics::page::Page,
    notify::receiver::{Receiver, Sent},
    serve::webhook::Webhook,
};

/// What the administrator's channel and that of the namespace are called.
const DEFAULT_URL: &str = "https://hooks.slack.com/services/T0/B0/defaultsecret";
const OWN_URL: &str = "https://hooks.slack.com/services/T1/B1/ownsecret";

/// A policy of a user, in its words.
const HOST_PATH: &str = "[FAIL] MED - hostPath is configured for volume \"node\" (MT1010)";
const NO_TEAM: &str = "[FAIL] LOW - Label team is missing (ORG1001)";

/// A policy that came with MagTape, and comes with ours.
const SINGLETON: &str = "[FAIL] LOW - \"web\" is a singleton pod. (MT1007)";

/// An install of MagTape 2.4 whose users have set something.
struct Before<'c> {
    install: Install<'c>,
    cluster: &'c Cluster,
    receiver: Receiver,
}

impl<'c> Before<'c> {
    async fn new(cluster: &'c Cluster) -> Self {
        let before = Self { install: Install::new(cluster), cluster, receiver: Receiver::start().await };
        for namespace in ["magtape-system", "shop"] {
            before.install.kubectl(&["create", "--save-config", "namespace", namespace]);
        }
        before.install.kubectl(&["label", "namespace", "magtape-system", "app=magtape"]);
        before.install.kubectl(&["label", "namespace", "shop", "k8s.t-mobile.com/magtape=enabled"]);
        before.install.kubectl(&["apply", "-f", "testing/installs/magtape"]);
        before.set_and_register();
        before
    }

    /// What its users have set, and what its init container has made.
    fn set_and_register(&self) {
        let settings = json!({"data": {
            "MAGTAPE_DENY_LEVEL": "MED", "MAGTAPE_CLUSTER_NAME": "our-cluster", "MAGTAPE_SLACK_ENABLED": "TRUE",
            "MAGTAPE_SLACK_WEBHOOK_URL_DEFAULT": DEFAULT_URL, "SLACK_WEBHOOK_URL_BASE": self.receiver.host()}});
        let patch = settings.to_string();
        self.install.kubectl(&[
            "patch",
            "configmap",
            "magtape-env",
            "-n",
            "magtape-system",
            "--type=merge",
            "-p",
            &patch,
        ]);
        let secret = format!("--from-literal=webhook-url={OWN_URL}");
        self.install.kubectl(&["create", "secret", "generic", "magtape-slack", "-n", "shop", &secret]);
        let mut registered: Value = magtape::yaml::parse(&self.install.template()).unwrap();
        // No Pod runs here, and nobody is behind a Service; so the webhook is reached by an address, and this one is nobody's.
        registered["webhooks"][0]["clientConfig"] = json!({"url": "https://localhost:1/"});
        registered["webhooks"][0]["failurePolicy"] = "Ignore".into();
        let file = self.file("registered.json", &registered.to_string());
        self.install.kubectl(&["create", "--field-manager=OpenAPI-Generator", "-f", &file]);
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.cluster.folder().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn env(&self) -> Value {
        let env =
            self.install.kubectl(&["get", "configmap", "magtape-env", "-n", "magtape-system", "-o", "json"]);
        serde_json::from_str::<Value>(&env).unwrap()["data"].clone()
    }

    /// A replica of ours, to which the receiver is Slack.
    async fn replica(&self) -> (Webhook, u16) {
        let ca = self.receiver.ca();
        let more = [
            ("MAGTAPE_SLACK_NETWORKS", "127.0.0.0/8"),
            ("MAGTAPE_SLACK_CA", ca.to_str().unwrap()),
            ("MAGTAPE_ADMIN_LISTEN", "127.0.0.1:0"),
        ];
        self.install.reachable_replica_with(&more).await
    }
}

/// With a volume of the node, without a team, and otherwise in order.
fn pod() -> Value {
    let probe = json!({"httpGet": {"path": "/", "port": 8080}});
    let resources = json!({"cpu": "1", "memory": "1Gi"});
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {
        "volumes": [{"name": "node", "hostPath": {"path": "/var/log"}}],
        "containers": [{"name": "web", "image": "registry.example.com/web:1", "livenessProbe": probe,
            "readinessProbe": probe, "resources": {"limits": resources, "requests": resources}}]}})
}

#[tokio::test]
async fn ours_applied_over_magtape_goes_on_with_its_settings_policies_and_alerts() {
    let cluster = Cluster::start().await.unwrap();
    let before = Before::new(&cluster).await;
    let install = &before.install;
    let set = before.env();
    assert_eq!(install.can_i("list", "secrets"), "yes", "MagTape may read all Secrets");

    let applied = install.kubectl(&["apply", "-f", "deploy/install.yaml"]);
    assert!(!applied.contains("Warning"), "{applied}");
    let with_slack = slack_folder();
    install.kubectl(&["apply", "-k", with_slack.path().to_str().unwrap()]);
    assert_eq!(before.env(), set, "what was set is not touched");
    let deployment = install.kubectl(&["get", "deployment", "magtape", "-n", "magtape-system", "-o", "json"]);
    let pod_of: Value = serde_json::from_str(&deployment).unwrap();
    let pod_of = &pod_of["spec"]["template"]["spec"];
    assert_eq!(pod_of["containers"].as_array().unwrap().len(), 1, "of four containers one is left");
    assert_eq!(pod_of["initContainers"], Value::Null);
    assert_eq!(install.can_i("list", "secrets"), "no", "rights that nobody needs are gone");

    let (replica, _port) = before.replica().await;
    install.until_ready(&replica).await;
    until("the API server to ask ours", || async { install.try_create(&pod()).await.status == 403 }).await;
    let message = install.try_create(&pod()).await.message().to_owned();
    assert!(
        message.ends_with(&format!("denied the request: {SINGLETON}, {NO_TEAM}, {HOST_PATH}")),
        "{message}"
    );
    install.has_status("policy-team-label", "ok").await;
    install.has_status("policy-odd-severity", "error").await;
    assert_eq!(replica.lines_that_have("OPA_BASE_URL"), 1, "what means nothing any more is named");

    assert_eq!(install.create(&pod()).await.status, 403);
    told(&before.receiver.until(2).await);
    let events = async || install.kubectl(&["get", "events.events.k8s.io", "-n", "shop", "-o", "json"]);
    until("the Event", || async { events().await.contains("MagTapePolicyFailure") }).await;
    counted(&replica).await;
    let leak = ["defaultsecret", "ownsecret"].map(|secret| replica.lines_that_have(secret));
    assert_eq!(leak, [0, 0]);
}

/// Both channels hear of the denial.
fn told(sent: &[Sent]) {
    let mut paths: Vec<&str> = sent.iter().map(|sent| sent.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/services/T0/B0/defaultsecret", "/services/T1/B1/ownsecret"]);
    for Sent { body, .. } in sent {
        let alert = &body["attachments"][0];
        assert_eq!(body["username"], "mtbot");
        assert_eq!(
            alert["fallback"],
            "MagTape detected failures for Pod \"web\" in namespace \"shop\" on cluster \"our-cluster\""
        );
        assert_eq!(
            alert["fields"][2],
            json!({"title": "MagTape Deny Level", "value": "MED", "short": "true"})
        );
        assert_eq!(alert["text"], format!("{SINGLETON}\n {NO_TEAM}\n {HOST_PATH}"));
    }
}

/// In the series that MagTape's dashboards read.
async fn counted(replica: &Webhook) {
    let denied = |page: &Page| {
        page.value("magtape_requests_total", &[("count_type", "denied"), ("ns", "shop")]) >= 1.0
            && page.value("magtape_policy_total", &[("count_type", "fail"), ("policy", "policy-host-path")])
                >= 1.0
    };
    Page::of_operator(replica, denied).await;
}
