//! What does not go as it should is named to operators, while requests are judged, and forgotten when it is over.

use std::{path::Path, time::Duration};

use magtape_testing::{cluster::Cluster, poll};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::config_maps::{
    pod, policy,
    replica::{Home, Replica},
};

/// A failure is tried again after a minute at most.
const GOES_ON: Duration = Duration::from_secs(120);

/// What policies need of the cluster.
const RULES: &str = r#"[
    {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch", "patch"]},
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch", "create", "patch", "update"]},
    {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]}
]"#;

/// A replica, and the address of its operator's port.
struct Watched {
    replica: Replica,
    operators: String,
}

impl Watched {
    async fn start(home: &Home, kubeconfig: &Path) -> Self {
        let arguments = ["--policies-from", "cluster", "--admin-listen", "127.0.0.1:0"];
        let replica = Replica::start_as(home, "watched", &arguments, kubeconfig).await;
        let line = replica.0.logged("the operator's port is on ").await;
        let operators = line["message"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
        Self { replica, operators }
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.get(format!("{}{path}", self.operators)).send().await.unwrap()
    }

    /// The conditions, once they are such.
    async fn conditions(&self, what: &str, are: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let mut last = Vec::new();
        let asked = async || {
            let answer: Value = self.get("/conditions").await.json().await?;
            last = answer["conditions"].as_array().cloned().unwrap_or_default();
            Ok(are(&last).then(|| last.clone()))
        };
        let found = poll::until(what, GOES_ON, asked).await;
        found.unwrap_or_else(|error| panic!("{error}: {last:#?}"))
    }

    /// What the answer to a probe and the metrics say is degraded.
    async fn degraded(&self) -> (Vec<String>, Vec<String>) {
        let client = &self.replica.0.client;
        let probe: Value =
            client.get(self.replica.0.url("/readyz")).send().await.unwrap().json().await.unwrap();
        let named = probe["degraded"].as_array().unwrap();
        let named = named.iter().map(|about| about.as_str().unwrap().to_owned()).collect();
        let page = self.get("/metrics").await.text().await.unwrap();
        let series = page.lines().filter(|line| !line.ends_with(" 0"));
        let series = series.filter_map(|line| line.strip_prefix("magtape_degraded{about=\""));
        (named, series.map(|line| line.split('"').next().unwrap().to_owned()).collect())
    }
}

fn has(conditions: &[Value], about: &str, reason: &str) -> bool {
    let is = |condition: &Value| {
        condition["about"] == about && condition["reason"].as_str().unwrap().contains(reason)
    };
    conditions.iter().any(is)
}

#[tokio::test]
async fn a_permission_that_is_missing_is_a_condition_until_it_is_given() {
    let home = Home::new("conditions").await;
    let user = "without-rights";
    let kubeconfig = Cluster::shared().await.unwrap().kubeconfig_of(user).unwrap();
    let watched = Watched::start(&home, &kubeconfig).await;
    let missing = [
        ("leader-election", "cannot get resource \"leases\" in API group \"coordination.k8s.io\""),
        ("read-policies", "cannot list resource \"configmaps\""),
        ("read-exemptions", "cannot list resource \"configmaps\""),
        ("read-namespaces", "cannot list resource \"namespaces\""),
    ];
    let all = |conditions: &[Value]| missing.iter().all(|(about, reason)| has(conditions, about, reason));
    let conditions = watched.conditions("every missing permission to be named", all).await;
    assert!(conditions[0]["since"].as_str().unwrap().ends_with('Z'), "{conditions:#?}");
    let (probe, metrics) = watched.degraded().await;
    assert!(missing.iter().all(|(about, _)| probe.contains(&(*about).to_owned())), "{probe:?}");
    assert_eq!(probe, metrics);
    let probe = watched.replica.0.client.get(watched.replica.0.url("/readyz")).send().await.unwrap();
    assert_eq!(probe.status(), StatusCode::SERVICE_UNAVAILABLE, "it does not know yet by what to judge");
    assert!(!probe.text().await.unwrap().contains("forbidden"), "why is for operators only");
    let outside = watched.replica.0.client.get(watched.replica.0.url("/conditions")).send().await.unwrap();
    assert_eq!(outside.status(), StatusCode::NOT_FOUND);

    let map =
        home.config_map("policy-team", "rego", "data", json!({"team.rego": policy("There is no team")}));
    home.create(&map).await;
    home.allow(user, &serde_json::from_str(RULES).unwrap()).await;
    let only = |conditions: &[Value]| {
        conditions.len() == 1 && has(conditions, "read-namespaces", "cannot list resource \"namespaces\"")
    };
    watched.conditions("what was given to be forgotten", only).await;
    let answer = watched.replica.response("demo", &pod()).await;
    assert!(answer["status"]["message"].as_str().unwrap().contains("There is no team"), "{answer}");
    home.has_status(&map, &json!({"status": "ok"})).await;
    assert_eq!(
        watched.degraded().await,
        (vec!["read-namespaces".to_owned()], vec!["read-namespaces".to_owned()])
    );
}

#[tokio::test]
async fn a_status_that_cannot_be_written_is_a_condition() {
    let home = Home::new("conditions-status").await;
    let user = "without-patch";
    let rules: Value =
        serde_json::from_str(&RULES.replace(r#", "watch", "patch"]"#, r#", "watch"]"#)).unwrap();
    home.allow(user, &rules).await;
    let map =
        home.config_map("policy-team", "rego", "data", json!({"team.rego": policy("There is no team")}));
    home.create(&map).await;
    let kubeconfig = Cluster::shared().await.unwrap().kubeconfig_of(user).unwrap();
    let watched = Watched::start(&home, &kubeconfig).await;
    let refused =
        |conditions: &[Value]| has(conditions, "write-statuses", "cannot patch resource \"configmaps\"");
    watched.conditions("the missing right", refused).await;
}
