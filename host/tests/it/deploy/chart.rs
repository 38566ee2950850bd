//! The chart: Helm takes it, it makes kustomize's objects, and a real API server takes those.

use std::{collections::BTreeMap, process::Command};

use magtape_testing::{cluster::Cluster, tools::Tool};
use serde_json::{Value, json};

use super::{
    install::{documents, output, render, root},
    with_slack,
};

fn helm(arguments: &[&str]) -> Command {
    let mut helm = Command::new(Tool::Helm.built().unwrap());
    helm.args(arguments).current_dir(root());
    helm
}

fn template(more: &[&str]) -> Vec<Value> {
    let arguments = ["template", "magtape", "deploy/chart", "--namespace", "magtape-system"];
    documents(&output(&mut helm(&[&arguments[..], more].concat())))
}

/// By kind and name. The registration in its ConfigMap counts as what it says, not as it is written.
fn by_name(objects: Vec<Value>) -> BTreeMap<String, Value> {
    let named = |mut object: Value| {
        if let Some(text) = object.pointer_mut("/data/magtape-vwc") {
            *text = magtape::yaml::parse(text.as_str().unwrap()).unwrap();
        }
        (format!("{} {}", object["kind"], object["metadata"]["name"]), object)
    };
    objects.into_iter().map(named).collect()
}

/// Helm makes the namespace by itself, before there is a chart.
fn without_namespace(objects: Vec<Value>) -> Vec<Value> {
    objects.into_iter().filter(|object| object["kind"] != "Namespace").collect()
}

#[test]
fn the_chart_makes_the_objects_that_kustomize_makes() {
    let base = by_name(without_namespace(documents(&render("deploy/base"))));
    assert_eq!(base.len(), 15);
    assert_eq!(by_name(template(&[])), base);
    let slack = by_name(without_namespace(with_slack()));
    assert_eq!(by_name(template(&["--set", "slack.enabled=true"])), slack);
}

#[test]
fn the_versions_are_those_of_the_program() {
    let version = env!("CARGO_PKG_VERSION");
    let chart: Value =
        magtape::yaml::parse(&std::fs::read_to_string(root().join("deploy/chart/Chart.yaml")).unwrap())
            .unwrap();
    assert_eq!((chart["version"].as_str(), chart["appVersion"].as_str()), (Some(version), Some(version)));
    assert!(render("deploy/base").contains(&format!("image: localhost/magtape:{version}\n")));
}

#[test]
fn helm_finds_nothing_and_values_that_make_no_sense_are_refused() {
    output(&mut helm(&["lint", "--strict", "deploy/chart"]));
    for (value, expected) in [
        ("replicas=0", "replicas"),
        ("env.MAGTAPE_DENY_LEVEL=MEDIUM", "MAGTAPE_DENY_LEVEL"),
        ("webhook.timeoutSeconds=31", "timeoutSeconds"),
        ("webhook.failurePolicy=Maybe", "failurePolicy"),
        ("maxUnavailable=1", "maxUnavailable"),
        ("replica=1", "replica"),
        ("image.repository=", "repository"),
    ] {
        let refused = helm(&["template", "deploy/chart", "--set", value]).output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && said.contains(expected), "{value}: {said}");
    }
}

#[test]
fn values_get_to_their_places() {
    let values =
        ["image.repository=registry.example.com/magtape,image.tag=v1", "imagePullSecrets[0]=registry"];
    let more = [
        "replicas=5,autoscaling.enabled=false,webhook.failurePolicy=Ignore",
        "env.MAGTAPE_FAILURE_POLICY=ignore",
    ];
    let arguments: Vec<_> = values.iter().chain(&more).flat_map(|value| ["--set", value]).collect();
    let objects = by_name(template(&arguments));
    assert!(!objects.keys().any(|name| name.contains("Autoscaler")));
    let deployment = &objects[r#""Deployment" "magtape""#]["spec"];
    assert_eq!(deployment["replicas"], 5);
    let pod = &deployment["template"]["spec"];
    assert_eq!(pod["containers"][0]["image"], "registry.example.com/magtape:v1");
    assert_eq!(pod["imagePullSecrets"][0]["name"], "registry");
    let env = &objects[r#""ConfigMap" "magtape-env""#]["data"];
    assert_eq!(env, &json!({"MAGTAPE_FAILURE_POLICY": "ignore"}));
    let registration = &objects[r#""ConfigMap" "magtape-vwc-template""#]["data"]["magtape-vwc"];
    assert_eq!(registration["webhooks"][0]["failurePolicy"], "Ignore");
}

#[tokio::test]
async fn a_release_is_installed_changed_and_removed() {
    let cluster = Cluster::shared().await.unwrap();
    let kubeconfig = cluster.kubeconfig().unwrap();
    let namespace = "deploy-chart";
    let run = |arguments: &[&str]| {
        let mut helm = helm(arguments);
        // What Helm keeps for itself.
        helm.env("HOME", cluster.folder())
            .arg("--kubeconfig")
            .arg(&kubeconfig)
            .args(["--namespace", namespace]);
        output(&mut helm)
    };
    let there = async |object: &Value| cluster.client().unwrap().get(object).await.unwrap();
    run(&["install", "magtape", "deploy/chart", "--create-namespace", "--no-hooks", "--wait=false"]);
    let objects = documents(&run(&["get", "manifest", "magtape"]));
    assert_eq!(objects.len(), 15);
    for object in &objects {
        let reply = there(object).await;
        assert!(reply.is_success(), "{reply:?}");
        let own = reply.body["metadata"]["namespace"].as_str();
        assert!(own.is_none_or(|own| own == namespace), "{reply:?}");
    }
    run(&["upgrade", "magtape", "deploy/chart", "--reuse-values", "--set", "env.MAGTAPE_DENY_LEVEL=HIGH"]);
    let env = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "magtape-env", "namespace": namespace}});
    assert_eq!(there(&env).await.body["data"], json!({"MAGTAPE_DENY_LEVEL": "HIGH"}));
    run(&["uninstall", "magtape", "--wait=false"]);
    assert_eq!(there(&env).await.status, 404);
}
