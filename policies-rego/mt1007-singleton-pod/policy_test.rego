package kubernetes.admission.policy_singleton_pod_check_test

import data.kubernetes.admission.policy_singleton_pod_check as policy

singleton(name) := sprintf(`[FAIL] LOW - "%v" is a singleton pod. (MT1007)`, [name])

test_targets[kind] if {
	some kind in ["Pod"]
	policy.matches with input as review(kind, {})
}

test_other_kinds[kind] if {
	some kind in ["Deployment", "Job", "ReplicaSet"]
	not matches(kind)
}

matches(kind) if policy.matches with input as review(kind, {})

failing := review("Pod", {"metadata": {"name": "web"}})

test_info_carries_the_metadata if {
	policy.policy_metadata.name == "policy-singleton-pod-check"
	policy.policy_metadata.severity == "LOW"
	policy.policy_metadata.errcode == "MT1007"
	found := policy.deny with input as failing
	some info in found
	info.name == "policy-singleton-pod-check"
	info.severity == "LOW"
	info.errcode == "MT1007"
	object.keys(info) == {"errcode", "msg", "name", "severity"}
}

test_owners[note] if {
	some note, case in {
		"absent": {"given": {}, "want": {singleton("web")}},
		"false": {"given": {"ownerReferences": false}, "want": {singleton("web")}},
		"null counts as owned": {"given": {"ownerReferences": null}, "want": set()},
		"empty list counts as owned": {"given": {"ownerReferences": []}, "want": set()},
		"owned": {"given": {"ownerReferences": [{"kind": "ReplicaSet", "name": "web"}]}, "want": set()},
	}
	messages("Pod", {"metadata": object.union({"name": "web"}, case.given)}) == case.want
}

test_odd_objects[note] if {
	some note, case in {
		"empty": {"given": {}, "want": {singleton("")}},
		"null metadata": {"given": {"metadata": null}, "want": {singleton("")}},
		"no name": {"given": {"metadata": {"generateName": "web-"}}, "want": {singleton("")}},
		"number as name": {"given": {"metadata": {"name": 7}}, "want": {singleton(7)}},
		"null": {"given": null, "want": set()},
		"text": {"given": "pod", "want": set()},
	}
	messages("Pod", case.given) == case.want
}

messages(kind, object) := {info.msg | some info in found} if {
	found := policy.deny with input as review(kind, object)
}

review(kind, object) := {"request": {"kind": {"kind": kind}, "object": object}}
