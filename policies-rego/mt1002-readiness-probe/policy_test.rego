package kubernetes.admission.policy_readiness_probe_test

import data.kubernetes.admission.policy_readiness_probe as policy

missing(name) := sprintf(`[FAIL] LOW - Readiness Probe missing for container "%v" (MT1002)`, [name])

test_fails_for_every_kind[kind] if {
	some kind in ["DaemonSet", "Deployment", "Pod", "ReplicaSet", "StatefulSet"]
	messages(kind, workload(kind, {"containers": [{"name": "app"}]})) == {missing("app")}
}

test_passes_for_every_kind[kind] if {
	some kind in ["DaemonSet", "Deployment", "Pod", "ReplicaSet", "StatefulSet"]
	messages(kind, workload(kind, {"containers": [{"name": "app", "readinessProbe": {"httpGet": {"port": 80}}}]})) == set()
}

test_targets[kind] if {
	some kind in ["DaemonSet", "Deployment", "Pod", "ReplicaSet", "StatefulSet"]
	policy.matches with input as review(kind, {})
}

test_other_kinds[kind] if {
	some kind in ["CronJob", "Job", "ReplicationController", "Service"]
	not matches(kind)
}

matches(kind) if policy.matches with input as review(kind, {})

failing := review("Pod", workload("Pod", {"containers": [{"name": "app"}]}))

test_info_carries_the_metadata if {
	policy.policy_metadata.name == "policy-readiness-probe"
	policy.policy_metadata.severity == "LOW"
	policy.policy_metadata.errcode == "MT1002"
	found := policy.deny with input as failing
	some info in found
	info.name == "policy-readiness-probe"
	info.severity == "LOW"
	info.errcode == "MT1002"
	object.keys(info) == {"errcode", "msg", "name", "severity"}
}

test_probe_values[note] if {
	some note, case in {
		"absent": {"given": {}, "want": {missing("app")}},
		"null": {"given": {"readinessProbe": null}, "want": set()},
		"empty": {"given": {"readinessProbe": {}}, "want": set()},
		"false": {"given": {"readinessProbe": false}, "want": {missing("app")}},
		"the other probe": {"given": {"livenessProbe": {}}, "want": {missing("app")}},
	}
	messages("Pod", workload("Pod", {"containers": [object.union({"name": "app"}, case.given)]})) == case.want
}

test_container_lists[note] if {
	some note, case in {
		"each container": {"given": {"containers": [{"name": "a"}, {"name": "b"}]}, "want": {missing("a"), missing("b")}},
		"ordinary init container": {"given": {"initContainers": [{"name": "setup"}]}, "want": set()},
		"sidecar without the probe": {"given": {"initContainers": [{"name": "proxy", "restartPolicy": "Always"}]}, "want": {missing("proxy")}},
		"sidecar with the probe": {"given": {"initContainers": [{"name": "proxy", "restartPolicy": "Always", "readinessProbe": {}}]}, "want": set()},
		"ephemeral container": {"given": {"ephemeralContainers": [{"name": "debug"}]}, "want": set()},
		"no name": {"given": {"containers": [{}]}, "want": {missing("")}},
		"not objects": {"given": {"containers": [null, "app", 1]}, "want": {missing("")}},
		"null list": {"given": {"containers": null}, "want": set()},
		"text instead of a list": {"given": {"containers": "app"}, "want": set()},
		"no containers": {"given": {}, "want": set()},
	}
	messages("Deployment", workload("Deployment", case.given)) == case.want
}

workload("Pod", spec) := {"spec": spec}

workload("CronJob", spec) := {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}

workload(kind, spec) := {"spec": {"template": {"spec": spec}}} if not kind in ["CronJob", "Pod"]

messages(kind, object) := {info.msg | some info in found} if {
	found := policy.deny with input as review(kind, object)
}

review(kind, object) := {"request": {"kind": {"kind": kind}, "object": object}}
