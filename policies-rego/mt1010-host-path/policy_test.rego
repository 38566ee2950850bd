package kubernetes.admission.policy_host_path_test

import data.kubernetes.admission.policy_host_path as policy

found(name) := sprintf(`[FAIL] MED - hostPath is configured for volume "%v" (MT1010)`, [name])

test_fails_for_every_kind[kind] if {
	some kind in ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]
	messages(kind, workload(kind, {"volumes": [{"name": "logs", "hostPath": {"path": "/var/log"}}]})) == {found("logs")}
}

test_passes_for_every_kind[kind] if {
	some kind in ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]
	messages(kind, workload(kind, {"volumes": [{"name": "logs", "emptyDir": {}}]})) == set()
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

failing := review("Pod", workload("Pod", {"volumes": [{"name": "logs", "hostPath": {}}]}))

test_info_carries_the_metadata if {
	policy.policy_metadata.name == "policy-host-path"
	policy.policy_metadata.severity == "MED"
	policy.policy_metadata.errcode == "MT1010"
	found := policy.deny with input as failing
	some info in found
	info.name == "policy-host-path"
	info.severity == "MED"
	info.errcode == "MT1010"
	object.keys(info) == {"errcode", "msg", "name", "severity"}
}

test_host_paths[note] if {
	some note, case in {
		"path": {"given": {"path": "/"}, "want": {found("logs")}},
		"empty": {"given": {}, "want": {found("logs")}},
		"null": {"given": null, "want": {found("logs")}},
		"empty text": {"given": "", "want": {found("logs")}},
		"false": {"given": false, "want": set()},
	}
	messages("Pod", workload("Pod", {"volumes": [{"name": "logs", "hostPath": case.given}]})) == case.want
}

test_volumes[note] if {
	some note, case in {
		"each volume": {"given": [{"name": "a", "hostPath": {}}, {"name": "b", "hostPath": {}}], "want": {found("a"), found("b")}},
		"other volumes": {"given": [{"name": "a", "emptyDir": {}}], "want": set()},
		"no name": {"given": [{"hostPath": {}}], "want": {found("")}},
		"null": {"given": null, "want": set()},
		"text": {"given": "hostPath", "want": set()},
		"odd entries": {"given": [null, "hostPath", 1, ["hostPath"]], "want": set()},
	}
	messages("DaemonSet", workload("DaemonSet", {"volumes": case.given})) == case.want
}

workload("Pod", spec) := {"spec": spec}

workload("CronJob", spec) := {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}

workload(kind, spec) := {"spec": {"template": {"spec": spec}}} if not kind in ["CronJob", "Pod"]

messages(kind, object) := {info.msg | some info in found} if {
	found := policy.deny with input as review(kind, object)
}

review(kind, object) := {"request": {"kind": {"kind": kind}, "object": object}}
