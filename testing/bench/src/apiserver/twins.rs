//! Five of the twelve policies in CEL, which the API server evaluates itself: the same objects violate them.
//!
//! A binding of its own lets each of them deny. With five of twelve this is a lower bound of what the rest would add.

use serde_json::{Value, json};

use super::{judge::Probe, objects};

const VERSION: &str = "admissionregistration.k8s.io/v1";

/// Where containers are: in a Pod, in a template, or in a template within a template.
const POD_SPEC: &str = "object.kind == 'Pod' ? object.spec : object.kind == 'CronJob' ? \
                        object.spec.jobTemplate.spec.template.spec : object.spec.template.spec";
const INIT: &str = "variables.podSpec.?initContainers.orValue([])";

/// A policy: the kinds it is about, what holds of an object that does not violate it, and what spoils one.
struct Twin {
    name: &'static str,
    message: &'static str,
    batch: bool,
    expression: String,
    spoil: fn(&mut Value),
}

/// The policies and their bindings.
pub(super) fn objects() -> Vec<Value> {
    twins().iter().flat_map(|twin| [twin.policy(), twin.binding()]).collect()
}

/// One Deployment for each policy, which that one refuses and no other.
pub(super) fn probes() -> Vec<Probe> {
    let probe =
        |twin: &Twin| Probe { object: objects::violation(twin.spoil), refusal: twin.message.to_owned() };
    twins().iter().map(probe).collect()
}

fn twins() -> [Twin; 5] {
    [
        Twin {
            name: "mt1001-liveness-probe",
            message: "[FAIL] LOW - Liveness Probe missing (MT1001)",
            batch: false,
            expression: has_probe("livenessProbe"),
            spoil: |container| remove(container, "", "livenessProbe"),
        },
        Twin {
            name: "mt1002-readiness-probe",
            message: "[FAIL] LOW - Readiness Probe missing (MT1002)",
            batch: false,
            expression: has_probe("readinessProbe"),
            spoil: |container| remove(container, "", "readinessProbe"),
        },
        Twin {
            name: "mt1003-resource-limits",
            message: "[FAIL] LOW - Resource limits missing (MT1003)",
            batch: true,
            expression: has_resources("limits"),
            spoil: |container| remove(container, "/resources/limits", "cpu"),
        },
        Twin {
            name: "mt1004-resource-requests",
            message: "[FAIL] LOW - Resource requests missing (MT1004)",
            batch: true,
            expression: has_resources("requests"),
            spoil: |container| remove(container, "/resources/requests", "memory"),
        },
        Twin {
            name: "mt2001-privileged-pod",
            message: "[FAIL] HIGH - Found privileged Security Context (MT2001)",
            batch: true,
            expression: format!(
                "(variables.podSpec.containers + {INIT} + variables.podSpec.?ephemeralContainers.orValue([]))\
                 .all(c, !c.?securityContext.?privileged.orValue(false))"
            ),
            spoil: |container| {
                if let Some(container) = container.as_object_mut() {
                    container.insert("securityContext".to_owned(), json!({"privileged": true}));
                }
            },
        },
    ]
}

// === impl Twin ===

impl Twin {
    fn policy(&self) -> Value {
        json!({
            "apiVersion": VERSION,
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": self.name},
            "spec": {
                "failurePolicy": "Fail",
                "matchConstraints": {"matchPolicy": "Exact", "resourceRules": self.rules()},
                "variables": [{"name": "podSpec", "expression": POD_SPEC}],
                "validations": [{"expression": self.expression, "message": self.message}],
            },
        })
    }

    fn rules(&self) -> Vec<Value> {
        let mut rules = vec![
            objects::rule("", &["pods"]),
            objects::rule("apps", &["daemonsets", "deployments", "replicasets", "statefulsets"]),
        ];
        rules.extend(self.batch.then(|| objects::rule("batch", &["cronjobs", "jobs"])));
        rules
    }

    fn binding(&self) -> Value {
        json!({
            "apiVersion": VERSION,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": self.name},
            "spec": {
                "policyName": self.name,
                "validationActions": ["Deny"],
                "matchResources": {"namespaceSelector": {"matchLabels": objects::labels()}},
            },
        })
    }
}

/// Every container has the probe, and so has every init container that is a sidecar.
fn has_probe(probe: &str) -> String {
    format!(
        "variables.podSpec.containers.all(c, has(c.{probe})) && \
         {INIT}.all(c, c.?restartPolicy.orValue('') != 'Always' || has(c.{probe}))"
    )
}

/// Every container names processor and memory there.
fn has_resources(field: &str) -> String {
    format!(
        "(variables.podSpec.containers + {INIT}).all(c, \
         ['cpu', 'memory'].all(name, name in c.?resources.?{field}.orValue({{}})))"
    )
}

fn remove(container: &mut Value, within: &str, field: &str) {
    if let Some(object) = container.pointer_mut(within).and_then(Value::as_object_mut) {
        object.remove(field);
    }
}
