//! Deployments as people write them, and where they are judged.

use serde_json::{Value, json};

/// The namespace whose objects are judged.
const NAMESPACE: &str = "judged";

/// The name of what is made to be refused. The no-op webhook goes by it.
pub(super) const PROBE: &str = "probe";

/// The label of the namespace.
pub(super) fn labels() -> Value {
    json!({"bench.example.com/judged": "yes"})
}

/// The namespace.
pub(super) fn namespace() -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels()}})
}

/// Changes of these kinds.
pub(super) fn rule(group: &str, resources: &[&str]) -> Value {
    json!({"operations": ["CREATE", "UPDATE"], "apiGroups": [group], "apiVersions": ["v1"], "resources": resources})
}

/// What is judged: every kind that the twelve policies are about.
pub(super) fn rules() -> Vec<Value> {
    vec![
        rule("", &["pods", "services"]),
        rule("apps", &["daemonsets", "deployments", "replicasets", "statefulsets"]),
        rule("batch", &["cronjobs", "jobs"]),
        rule("policy", &["poddisruptionbudgets"]),
    ]
}

/// A Deployment of usual size that nobody has anything against.
pub(super) fn deployment() -> Value {
    workload("storefront", &json!([container("storefront", 8080), container("proxy", 9090)]))
}

/// A Deployment that everybody refuses.
pub(super) fn violating() -> Value {
    violation(|container| {
        *container = json!({"name": "storefront", "image": "registry.example.com/shop/storefront:4.12.1",
            "securityContext": {"privileged": true}});
    })
}

/// A Deployment with something wrong in one container.
pub(super) fn violation(spoil: impl Fn(&mut Value)) -> Value {
    let mut wrong = container("storefront", 8080);
    spoil(&mut wrong);
    workload(PROBE, &json!([container("proxy", 9090), wrong]))
}

fn workload(name: &str, containers: &Value) -> Value {
    let labels = json!({"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "shop",
        "app.kubernetes.io/component": "frontend", "app.kubernetes.io/version": "4.12.1"});
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels, "annotations": {
            "example.com/owner": "team-storefront@example.com",
            "example.com/runbook": "https://runbooks.example.com/shop/storefront",
        }},
        "spec": {
            "replicas": 3,
            "revisionHistoryLimit": 5,
            "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "template": {
                "metadata": {"labels": labels, "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "9090"}},
                "spec": {
                    "serviceAccountName": name,
                    "terminationGracePeriodSeconds": 45,
                    "securityContext": {"runAsNonRoot": true, "fsGroup": 2000, "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": containers,
                    "volumes": [
                        {"name": "scratch", "emptyDir": {"sizeLimit": "64M"}},
                        {"name": "config", "configMap": {"name": format!("{name}-config")}},
                        {"name": "tls", "secret": {"secretName": format!("{name}-tls")}},
                    ],
                    "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{
                        "weight": 100,
                        "podAffinityTerm": {"topologyKey": "topology.kubernetes.io/zone",
                            "labelSelector": {"matchLabels": {"app.kubernetes.io/name": name}}},
                    }]}},
                },
            },
        },
    })
}

fn container(name: &str, port: u16) -> Value {
    let probe = |path: &str| json!({"httpGet": {"path": path, "port": "http"}, "periodSeconds": 10, "timeoutSeconds": 2});
    json!({
        "name": name,
        "image": format!("registry.example.com/shop/{name}:4.12.1"),
        "args": ["--listen", format!("0.0.0.0:{port}"), "--config", "/etc/shop/config.yaml"],
        "ports": [{"name": "http", "containerPort": port}],
        "env": [
            {"name": "LOG_LEVEL", "value": "info"},
            {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": "shop-database", "key": "url"}}},
            {"name": "FEATURES", "value": "checkout,search,recommendations"},
        ],
        "livenessProbe": probe("/healthz"),
        "readinessProbe": probe("/readyz"),
        "resources": {"limits": {"cpu": "1", "memory": "512Mi"}, "requests": {"cpu": "250m", "memory": "256Mi"}},
        "securityContext": {"privileged": false, "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [
            {"name": "scratch", "mountPath": "/tmp"},
            {"name": "config", "mountPath": "/etc/shop", "readOnly": true},
            {"name": "tls", "mountPath": "/etc/tls", "readOnly": true},
        ],
    })
}
