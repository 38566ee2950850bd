//! Policies that read objects of a real API server, which come, change and go while the webhook runs.

use std::fs;

use magtape_testing::cluster::Cluster;
use serde_json::{Value, json};

use crate::config_maps::replica::{Home, Replica};

const CLUSTER: [&str; 4] = ["--policies-from", "cluster", "--deny-level", "HIGH"];

fn in_namespace(mut object: Value, namespace: &str) -> Value {
    object["metadata"]["namespace"] = namespace.into();
    object
}

fn pod(name: &str, namespace: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": [{"name": "app", "image": "app"}]}})
}

fn example(path: &str) -> String {
    fs::read_to_string(format!("{}/../testing/examples/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}

/// The policy reads an annotation of the namespace, which nobody has told the webhook to replicate.
#[tokio::test]
async fn a_policy_reads_the_namespace_as_it_is_now() {
    let home = Home::new("node-ports").await;
    let replica = Replica::start(&home, "one", &["--policies-from", "both", "--deny-level", "HIGH"]).await;
    let range = |range: &str| json!({"metadata": {"annotations": {"k8s.t-mobile.com/nodeportRange": range}}});
    let namespace = home.beside("web", json!({}), json!({})).await;
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": name(&namespace)},
        "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 31000}]}});
    replica.answers(&service, "").await;
    home.patch(&namespace, &range("30000-30100")).await;
    replica.says(&service, "nodePort 31000 is out of defined range").await;
    home.patch(&namespace, &range("30900-31100")).await;
    replica.answers(&service, "").await;
    home.patch(&namespace, &range("thirty")).await;
    replica.says(&service, "Invalid data in nodePort annotation").await;
}

#[tokio::test]
async fn a_policy_reads_objects_as_they_come_and_go() {
    let home = Home::new("pod-names").await;
    let text = example("opa/unique-pod-name.rego");
    home.create(&home.config_map("unique-pod-name", "rego", "data", json!({"p.rego": text}))).await;
    let replica = Replica::start(&home, "one", &CLUSTER).await;
    let (one, other) =
        (home.beside("one", json!({}), json!({})).await, home.beside("other", json!({}), json!({})).await);
    let unique = format!("web-{}", home.name());
    let (first, second) = (pod(&unique, name(&one)), pod(&unique, name(&other)));
    replica.answers(&second, "").await;
    home.create(&first).await;
    replica.says(&second, &format!("is taken in namespace {:?}", name(&one))).await;
    assert_eq!(replica.message(&first).await, "", "it is not its own rival");
    home.delete(&first).await;
    replica.answers(&second, "").await;
}

/// A module that came without its source does not say what it reads, so the operator does.
#[tokio::test]
async fn what_the_operator_lists_is_given_to_whoever_does_not_say_what_it_reads() {
    let home = Home::new("listed").await;
    let binary = json!({"p.wasm": home.encoded("policies-rego/dist/mt2002-nodeport-range.wasm")});
    home.create(&home.config_map("compiled", "wasm", "binaryData", binary)).await;
    let arguments = [&CLUSTER[..], &["--replicate-cluster", "v1/namespaces"]].concat();
    let replica = Replica::start(&home, "one", &arguments).await;
    let namespace = home.beside("web", json!({}), json!({})).await;
    let annotation = json!({"metadata": {"annotations": {"k8s.t-mobile.com/nodeportRange": "30000-30100"}}});
    home.patch(&namespace, &annotation).await;
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": name(&namespace)},
        "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 31000}]}});
    replica.says(&service, "nodePort 31000 is out of defined range").await;
}

#[tokio::test]
async fn a_component_looks_up_what_it_declares() {
    let home = Home::new("ingresses").await;
    let binary = json!({"p.wasm": home.encoded("policies-wasm/dist/mt3015-ingress-host.wasm")});
    home.create(&home.config_map("compiled", "wasm", "binaryData", binary)).await;
    let replica = Replica::start(&home, "one", &CLUSTER).await;
    let (one, other) =
        (home.beside("one", json!({}), json!({})).await, home.beside("other", json!({}), json!({})).await);
    let path = json!({"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}});
    let ingress = json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web"},
        "spec": {"rules": [{"host": "ingresses.example.com", "http": {"paths": [path]}}]}});
    let (first, second) = (in_namespace(ingress.clone(), name(&one)), in_namespace(ingress, name(&other)));
    replica.answers(&second, "").await;
    home.create(&first).await;
    replica.says(&second, "(MT3015)").await;
    home.delete(&first).await;
    replica.answers(&second, "").await;
}

#[tokio::test]
async fn a_kind_that_is_not_there_may_come() {
    let home = Home::new("kinds").await;
    let policy = "package flags\n\nimport rego.v1\n\n# METADATA\n# entrypoint: true\ndeny contains \"is flagged\" if \
                  data.kubernetes.magtapeflags[input.request.namespace][input.request.name]\n";
    let map = home.config_map("flags", "rego", "data", json!({"p.rego": policy}));
    home.create(&map).await;
    let replica = Replica::start(&home, "one", &CLUSTER).await;
    let status = home.status_that(&map, |status| status["status"] == "error").await;
    assert!(
        status["error"].as_str().unwrap().contains("reads magtapeflags, of which the cluster has no kind"),
        "{status}"
    );
    let namespace = home.beside("one", json!({}), json!({})).await;
    let pod = pod("web", name(&namespace));
    assert_eq!(replica.message(&pod).await, "", "there is nothing of that kind");
    let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    home.create(&json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "magtapeflags.testing.example.com"},
        "spec": {"group": "testing.example.com", "scope": "Namespaced",
            "names": {"plural": "magtapeflags", "kind": "MagtapeFlag"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}]}}))
        .await;
    let flag = json!({"apiVersion": "testing.example.com/v1", "kind": "MagtapeFlag",
        "metadata": {"name": "web", "namespace": name(&namespace)}});
    home.create_once_served(&flag).await;
    replica.answers_soon(&pod, "is flagged").await;
    home.has_status(&map, &json!({"status": "ok"})).await;
}

/// The policy is not asked, because it would answer for an empty cluster; the others are.
#[tokio::test]
async fn a_permission_that_is_missing_is_named_and_costs_its_policy_only() {
    let home = Home::new("forbidden").await;
    let user = "magtape-forbidden";
    let rule = |group: &str, resources: &[&str]| json!({"apiGroups": [group], "resources": resources, "verbs": ["*"]});
    let rules = [
        rule("", &["configmaps"]),
        rule("coordination.k8s.io", &["leases"]),
        rule("events.k8s.io", &["events"]),
    ];
    home.allow(user, &json!(rules)).await;
    let subject = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user});
    let map =
        home.config_map("unique", "rego", "data", json!({"p.rego": example("opa/unique-pod-name.rego")}));
    home.create(&map).await;
    let binary = json!({"p.wasm": home.encoded("policies-rego/dist/mt2001-privileged-pod.wasm")});
    home.create(&home.config_map("privileged", "wasm", "binaryData", binary)).await;
    let replica = Replica::start_as(
        &home,
        "one",
        &CLUSTER,
        &Cluster::shared().await.unwrap().kubeconfig_of(user).unwrap(),
    )
    .await;
    let mut privileged = pod("web", "demo");
    privileged["spec"]["containers"][0]["securityContext"] = json!({"privileged": true});
    replica.says(&privileged, "(MT2001)").await;
    replica.says(&privileged, "Policy unique/p could not be evaluated").await;
    let status = home.status_that(&map, |status| status["status"] == "error").await;
    assert!(status["error"].as_str().unwrap().contains("cannot list resource \"pods\""), "{status}");

    let read = json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]});
    home.create(&json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": user}, "rules": [read]}))
        .await;
    home.create(&json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": user}, "subjects": [subject],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": user}}))
        .await;
    replica.answers_soon(&pod("web", "demo"), "").await;
    home.has_status(&map, &json!({"status": "ok"})).await;
}
