//! Objects to send. They have no namespace yet; a test places them in its own.

use serde_json::{Value, json};

/// A container that no policy has anything against.
pub fn clean() -> Value {
    json!({
        "name": "app",
        "image": "app:1",
        "livenessProbe": {"tcpSocket": {"port": 8080}},
        "readinessProbe": {"tcpSocket": {"port": 8080}},
        "resources": {
            "limits": {"cpu": "1", "memory": "1Gi"},
            "requests": {"cpu": "100m", "memory": "128Mi"},
        },
    })
}

/// The same, privileged.
pub fn privileged() -> Value {
    let mut container = clean();
    container["securityContext"] = json!({"privileged": true});
    container
}

/// A Pod that nothing owns.
pub fn pod(name: &str, container: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}})
}

/// A Deployment of one container.
pub fn deployment(name: &str, container: Value) -> Value {
    workload("Deployment", name, container)
}

/// A ReplicaSet of one container, which no Deployment made.
pub fn replica_set(name: &str, container: Value) -> Value {
    workload("ReplicaSet", name, container)
}

/// A Service of type NodePort with one port.
pub fn service(name: &str, port: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"type": "NodePort", "selector": {"app": name}, "ports": [port]}})
}

/// A PodDisruptionBudget with these limits.
pub fn budget(name: &str, limits: Value) -> Value {
    let mut spec = limits;
    spec["selector"] = json!({"matchLabels": {"app": name}});
    json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": spec})
}

/// A Namespace.
pub fn namespace(name: &str, labels: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
}

/// A PersistentVolume: an object of the cluster.
pub fn persistent_volume(name: &str, labels: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name, "labels": labels},
        "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"],
            "nfs": {"server": "nfs.example.com", "path": "/"}}})
}

fn workload(kind: &str, name: &str, container: Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
    }})
}
