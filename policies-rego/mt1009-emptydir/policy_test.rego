package kubernetes.admission.policy_emptydir_test

import data.kubernetes.admission.policy_emptydir as policy

found(name, problem) := sprintf(`[FAIL] MED - Size limit of emptyDir volume "%v" %v (MT1009)`, [name, problem])

test_fails_for_every_kind[kind] if {
	some kind in ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]
	messages(kind, workload(kind, {"volumes": [{"name": "tmp", "emptyDir": {}}]})) == {found("tmp", "is not set")}
}

test_passes_for_every_kind[kind] if {
	some kind in ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"]
	messages(kind, workload(kind, {"volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "50M"}}]})) == set()
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

failing := review("Pod", workload("Pod", {"volumes": [{"name": "tmp", "emptyDir": {}}]}))

test_info_carries_the_metadata if {
	policy.policy_metadata.name == "policy-emptydir"
	policy.policy_metadata.severity == "MED"
	policy.policy_metadata.errcode == "MT1009"
	found := policy.deny with input as failing
	some info in found
	info.name == "policy-emptydir"
	info.severity == "MED"
	info.errcode == "MT1009"
	object.keys(info) == {"errcode", "msg", "name", "severity"}
}

test_empty_dirs[note] if {
	some note, case in {
		"no size limit": {"given": {}, "want": {found("tmp", "is not set")}},
		"memory": {"given": {"medium": "Memory"}, "want": {found("tmp", "is not set")}},
		"null": {"given": null, "want": {found("tmp", "is not set")}},
		"text": {"given": "x", "want": {found("tmp", "is not set")}},
		"false": {"given": false, "want": set()},
		"false size limit": {"given": {"sizeLimit": false}, "want": {found("tmp", "is not set")}},
		"null size limit": {"given": {"sizeLimit": null}, "want": {found("tmp", "is not in Megabytes")}},
		"integer": {"given": {"sizeLimit": 50}, "want": {found("tmp", "is not in Megabytes")}},
		"zero": {"given": {"sizeLimit": 0}, "want": {found("tmp", "is not in Megabytes")}},
		"list": {"given": {"sizeLimit": ["50M"]}, "want": {found("tmp", "is not in Megabytes")}},
	}
	messages("Pod", workload("Pod", {"volumes": [{"name": "tmp", "emptyDir": case.given}]})) == case.want
}

test_size_limits[note] if {
	some note, case in {
		"50Mi": {"given": "50Mi", "want": {found("tmp", "is not in Megabytes")}},
		"1G": {"given": "1G", "want": {found("tmp", "is not in Megabytes")}},
		"empty": {"given": "", "want": {found("tmp", "is not in Megabytes")}},
		"50": {"given": "50", "want": {found("tmp", "is not in Megabytes")}},
		"50MB": {"given": "50MB", "want": {found("tmp", "is not in Megabytes")}},
		"50m": {"given": "50m", "want": {found("tmp", "is not in Megabytes")}},
		"M50": {"given": "M50", "want": {found("tmp", "is not in Megabytes")}},
		"100M": {"given": "100M", "want": set()},
		"0.5M": {"given": "0.5M", "want": set()},
		"50_M": {"given": "50 M", "want": set()},
		"_50M_": {"given": " 50M ", "want": set()},
		"M": {"given": "M", "want": set()},
		"xM": {"given": "xM", "want": set()},
		"100.0M": {"given": "100.0M", "want": set()},
		"0100M": {"given": "0100M", "want": set()},
		"+100M": {"given": "+100M", "want": set()},
		"-5M": {"given": "-5M", "want": set()},
		".5M": {"given": ".5M", "want": set()},
		".M": {"given": ".M", "want": set()},
		"1.2.3M": {"given": "1.2.3M", "want": set()},
		"0x1p9M": {"given": "0x1p9M", "want": set()},
		"1e9M": {"given": "1e9M", "want": set()},
		"infM": {"given": "infM", "want": set()},
		"101M": {"given": "101M", "want": {found("tmp", "is greater than 100 Megabytes")}},
		"100.1M": {"given": "100.1M", "want": {found("tmp", "is greater than 100 Megabytes")}},
		"1000M": {"given": "1000M", "want": {found("tmp", "is greater than 100 Megabytes")}},
		"101_M": {"given": "101 M", "want": {found("tmp", "is greater than 100 Megabytes")}},
		"_101M_": {"given": " 101M ", "want": {found("tmp", "is greater than 100 Megabytes")}},
		"0101M": {"given": "0101M", "want": {found("tmp", "is greater than 100 Megabytes")}},
		"+101M": {"given": "+101M", "want": {found("tmp", "is greater than 100 Megabytes")}},
		"200.M": {"given": "200.M", "want": {found("tmp", "is greater than 100 Megabytes")}},
		"99999999999999999999M": {"given": "99999999999999999999M", "want": {found("tmp", "is greater than 100 Megabytes")}},
	}
	messages("Pod", workload("Pod", {"volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": case.given}}]})) == case.want
}

test_hundreds_of_digits if {
	limit := replace(sprintf("%400dM", [9]), " ", "9")
	messages("Pod", workload("Pod", {"volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": limit}}]})) == {found("tmp", "is greater than 100 Megabytes")}
}

test_volumes[note] if {
	some note, case in {
		"each volume": {"given": [{"name": "a", "emptyDir": {}}, {"name": "b", "emptyDir": {"sizeLimit": "1G"}}], "want": {found("a", "is not set"), found("b", "is not in Megabytes")}},
		"other volumes": {"given": [{"name": "a", "configMap": {"name": "a"}}], "want": set()},
		"no name": {"given": [{"emptyDir": {}}], "want": {found("", "is not set")}},
		"null": {"given": null, "want": set()},
		"text": {"given": "emptyDir", "want": set()},
		"odd entries": {"given": [null, "emptyDir", 1, []], "want": set()},
	}
	messages("Deployment", workload("Deployment", {"volumes": case.given})) == case.want
}

workload("Pod", spec) := {"spec": spec}

workload("CronJob", spec) := {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}

workload(kind, spec) := {"spec": {"template": {"spec": spec}}} if not kind in ["CronJob", "Pod"]

messages(kind, object) := {info.msg | some info in found} if {
	found := policy.deny with input as review(kind, object)
}

review(kind, object) := {"request": {"kind": {"kind": kind}, "object": object}}
