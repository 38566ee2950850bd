//! What `GET /metrics` says, against a running webhook and against docs/metrics.md.

pub mod page;
mod prometheus;
mod shipped;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    config_maps::replica::{Home, Replica},
    serve::webhook::Webhook,
};
use page::Page;

/// A policy that a request takes over its limits, so that it fails.
const FAILING: &str = "policies:\n  policy-host-path:\n    inputDepth: 3\n";

fn review(name: &str, namespace: &str, container: Value) -> Value {
    let object = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "ownerReferences": []}, "spec": {"containers": [container]}});
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": name,
        "operation": "CREATE", "namespace": namespace, "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "object": object}})
}

fn clean() -> Value {
    json!({"name": "app", "livenessProbe": {}, "readinessProbe": {},
        "resources": {"limits": {"cpu": 1, "memory": 1}, "requests": {"cpu": 1, "memory": 1}}})
}

fn silent() -> Value {
    json!({"name": "app", "readinessProbe": {},
        "resources": {"limits": {"cpu": 1, "memory": 1}, "requests": {"cpu": 1, "memory": 1}}})
}

fn privileged() -> Value {
    let mut container = clean();
    container["securityContext"] = json!({"privileged": true});
    container
}

/// A pass, a warning, a denial, and an answer that is none, in the namespace `shop`.
pub async fn scenario(webhook: &Webhook) {
    for (name, container, allowed) in
        [("clean", clean(), true), ("silent", silent(), true), ("privileged", privileged(), false)]
    {
        let answer = webhook.judge(&review(name, "shop", container)).await;
        assert_eq!(answer["response"]["allowed"], allowed, "{answer}");
    }
    let nothing = webhook.client.get(webhook.url("/nothing")).send().await.unwrap();
    assert_eq!(nothing.status(), StatusCode::NOT_FOUND);
    let health = webhook.client.get(webhook.url("/healthz")).send().await.unwrap();
    assert_eq!(health.status(), StatusCode::OK);
}

/// A webhook with a policy that fails, but at the command line `ignore` makes that a warning.
async fn webhook(arguments: &[&str]) -> Webhook {
    let limits = tempfile::NamedTempFile::new().unwrap();
    fs::write(&limits, FAILING).unwrap();
    let path = limits.path().to_str().unwrap();
    Webhook::start(&[&["--limits", path, "--failure-policy", "ignore"], arguments].concat()).await
}

/// The series that docs/metrics.md lists, with type and labels, by heading.
fn documented() -> BTreeMap<String, BTreeMap<String, (String, BTreeSet<String>)>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/metrics.md");
    let (mut heading, mut found) = (String::new(), BTreeMap::<_, BTreeMap<_, _>>::new());
    for line in fs::read_to_string(path).unwrap().lines() {
        if let Some(text) = line.strip_prefix("## ") {
            text.clone_into(&mut heading);
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let ["", name, kind @ ("counter" | "gauge" | "histogram"), labels, _, ""] = cells[..] {
            let labels = labels.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            let name = name.trim_matches('`').to_owned();
            found.entry(heading.clone()).or_default().insert(name, (kind.to_owned(), labels));
        }
    }
    found
}

#[tokio::test]
async fn a_pass_a_warning_a_denial_and_a_failure_show() {
    let webhook = webhook(&[]).await;
    scenario(&webhook).await;
    let page =
        Page::once(&webhook, |page| page.value("magtape_decisions_total", &[("outcome", "denied")]) == 1.0);
    let page = page.await;
    let requests = |count_type: &str| {
        page.value(
            "magtape_requests_total",
            &[("count_type", count_type), ("ns", "shop"), ("alert_sent", "false")],
        )
    };
    assert_eq!((requests("total"), requests("allowed"), requests("denied")), (3.0, 2.0, 1.0));
    let policy = |policy: &str, count_type: &str| {
        page.value("magtape_policy_total", &[("policy", policy), ("count_type", count_type), ("ns", "shop")])
    };
    assert_eq!(
        (policy("policy-liveness-probe", "pass"), policy("policy-liveness-probe", "fail")),
        (2.0, 1.0)
    );
    assert_eq!(
        (policy("policy-privileged-pod", "total"), policy("policy-privileged-pod", "fail")),
        (3.0, 1.0)
    );
    let failed = [("policy", "policy-host-path"), ("cause", "input")];
    assert_eq!(page.value("magtape_policy_failures_total", &failed), 3.0);
    let took = [("policy", "policy-privileged-pod")];
    assert_eq!(page.value("magtape_policy_evaluation_duration_seconds_count", &took), 3.0);
    assert!(page.value("magtape_policy_memory_max_bytes", &took) >= 65_536.0);
    let answered = |status: &str| page.value("magtape_http_request_total", &[("status", status)]);
    assert_eq!((answered("200"), answered("404")), (4.0, 1.0), "nobody counts who reads the page");
    let path = |path: &str| page.value("magtape_http_request_duration_seconds_count", &[("path", path)]);
    assert_eq!((path("/"), path("/healthz"), path("other")), (3.0, 1.0, 1.0));
    assert_eq!(page.count("magtape_policy_info"), 12);
    assert_eq!((page.value("magtape_ready", &[]), page.value("magtape_queue_depth", &[])), (1.0, 0.0));
    let serving = page.value("magtape_certificate_expiry_timestamp_seconds", &[("certificate", "serving")]);
    assert!(serving > page.value("process_start_time_seconds", &[]), "{serving}");
}

#[tokio::test]
async fn every_series_is_documented_and_there() {
    let webhook = webhook(&[]).await;
    scenario(&webhook).await;
    let failed = |page: &Page| page.count("magtape_policy_failures_total") > 0;
    let page = Page::once(&webhook, failed).await;
    let mut documented = documented();
    for (elsewhere, one) in [("Cluster", "magtape_leader"), ("Notifications", "magtape_notifications_total")]
    {
        assert!(documented.remove(elsewhere).unwrap().contains_key(one), "{elsewhere}");
    }
    let documented: BTreeMap<_, _> = documented.into_values().flatten().collect();
    assert_eq!(page.families(), documented);
}

#[tokio::test]
async fn what_is_known_of_the_cluster_is_documented_and_there() {
    let home = Home::new("metrics").await;
    let good = "package kubernetes.admission.policy_nodes\n\
        policy_metadata = {\"name\": \"policy-nodes\", \"severity\": \"LOW\", \"errcode\": \"T1\", \"targets\": {\"Pod\"}}\n\
        matches { policy_metadata.targets[input.request.kind.kind] }\n\
        deny[info] { data.kubernetes.configmaps[_][name]; name == \"never\"; info := {} }\n";
    home.create(&home.config_map("good", "rego", "data", json!({"policy.rego": good}))).await;
    home.create(&home.config_map("broken", "rego", "data", json!({"policy.rego": "package x\nallow {"})))
        .await;
    let replica = Replica::start(&home, "one", &["--policies-from", "cluster"]).await;
    let config_maps = |page: &Page| {
        let state = |state: &str| page.value("magtape_policy_configmaps", &[("state", state)]);
        (state("ok"), state("error")) == (1.0, 1.0) && page.value("magtape_leader", &[]) == 1.0
    };
    let page = Page::once(&replica.0, config_maps).await;
    assert!(page.value("magtape_policy_load_duration_seconds_count", &[]) >= 1.0);
    assert_eq!(page.value("magtape_policy_load_success_timestamp_seconds", &[]), 0.0, "one is broken");
    let kind = [("kind", "v1/configmaps")];
    assert_eq!(page.value("magtape_replication_staleness_seconds", &kind), 0.0);
    assert!(page.value("magtape_replicated_objects", &kind) >= 2.0);
    // Of what it reads no part, so nothing is kept but braces.
    assert!(page.value("magtape_replicated_bytes", &kind) >= 4.0);
    let families = page.families();
    for (name, expected) in &documented()["Cluster"] {
        assert_eq!(families.get(name), Some(expected), "{name}");
    }
}

#[tokio::test]
async fn what_becomes_of_notifications_is_documented_and_there() {
    let home = Home::new("metrics-of-events").await;
    let replica = Replica::start(&home, "one", &["--events=TRUE"]).await;
    replica.0.judge(&review("privileged", home.name(), privileged())).await;
    let told = [("sink", "events"), ("outcome", "sent")];
    let page = Page::once(&replica.0, |page| page.value("magtape_notifications_total", &told) == 1.0).await;
    let families = page.families();
    for (name, expected) in &documented()["Notifications"] {
        assert_eq!(families.get(name), Some(expected), "{name}");
    }
}

/// MagTape's rule: the name of the first owner's kind alone decides.
#[tokio::test]
async fn owners_are_believed_only_where_an_operator_asks_for_it_and_counted_then() {
    let owned = |kind: &str| {
        json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "u",
            "operation": "CREATE", "namespace": "shop", "kind": {"version": "v1", "kind": "Pod"},
            "object": {"metadata": {"name": "web", "ownerReferences": [{"kind": kind}, {"kind": "ReplicaSet"}]},
                "spec": {"containers": [{"name": "a", "securityContext": {"privileged": true}}]}}}})
    };
    for (value, believed) in [("TRUE", true), ("FALSE", false)] {
        let webhook = Webhook::start_with(&[], |command| {
            command.env("MAGTAPE_TRUST_OWNER_REFERENCES", value);
        })
        .await;
        assert_eq!(webhook.lines_with("--trust-owner-references"), usize::from(believed));
        let response = webhook.judge(&owned("ReplicaSet")).await["response"].clone();
        assert_eq!(response["allowed"], believed, "{response}");
        assert_eq!(response.get("warnings").is_none(), believed, "{response}");
        assert_eq!(webhook.judge(&owned("Job")).await["response"]["allowed"], false);
        let trusted = |page: &Page| page.value("magtape_owner_references_trusted_total", &[]);
        let all = |page: &Page| page.value("magtape_requests_total", &[("count_type", "total")]) == 2.0;
        assert_eq!(trusted(&Page::once(&webhook, all).await), f64::from(u8::from(believed)));
        assert_eq!(webhook.logged("judged").await["trusted_owner"], believed);
    }
}

#[tokio::test]
async fn operators_have_a_port_of_their_own() {
    let webhook = webhook(&["--admin-listen", "127.0.0.1:0"]).await;
    let line = webhook.logged("the operator's port is on ").await;
    let address = line["message"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| client.get(format!("{address}{path}")).send().await.unwrap();
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(get(path).await.status(), StatusCode::OK, "{path}");
    }
    assert_eq!(client.post(&address).body("{}").send().await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(get("/loglevel").await.text().await.unwrap(), "INFO\n");
    let put = async |level: &str| {
        let answer = client.put(format!("{address}/loglevel")).body(level.to_owned()).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    assert_eq!(put("debug").await, (StatusCode::OK, "DEBUG\n".to_owned()));
    // A handshake that fails is told at that level.
    drop(tokio::net::TcpStream::connect(webhook.address()).await.unwrap());
    webhook.logged("the TLS handshake failed").await;
    assert_eq!(put("ERROR").await.1, "ERROR\n");
    scenario(&webhook).await;
    assert!(webhook.lines("judged").is_empty());
    assert_eq!(put("LOUD").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(put(&"x".repeat(100)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(get("/loglevel").await.text().await.unwrap(), "ERROR\n");
    let outside = webhook.client.get(webhook.url("/loglevel")).send().await.unwrap();
    assert_eq!(outside.status(), StatusCode::NOT_FOUND, "it is on the operator's port alone");
}
