package kubernetes.admission.policy_privileged_pod_test

import data.kubernetes.admission.policy_privileged_pod as policy

found(name) := sprintf(`[FAIL] HIGH - Found privileged Security Context for container "%v" (MT2001)`, [name])

test_fails_for_every_kind[kind] if {
	some kind in ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]
	messages(kind, workload(kind, {"containers": [{"name": "app", "securityContext": {"privileged": true}}]})) == {found("app")}
}

test_passes_for_every_kind[kind] if {
	some kind in ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]
	messages(kind, workload(kind, {"containers": [{"name": "app", "securityContext": {"privileged": false}}]})) == set()
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

failing := review("Pod", workload("Pod", {"containers": [{"name": "app", "securityContext": {"privileged": true}}]}))

test_info_carries_the_metadata if {
	policy.policy_metadata.name == "policy-privileged-pod"
	policy.policy_metadata.severity == "HIGH"
	policy.policy_metadata.errcode == "MT2001"
	found := policy.deny with input as failing
	some info in found
	info.name == "policy-privileged-pod"
	info.severity == "HIGH"
	info.errcode == "MT2001"
	object.keys(info) == {"errcode", "msg", "name", "severity"}
}

test_security_contexts[note] if {
	some note, case in {
		"absent": {"given": {}, "want": set()},
		"null": {"given": {"securityContext": null}, "want": set()},
		"empty": {"given": {"securityContext": {}}, "want": set()},
		"text": {"given": {"securityContext": "privileged"}, "want": set()},
		"privileged": {"given": {"securityContext": {"privileged": true}}, "want": {found("app")}},
		"not privileged": {"given": {"securityContext": {"privileged": false}}, "want": set()},
		"zero counts as true": {"given": {"securityContext": {"privileged": 0}}, "want": {found("app")}},
		"null counts as true": {"given": {"securityContext": {"privileged": null}}, "want": {found("app")}},
		"text counts as true": {"given": {"securityContext": {"privileged": "false"}}, "want": {found("app")}},
		"other rights": {"given": {"securityContext": {"allowPrivilegeEscalation": true}}, "want": set()},
	}
	messages("Pod", workload("Pod", {"containers": [object.union({"name": "app"}, case.given)]})) == case.want
}

test_container_lists[note] if {
	some note, case in {
		"init container": {"given": {"initContainers": [{"name": "setup", "securityContext": {"privileged": true}}]}, "want": {found("setup")}},
		"ephemeral container": {"given": {"ephemeralContainers": [{"name": "debug", "securityContext": {"privileged": true}}]}, "want": {found("debug")}},
		"each container": {"given": {"containers": [{"name": "a", "securityContext": {"privileged": true}}, {"name": "b", "securityContext": {"privileged": true}}]}, "want": {found("a"), found("b")}},
		"no name": {"given": {"containers": [{"securityContext": {"privileged": true}}]}, "want": {found("")}},
		"odd entries": {"given": {"containers": [null, "privileged", 1]}, "want": set()},
		"null lists": {"given": {"containers": null, "initContainers": null, "ephemeralContainers": null}, "want": set()},
		"Pod security context": {"given": {"securityContext": {"privileged": true}, "containers": [{"name": "app"}]}, "want": set()},
	}
	messages("Deployment", workload("Deployment", case.given)) == case.want
}

test_owner_does_not_matter if {
	object := {
		"metadata": {"ownerReferences": [{"kind": "ReplicaSet", "name": "x"}]},
		"spec": {"containers": [{"name": "app", "securityContext": {"privileged": true}}]},
	}
	messages("Pod", object) == {found("app")}
}

workload("Pod", spec) := {"spec": spec}

workload("CronJob", spec) := {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}

workload(kind, spec) := {"spec": {"template": {"spec": spec}}} if not kind in ["CronJob", "Pod"]

messages(kind, object) := {info.msg | some info in found} if {
	found := policy.deny with input as review(kind, object)
}

review(kind, object) := {"request": {"kind": {"kind": kind}, "object": object}}
