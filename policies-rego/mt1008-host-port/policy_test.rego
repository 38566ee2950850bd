package kubernetes.admission.policy_hostport_test

import data.kubernetes.admission.policy_hostport as policy

found(name) := sprintf(`[FAIL] HIGH - hostPort is configured for container "%v" (MT1008)`, [name])

test_fails_for_every_kind[kind] if {
	some kind in ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]
	messages(kind, workload(kind, {"containers": [{"name": "app", "ports": [{"hostPort": 80}]}]})) == {found("app")}
}

test_passes_for_every_kind[kind] if {
	some kind in ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]
	messages(kind, workload(kind, {"containers": [{"name": "app", "ports": [{"containerPort": 80}]}]})) == set()
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

failing := review("Pod", workload("Pod", {"containers": [{"name": "app", "ports": [{"hostPort": 80}]}]}))

test_info_carries_the_metadata if {
	policy.policy_metadata.name == "policy-hostport"
	policy.policy_metadata.severity == "HIGH"
	policy.policy_metadata.errcode == "MT1008"
	found := policy.deny with input as failing
	some info in found
	info.name == "policy-hostport"
	info.severity == "HIGH"
	info.errcode == "MT1008"
	object.keys(info) == {"errcode", "msg", "name", "severity"}
}

test_ports[note] if {
	some note, case in {
		"zero": {"given": {"ports": [{"hostPort": 0}]}, "want": {found("app")}},
		"null": {"given": {"ports": [{"hostPort": null}]}, "want": {found("app")}},
		"false": {"given": {"ports": [{"hostPort": false}]}, "want": set()},
		"once for a container": {"given": {"ports": [{"hostPort": 1}, {"hostPort": 2}]}, "want": {found("app")}},
		"one of several": {"given": {"ports": [{"containerPort": 1}, {"hostPort": 2}]}, "want": {found("app")}},
		"no ports": {"given": {}, "want": set()},
		"null ports": {"given": {"ports": null}, "want": set()},
		"text ports": {"given": {"ports": "80"}, "want": set()},
		"odd entries": {"given": {"ports": [null, "80", 80, {"hostPort": 80}]}, "want": {found("app")}},
	}
	messages("Pod", workload("Pod", {"containers": [object.union({"name": "app"}, case.given)]})) == case.want
}

test_container_lists[note] if {
	some note, case in {
		"each container": {"given": {"containers": [{"name": "a", "ports": [{"hostPort": 1}]}, {"name": "b", "ports": [{"hostPort": 2}]}]}, "want": {found("a"), found("b")}},
		"init container": {"given": {"initContainers": [{"name": "setup", "ports": [{"hostPort": 1}]}]}, "want": {found("setup")}},
		"ephemeral container": {"given": {"ephemeralContainers": [{"name": "debug", "ports": [{"hostPort": 1}]}]}, "want": set()},
		"no name": {"given": {"containers": [{"ports": [{"hostPort": 1}]}]}, "want": {found("")}},
		"odd entries": {"given": {"containers": [null, "app", 1]}, "want": set()},
		"null lists": {"given": {"containers": null, "initContainers": null}, "want": set()},
		"host network alone": {"given": {"hostNetwork": true, "containers": [{"name": "app"}]}, "want": set()},
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
