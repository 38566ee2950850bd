//! The objects of an install where it runs. Gets and lists only, and nothing that has no part in it.

use serde_json::Value;

use super::{Object, object::items};
use crate::{
    kube::{
        self,
        kinds::{self, Served},
        objects::{self, Selection},
    },
    report::Problem,
};

/// Of which objects of a kind there may be some in an install.
#[derive(Clone, Copy)]
enum Wanted {
    /// All in the cluster.
    All,
    /// Those in the namespace of the install.
    OfNamespace,
    /// Those in its namespace, or of the cluster, with these names.
    Named(&'static [&'static str]),
}

/// Kinds by their group and their name in paths.
const KINDS: [(&str, &str, Wanted); 6] = [
    ("", "configmaps", Wanted::OfNamespace),
    ("", "secrets", Wanted::Named(&["magtape-tls", "magtape-tls-ca"])),
    ("apps", "deployments", Wanted::OfNamespace),
    ("rbac.authorization.k8s.io", "roles", Wanted::OfNamespace),
    ("rbac.authorization.k8s.io", "clusterroles", Wanted::Named(&["magtape-read", "magtape-write"])),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations", Wanted::All),
];

/// All that is in these groups is Gatekeeper's.
const GATEKEEPER: [&str; 7] = [
    "config.gatekeeper.sh",
    "constraints.gatekeeper.sh",
    "expansion.gatekeeper.sh",
    "externaldata.gatekeeper.sh",
    "mutations.gatekeeper.sh",
    "syncset.gatekeeper.sh",
    "templates.gatekeeper.sh",
];

/// What the cluster has of an install in that namespace, and what it did not let be read.
///
/// # Errors
/// When there is no cluster, or when it does not say which kinds it has.
pub async fn read(namespace: &str) -> Result<(Vec<Object>, Vec<Problem>), String> {
    let client = kube::client().await.map_err(|error| error.to_string())?;
    let served =
        kinds::served(&client).await.map_err(|error| format!("the cluster did not answer: {error}"))?;
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for (kind, wanted) in served.iter().filter_map(|kind| Some((kind, wanted(kind)?))) {
        for selection in selections(kind, wanted, namespace) {
            match objects::list(&client, &selection).await {
                Ok(objects) => found.extend(objects.into_iter().map(object)),
                Err(reason) => problems.push(Problem { place: kind.resource.plural.clone(), reason }),
            }
        }
    }
    found.retain(|object| has_a_part(object, namespace));
    Ok((found, problems))
}

fn wanted(kind: &Served) -> Option<Wanted> {
    let (group, plural) = (kind.resource.group.as_str(), kind.resource.plural.as_str());
    if !kind.recommended {
        return None;
    }
    if GATEKEEPER.contains(&group) {
        return Some(Wanted::All);
    }
    KINDS.iter().find(|(other, name, _)| (*other, *name) == (group, plural)).map(|(_, _, wanted)| *wanted)
}

fn selections(kind: &Served, wanted: Wanted, namespace: &str) -> Vec<Selection> {
    let all =
        Selection { resource: kind.resource.clone(), namespace: None, labels: String::new(), name: None };
    let within = Selection { namespace: kind.namespaced.then(|| namespace.to_owned()), ..all.clone() };
    match wanted {
        Wanted::All => vec![all],
        Wanted::OfNamespace => vec![within],
        Wanted::Named(names) => {
            let named = |name: &&str| Selection { name: Some((*name).to_owned()), ..within.clone() };
            names.iter().map(named).collect()
        }
    }
}

fn object(value: Value) -> Object {
    let object = Object { place: String::new(), value };
    Object { place: object.title(), ..object }
}

/// A cluster has webhooks of others; one of the install sends requests to its namespace.
fn has_a_part(object: &Object, namespace: &str) -> bool {
    let is_here = |webhook: &Value| {
        webhook.pointer("/clientConfig/service/namespace").and_then(Value::as_str) == Some(namespace)
    };
    object.kind() != "ValidatingWebhookConfiguration" || items(&object.value, "/webhooks").any(is_here)
}
