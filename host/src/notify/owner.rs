//! Which objects the cluster's own controllers make of others: of those people have been told already.
//!
//! An owner reference alone says nothing, since anybody can write one. Who sent the request, the API server knows.

use crate::{json::Value, review::Request};

/// The kinds that controllers make objects of, by API group, and the controller of each.
const CONTROLLERS: [(&str, &str, &str); 7] = [
    ("apps", "ReplicaSet", "replicaset-controller"),
    ("apps", "StatefulSet", "statefulset-controller"),
    ("apps", "DaemonSet", "daemon-set-controller"),
    ("apps", "Deployment", "deployment-controller"),
    ("batch", "Job", "job-controller"),
    ("batch", "CronJob", "cronjob-controller"),
    ("", "ReplicationController", "replication-controller"),
];

/// Where service accounts of controllers are, each with the controller's name.
const ACCOUNTS: &str = "system:serviceaccount:kube-system:";

/// Who controllers are where each has no account of its own (`--use-service-account-credentials=false`).
const ALL_CONTROLLERS: &str = "system:kube-controller-manager";

/// Whether the object belongs to a workload, and the controller of that kind of workload sent the request.
pub(super) fn is_of_a_controller(request: &Request) -> bool {
    let root = request.document().root();
    let Some(user) = root.pointer("/request/userInfo/username").and_then(Value::string) else { return false };
    let own = user.strip_prefix(ACCOUNTS);
    if own.is_none() && user != ALL_CONTROLLERS {
        return false;
    }
    let Some(owners) = root.pointer("/request/object/metadata/ownerReferences") else { return false };
    let Some((group, kind)) = owners.elements().find_map(controller) else { return false };
    let sent = |name: &str| own.is_none_or(|own| own == name);
    CONTROLLERS.iter().any(|of| (of.0, of.1) == (group.as_str(), kind.as_str()) && sent(of.2))
}

/// Group and kind of an owner, if it is the one that controls the object.
fn controller(owner: Value<'_>) -> Option<(String, String)> {
    let controls = owner.get("controller").is_some_and(|value| value.raw() == "true");
    let version = owner.get("apiVersion").filter(|_| controls)?.string()?;
    let group = version.split_once('/').map_or("", |(group, _)| group);
    Some((group.to_owned(), owner.get("kind")?.string()?.into_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn owner(version: &str, kind: &str, controller: Value) -> Value {
        json!([{"apiVersion": version, "kind": kind, "name": "x", "uid": "y", "controller": controller}])
    }

    fn is_of_a_controller_of(user: &str, owners: &Value) -> bool {
        let review = json!({"request": {"uid": "u", "operation": "CREATE", "kind": {"kind": "Pod"},
            "userInfo": {"username": user}, "object": {"metadata": {"ownerReferences": owners}}}});
        is_of_a_controller(&Request::parse(review.to_string().into_bytes()).unwrap())
    }

    #[test]
    fn only_the_controller_of_the_owner_is_believed() {
        let account = |name: &str| format!("system:serviceaccount:kube-system:{name}");
        let replica_set = owner("apps/v1", "ReplicaSet", json!(true));
        for (user, owners, expected) in [
            (account("replicaset-controller"), replica_set.clone(), true),
            ("system:kube-controller-manager".to_owned(), replica_set.clone(), true),
            (account("job-controller"), owner("batch/v1", "Job", json!(true)), true),
            (account("replication-controller"), owner("v1", "ReplicationController", json!(true)), true),
            // Somebody who wrote such a reference.
            ("jane".to_owned(), replica_set.clone(), false),
            ("system:serviceaccount:demo:replicaset-controller".to_owned(), replica_set.clone(), false),
            // Another controller, a reference that does not control, a kind of somebody else's.
            (account("job-controller"), replica_set.clone(), false),
            (account("generic-garbage-collector"), replica_set, false),
            (account("replicaset-controller"), owner("apps/v1", "ReplicaSet", json!(false)), false),
            (account("replicaset-controller"), owner("apps/v1", "ReplicaSet", json!("true ")), false),
            (account("replicaset-controller"), owner("evil.io/v1", "ReplicaSet", json!(true)), false),
            (account("replicaset-controller"), json!([]), false),
            (account("replicaset-controller"), json!(null), false),
            (account("replicaset-controller"), json!({"kind": "ReplicaSet"}), false),
        ] {
            assert_eq!(is_of_a_controller_of(&user, &owners), expected, "{user} {owners}");
        }
    }
}
