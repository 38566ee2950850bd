//! The objects of the cluster as the host writes them into a sandbox, held against the same objects as data that the module
//! was loaded with: whatever a policy can see of the two must be the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
    time::Duration,
};

use magtape::{
    compile::{self, Compiler},
    engine::{Engine, Limits},
    evaluate::{Loader, Made, Policies, PolicyLimits, evaluate},
    inventory::{Inventory, Kind, Objects},
    json::{Document, Paths},
    policy::{Candidate, Need, gatekeeper::EnforcementPoint},
    review::Request,
    source::{Embedded, Found, Rego},
    verdict::{Finding, Outcome},
};
use magtape_testing::tools::cache_folder;
use serde_json::{Value, json};

use crate::images::sections;

const BUDGET: Duration = Duration::from_secs(20);

/// Reads the cluster in the ways that Rego has.
const READER: &str = r#"
package reader

import rego.v1

# METADATA
# entrypoint: true
deny contains json.marshal(seen)

here := input.request.namespace

seen contains {"one": data.kubernetes.pods[here].n1.a0.b1}
seen contains {"each": [namespace, name, value]} if value := data.kubernetes.pods[namespace][name].b0.a1
seen contains {"there": [namespace, name]} if data.kubernetes.pods[namespace][name]
seen contains {"not there": here} if not data.kubernetes.pods[here].n3
seen contains {"false": name} if data.kubernetes.pods[here][name].c0 == false
seen contains {"node": [name, value]} if value := data.kubernetes.nodes[name].c0[_]
seen contains {"inventory": [version, value]} if value := data.inventory.namespace[here][version].Pod[_].d0
seen contains {"cluster": data.inventory.cluster.v1.Node.n1}
seen contains {"own": data.limits.pods}
seen contains {"none of a kind": count(data.kubernetes.services)}
seen contains {"no such kind": data.kubernetes.gateways}
seen contains {"got": object.get(data.kubernetes.nodes, ["n2", "e0"], "nothing")}
"#;

/// Reads all that there is.
const MIRROR: &str = r#"
package mirror

import rego.v1

# METADATA
# entrypoint: true
deny contains json.marshal({
	"data": data.kubernetes,
	"order": [path | walk(data.kubernetes, [path, _])],
	"limits": data.limits,
	"inventory": data.inventory,
})
"#;

struct Cluster {
    inventory: Inventory,
    /// The same as a data document.
    data: Value,
}

fn kind(kind: &str, resource: &str, namespaced: bool) -> Kind {
    Kind { group_version: "v1".into(), kind: kind.into(), resource: resource.into(), namespaced }
}

// === impl Cluster ===

impl Cluster {
    fn new() -> Self {
        let data = json!({"limits": {"pods": [1, {"a": 2}]}, "kubernetes": {"old": {"x": 1}}});
        Self { inventory: Inventory::default(), data }
    }

    fn random(random: &mut fastrand::Rng) -> Self {
        let mut cluster = Self::new();
        let pods = random.usize(..6);
        let objects = |count: usize, namespaced: bool, random: &mut fastrand::Rng| -> Objects {
            let key = |random: &mut fastrand::Rng| {
                let namespace = if namespaced { format!("s{}", random.u8(1..4)) } else { String::new() };
                (namespace, format!("n{}", random.u8(1..4)))
            };
            // Written as the data will be, since texts of numbers are seen.
            let document = |random: &mut fastrand::Rng| {
                let value: Value = serde_json::from_str(&sections(random)).unwrap();
                Arc::new(Document::parse(value.to_string()).unwrap())
            };
            (0..count).map(|_| (key(random), document(random))).collect()
        };
        cluster.put(kind("Pod", "pods", true), objects(pods, true, random));
        cluster.put(kind("Node", "nodes", false), objects(3, false, random));
        cluster.put(kind("Service", "services", true), Objects::new());
        cluster.inventory.needs.insert(Need::Resource(None, "gateways".into()), Ok(Vec::new()));
        cluster
    }

    fn put(&mut self, kind: Kind, objects: Objects) {
        let Kind { group_version, kind: name, resource, namespaced } = &kind;
        self.data["kubernetes"][resource] = json!({});
        for ((namespace, object), document) in &objects {
            let value: Value = serde_json::from_str(document.text()).unwrap();
            if *namespaced {
                self.data["kubernetes"][resource][namespace][object] = value.clone();
                self.data["inventory"]["namespace"][namespace][group_version][name][object] = value;
            } else {
                self.data["kubernetes"][resource][object] = value.clone();
                self.data["inventory"]["cluster"][group_version][name][object] = value;
            }
        }
        let needs = [
            Need::Resource(None, resource.clone()),
            Need::Kind(None, name.clone()),
            Need::Kind(Some(group_version.clone()), name.clone()),
        ];
        for need in needs {
            self.inventory.needs.insert(need, Ok(vec![kind.clone()]));
        }
        self.inventory.listed.insert(kind.clone());
        self.inventory.kinds.insert(kind, Ok(Arc::new(objects)));
    }
}

fn candidate(policy: &str) -> Candidate {
    let rego = Rego { origin: "policy.rego".into(), name: "policy".into(), text: policy.into() };
    let cache = magtape::engine::ArtefactCache::open(&cache_folder().unwrap()).ok();
    let found = Found { rego: vec![rego], ..Found::default() };
    let mut output = compile::compile(found, &Compiler::new(cache, |_| {}), EnforcementPoint::Cli);
    assert!(output.problems.is_empty(), "{:?}", output.problems);
    output.candidates.remove(0)
}

fn loader() -> Loader {
    let limits = Limits { deadline: BUDGET, result_bytes: 64 << 20, ..Limits::default() };
    Loader::new(Engine::new(limits.memory_bytes).unwrap(), PolicyLimits::uniform(&Arc::new(limits)))
}

fn loaded(loader: &Loader, candidate: Candidate, data: &Value) -> Policies {
    let mut policies = Policies::new();
    let data = data.as_object().unwrap().clone();
    loader.add(&mut policies, &Candidate { data, ..candidate }).unwrap();
    policies
}

fn pod_in(namespace: &str) -> Request {
    let review = json!({"request": {"uid": "u", "operation": "CREATE", "namespace": namespace,
        "kind": {"group": "", "version": "v1", "kind": "Pod"}, "object": {"metadata": {"name": "n1"}}}});
    Request::parse(review.to_string().into_bytes()).unwrap()
}

fn seen(policies: &Policies) -> Vec<Finding> {
    let namespaces = ["s1", "s2", "s3"];
    let outcomes = namespaces.iter().flat_map(|namespace| evaluate(policies, &pod_in(namespace), BUDGET));
    outcomes.map(|outcome: Outcome| outcome.finding).collect()
}

#[test]
fn a_policy_sees_the_same_objects_however_it_was_given_them() {
    let loader = loader();
    let mut random = fastrand::Rng::with_seed(9);
    for policy in [READER, MIRROR] {
        let candidate = candidate(policy);
        let live = loaded(&loader, candidate.clone(), &Cluster::new().data);
        let mut made = Made::default();
        let before = seen(&live);
        for _ in 0..25 {
            let cluster = Cluster::random(&mut random);
            let unmet = live.give(&cluster.inventory, &mut made);
            assert!(unmet.values().all(|reason| reason.contains("has no kind")), "{unmet:?}");
            let expected = seen(&loaded(&loader, candidate.clone(), &cluster.data));
            assert!(matches!(expected[..], [Finding::Violated(_), ..]), "{expected:?}");
            for turn in ["first", "kept"] {
                assert!(seen(&live) == expected, "{turn}: {}", cluster.data);
            }
        }
        assert_ne!(seen(&live), before);
    }
}

#[test]
fn a_policy_is_not_asked_about_a_cluster_that_is_not_known() {
    let loader = loader();
    let policies = loaded(&loader, candidate(READER), &json!({}));
    let mut cluster = Cluster::random(&mut fastrand::Rng::with_seed(1));
    let mut made = Made::default();
    cluster.inventory.kinds.insert(kind("Node", "nodes", false), Err("nodes is forbidden".into()));
    let unmet = policies.give(&cluster.inventory, &mut made);
    assert_eq!(unmet.len(), 1);
    assert!(unmet["policy.rego"].contains("v1/nodes: nodes is forbidden"), "{unmet:?}");
    for finding in seen(&policies) {
        let Finding::Failed(failure) = finding else { panic!("{finding:?}") };
        assert_eq!(failure.cause, "cluster");
        let reason = failure.reason;
        assert!(reason.contains("nodes is forbidden"), "{reason}");
    }
    cluster.inventory.kinds.insert(kind("Node", "nodes", false), Ok(Arc::default()));
    policies.give(&cluster.inventory, &mut made);
    assert!(seen(&policies).iter().all(|finding| matches!(finding, Finding::Violated(_))));
}

/// A change that says nothing to a policy gives it nothing new, and one kind's objects are joined once for all.
#[test]
fn components_look_up_the_objects_that_there_are() {
    let loader = loader();
    let mut policies = Policies::new();
    let hosts = |candidate: &Candidate| candidate.origin.contains("mt3015");
    loader.add(&mut policies, &Embedded::Hardening.policies().into_iter().find(hosts).unwrap()).unwrap();
    let need = Need::Resource(Some("networking.k8s.io/v1".into()), "ingresses".into());
    assert_eq!(policies.needs(), BTreeSet::from([need.clone()]));
    let kind = Kind { group_version: "networking.k8s.io/v1".into(), ..kind("Ingress", "ingresses", true) };
    assert!(policies.wanted(&kind, false).is_whole());
    let ingress = |namespace: &str| {
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web", "namespace": namespace},
        "spec": {"rules": [{"host": "shop.example.com"}]}})
    };
    let objects = |namespaces: &[&str]| -> Arc<Objects> {
        let document = |namespace: &&str| Arc::new(Document::parse(ingress(namespace).to_string()).unwrap());
        let object = |namespace: &&str| (((*namespace).to_owned(), "web".to_owned()), document(namespace));
        Arc::new(namespaces.iter().map(object).collect())
    };
    let review = json!({"request": {"uid": "u", "operation": "CREATE", "namespace": "shop", "name": "web",
        "kind": {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress"}, "object": ingress("shop")}});
    let request = Request::parse(review.to_string().into_bytes()).unwrap();
    let mut made = Made::default();
    let mut give = |objects: Arc<Objects>| {
        let inventory = Inventory {
            needs: BTreeMap::from([(need.clone(), Ok(vec![kind.clone()]))]),
            kinds: BTreeMap::from([(kind.clone(), Ok(objects))]),
            ..Inventory::default()
        };
        assert_eq!(policies.give(&inventory, &mut made), BTreeMap::new());
        evaluate(&policies, &request, BUDGET).remove(0).finding
    };
    assert_eq!(give(objects(&[])), Finding::Passed);
    assert!(matches!(give(objects(&["shop", "other"])), Finding::Violated(_)));
    assert_eq!(give(objects(&["shop"])), Finding::Passed);
}

#[test]
fn a_shipped_policy_reads_annotations_of_namespaces() {
    let loader = loader();
    let mut policies = Policies::new();
    let ports = |candidate: &Candidate| candidate.origin.contains("mt2002");
    loader.add(&mut policies, &Embedded::Rego.policies().into_iter().find(ports).unwrap()).unwrap();
    let kind = kind("Namespace", "namespaces", false);
    let wanted = policies.wanted(&kind, false);
    let annotations = wanted.below("metadata").and_then(|metadata| metadata.below("annotations")).unwrap();
    assert!(
        annotations.below("k8s.t-mobile.com/nodeportRange").is_some() && annotations.below("other").is_none()
    );
    let namespace = json!({"metadata": {"name": "web", "annotations": {"k8s.t-mobile.com/nodeportRange": "30000-30100"}}});
    let mut cluster = Cluster::new();
    let document = Arc::new(Document::parse(namespace.to_string()).unwrap());
    cluster.put(kind, Objects::from([((String::new(), "web".to_owned()), document)]));
    assert_eq!(policies.give(&cluster.inventory, &mut Made::default()), BTreeMap::new());
    let service = json!({"kind": "Service", "metadata": {"name": "web"},
        "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 31000}]}});
    let review = json!({"request": {"uid": "u", "operation": "CREATE", "namespace": "web",
        "kind": {"group": "", "version": "v1", "kind": "Service"}, "object": service}});
    let request = Request::parse(review.to_string().into_bytes()).unwrap();
    let outcomes = evaluate(&policies, &request, BUDGET);
    assert!(matches!(outcomes[0].finding, Finding::Violated(_)), "{outcomes:?}");
}

/// What ten thousand Pods cost a policy that looks for names, and one that reads a label of each.
#[test]
fn much_of_the_cluster_is_little_of_what_is_read() {
    let spec = "x".repeat(4_000);
    let pod = |number: usize| {
        let (namespace, name) = (format!("team-{}", number % 50), format!("web-{number}"));
        let text = json!({"metadata": {"name": name, "namespace": namespace, "labels": {"app": "web"}}, "spec": {"x": spec}});
        ((namespace, name), Arc::new(Document::parse(text.to_string()).unwrap()))
    };
    let mut cluster = Cluster::new();
    cluster.put(kind("Pod", "pods", true), (0..10_000).map(pod).collect());
    let loader = loader();
    let mut report = String::new();
    for (what, rule, most_bytes) in [
        ("names", "data.kubernetes.pods[namespace][input.request.name]", 4 << 20),
        ("a label", "data.kubernetes.pods[namespace][_].metadata.labels.app == \"db\"", 8 << 20),
    ] {
        let policy = format!(
            "package limits\n\nimport rego.v1\n\n# METADATA\n# entrypoint: true\ndeny contains namespace if {rule}\n"
        );
        let policies = loaded(&loader, candidate(&policy), &json!({}));
        let started = std::time::Instant::now();
        assert_eq!(policies.give(&cluster.inventory, &mut Made::default()), BTreeMap::new());
        let bytes = policies.cluster_bytes();
        writeln!(report, "{what}: {bytes} bytes in a sandbox, given in {:?}", started.elapsed()).unwrap();
        assert!(bytes > 100_000 && bytes < most_bytes, "{what}: {bytes}");
        assert!(seen(&policies).iter().all(|finding| *finding == Finding::Passed));
        let wanted = policies.wanted(&kind("Pod", "pods", true), false);
        assert!(wanted != Paths::whole() && wanted.below("spec").is_none(), "{wanted:?}");
    }
    println!("{report}");
}
