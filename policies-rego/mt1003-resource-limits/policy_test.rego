package kubernetes.admission.policy_resource_limits_test

import data.kubernetes.admission.policy_resource_limits as policy

missing(what, name) := sprintf(`[FAIL] LOW - Resource limits missing (%v) for container "%v" (MT1003)`, [what, name])

test_fails_for_every_kind[kind] if {
	some kind in ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]
	messages(kind, workload(kind, {"containers": [{"name": "app"}]})) == {missing("CPU/MEM", "app")}
}

test_passes_for_every_kind[kind] if {
	some kind in ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]
	messages(kind, workload(kind, {"containers": [{"name": "app", "resources": {"limits": {"cpu": 1, "memory": "1Gi"}}}]})) == set()
}

test_targets[kind] if {
	some kind in ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]
	policy.matches with input as review(kind, {})
}

test_other_kinds[kind] if {
	some kind in ["ReplicationController", "Service"]
	not matches(kind)
}

matches(kind) if policy.matches with input as review(kind, {})

failing := review("Pod", workload("Pod", {"containers": [{"name": "app"}]}))

test_info_carries_the_metadata if {
	policy.policy_metadata.name == "policy-resource-limits"
	policy.policy_metadata.severity == "LOW"
	policy.policy_metadata.errcode == "MT1003"
	found := policy.deny with input as failing
	some info in found
	info.name == "policy-resource-limits"
	info.severity == "LOW"
	info.errcode == "MT1003"
	object.keys(info) == {"errcode", "msg", "name", "severity"}
}

test_values[note] if {
	some note, case in {
		"both given": {"given": {"resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}, "want": set()},
		"no cpu": {"given": {"resources": {"limits": {"memory": "1Gi"}}}, "want": {missing("CPU", "app")}},
		"no memory": {"given": {"resources": {"limits": {"cpu": "1"}}}, "want": {missing("MEM", "app")}},
		"neither": {"given": {"resources": {"limits": {}}}, "want": {missing("CPU/MEM", "app")}},
		"null": {"given": {"resources": {"limits": null}}, "want": {missing("CPU/MEM", "app")}},
		"no resources": {"given": {}, "want": {missing("CPU/MEM", "app")}},
		"null resources": {"given": {"resources": null}, "want": {missing("CPU/MEM", "app")}},
		"only requests": {"given": {"resources": {"requests": {"cpu": 1, "memory": 1}}}, "want": {missing("CPU/MEM", "app")}},
		"zero counts as present": {"given": {"resources": {"limits": {"cpu": 0, "memory": 0}}}, "want": set()},
		"empty text counts as present": {"given": {"resources": {"limits": {"cpu": "", "memory": ""}}}, "want": set()},
		"null counts as present": {"given": {"resources": {"limits": {"cpu": null, "memory": null}}}, "want": set()},
		"false counts as missing": {"given": {"resources": {"limits": {"cpu": false, "memory": false}}}, "want": {missing("CPU/MEM", "app")}},
		"false cpu": {"given": {"resources": {"limits": {"cpu": false, "memory": 0}}}, "want": {missing("CPU", "app")}},
		"false memory": {"given": {"resources": {"limits": {"cpu": 0, "memory": false}}}, "want": {missing("MEM", "app")}},
	}
	messages("Pod", workload("Pod", {"containers": [object.union({"name": "app"}, case.given)]})) == case.want
}

test_container_lists[note] if {
	some note, case in {
		"each container": {"given": {"containers": [{"name": "a"}, {"name": "b"}]}, "want": {missing("CPU/MEM", "a"), missing("CPU/MEM", "b")}},
		"init container": {"given": {"initContainers": [{"name": "setup"}]}, "want": {missing("CPU/MEM", "setup")}},
		"ephemeral container": {"given": {"ephemeralContainers": [{"name": "debug"}]}, "want": set()},
		"no name": {"given": {"containers": [{}]}, "want": {missing("CPU/MEM", "")}},
		"not objects": {"given": {"containers": [null, "app", 1]}, "want": {missing("CPU/MEM", "")}},
		"null lists": {"given": {"containers": null, "initContainers": null}, "want": set()},
		"text instead of a list": {"given": {"containers": "app"}, "want": set()},
		"no containers": {"given": {}, "want": set()},
	}
	messages("CronJob", workload("CronJob", case.given)) == case.want
}

workload("Pod", spec) := {"spec": spec}

workload("CronJob", spec) := {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}

workload(kind, spec) := {"spec": {"template": {"spec": spec}}} if not kind in ["CronJob", "Pod"]

messages(kind, object) := {info.msg | some info in found} if {
	found := policy.deny with input as review(kind, object)
}

review(kind, object) := {"request": {"kind": {"kind": kind}, "object": object}}
