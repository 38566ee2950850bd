package kubernetes.admission.policy_pdb_test

import data.kubernetes.admission.policy_pdb as policy

whole(value, field) := sprintf(`[FAIL] HIGH - Value "%v" for "%v" should be a Percentage, not an Integer (MT1005)`, [value, field])

outside(percent, field) := sprintf(
	`[FAIL] HIGH - Value (%v%%) for "%v" not within range %v (MT1005)`,
	[percent, field, {"minAvailable": "0%-66%", "maxUnavailable": "33%-100%"}[field]],
)

test_targets[kind] if {
	some kind in ["PodDisruptionBudget"]
	policy.matches with input as review(kind, {})
}

test_other_kinds[kind] if {
	some kind in ["Deployment", "Pod"]
	not matches(kind)
}

matches(kind) if policy.matches with input as review(kind, {})

failing := review("PodDisruptionBudget", {"spec": {"minAvailable": 1}})

test_info_carries_the_metadata if {
	policy.policy_metadata.name == "policy-pdb"
	policy.policy_metadata.severity == "HIGH"
	policy.policy_metadata.errcode == "MT1005"
	found := policy.deny with input as failing
	some info in found
	info.name == "policy-pdb"
	info.severity == "HIGH"
	info.errcode == "MT1005"
	object.keys(info) == {"errcode", "msg", "name", "severity"}
}

test_not_a_percentage[note] if {
	some note, case in {
		"integer min": {"given": {"minAvailable": 1}, "want": {whole(1, "minAvailable")}},
		"integer max": {"given": {"maxUnavailable": 1}, "want": {whole(1, "maxUnavailable")}},
		"zero": {"given": {"minAvailable": 0}, "want": {whole(0, "minAvailable")}},
		"text without sign": {"given": {"minAvailable": "1"}, "want": {whole("1", "minAvailable")}},
		"empty text": {"given": {"minAvailable": ""}, "want": {whole("", "minAvailable")}},
		"fraction": {"given": {"minAvailable": 66.5}, "want": {whole(66.5, "minAvailable")}},
		"null": {"given": {"minAvailable": null}, "want": {whole(null, "minAvailable")}},
		"false": {"given": {"minAvailable": false}, "want": {whole(false, "minAvailable")}},
		"list": {"given": {"minAvailable": ["50%"]}, "want": {whole(["50%"], "minAvailable")}},
		"both fields": {"given": {"minAvailable": 1, "maxUnavailable": "10%"}, "want": {whole(1, "minAvailable"), outside("10", "maxUnavailable")}},
		"neither field": {"given": {"selector": {}}, "want": set()},
		"null spec": {"given": null, "want": set()},
	}
	messages("PodDisruptionBudget", {"spec": case.given}) == case.want
}

test_ranges[note] if {
	some note, case in {
		"min 0%": {"given": {"minAvailable": "0%"}, "want": set()},
		"min 66%": {"given": {"minAvailable": "66%"}, "want": set()},
		"min 066%": {"given": {"minAvailable": "066%"}, "want": set()},
		"min 66.0%": {"given": {"minAvailable": "66.0%"}, "want": set()},
		"min +66%": {"given": {"minAvailable": "+66%"}, "want": set()},
		"min 67%": {"given": {"minAvailable": "67%"}, "want": {outside("67", "minAvailable")}},
		"min 66.5%": {"given": {"minAvailable": "66.5%"}, "want": {outside("66.5", "minAvailable")}},
		"min 100%": {"given": {"minAvailable": "100%"}, "want": {outside("100", "minAvailable")}},
		"min 070%": {"given": {"minAvailable": "070%"}, "want": {outside("70", "minAvailable")}},
		"min 70.0%": {"given": {"minAvailable": "70.0%"}, "want": {outside("70", "minAvailable")}},
		"min -5%": {"given": {"minAvailable": "-5%"}, "want": {outside("-5", "minAvailable")}},
		"min -0.5%": {"given": {"minAvailable": "-0.5%"}, "want": {outside("-0.5", "minAvailable")}},
		"min +80%": {"given": {"minAvailable": "+80%"}, "want": {outside("80", "minAvailable")}},
		"max 33%": {"given": {"maxUnavailable": "33%"}, "want": set()},
		"max 100%": {"given": {"maxUnavailable": "100%"}, "want": set()},
		"max 033%": {"given": {"maxUnavailable": "033%"}, "want": set()},
		"max 33.0%": {"given": {"maxUnavailable": "33.0%"}, "want": set()},
		"max 32%": {"given": {"maxUnavailable": "32%"}, "want": {outside("32", "maxUnavailable")}},
		"max 32.9%": {"given": {"maxUnavailable": "32.9%"}, "want": {outside("32.9", "maxUnavailable")}},
		"max 101%": {"given": {"maxUnavailable": "101%"}, "want": {outside("101", "maxUnavailable")}},
		"max 0%": {"given": {"maxUnavailable": "0%"}, "want": {outside("0", "maxUnavailable")}},
		"max 000%": {"given": {"maxUnavailable": "000%"}, "want": {outside("0", "maxUnavailable")}},
	}
	messages("PodDisruptionBudget", {"spec": case.given}) == case.want
}

test_unparsable[note] if {
	some note, case in {
		"%": {"given": {"minAvailable": "%"}, "want": set()},
		"abc%": {"given": {"minAvailable": "abc%"}, "want": set()},
		"%90": {"given": {"minAvailable": "%90"}, "want": set()},
		"9%0": {"given": {"minAvailable": "9%0"}, "want": set()},
		"90%%": {"given": {"minAvailable": "90%%"}, "want": set()},
		"90 %": {"given": {"minAvailable": "90 %"}, "want": set()},
		" 90%": {"given": {"minAvailable": " 90%"}, "want": set()},
		"9.9.9%": {"given": {"minAvailable": "9.9.9%"}, "want": set()},
		".%": {"given": {"minAvailable": ".%"}, "want": set()},
		"-%": {"given": {"minAvailable": "-%"}, "want": set()},
		"+-5%": {"given": {"minAvailable": "+-5%"}, "want": set()},
		"-+5%": {"given": {"minAvailable": "-+5%"}, "want": set()},
		"0x5A%": {"given": {"minAvailable": "0x5A%"}, "want": set()},
		"9e9%": {"given": {"minAvailable": "9e9%"}, "want": set()},
		"inf%": {"given": {"minAvailable": "inf%"}, "want": set()},
		"NaN%": {"given": {"minAvailable": "NaN%"}, "want": set()},
		"1_000%": {"given": {"minAvailable": "1_000%"}, "want": set()},
	}
	messages("PodDisruptionBudget", {"spec": case.given}) == case.want
}

test_hundreds_of_digits if {
	digits := replace(sprintf("%400d", [9]), " ", "9")
	messages("PodDisruptionBudget", {"spec": {"maxUnavailable": concat("", [digits, "%"])}}) == {outside(digits, "maxUnavailable")}
}

messages(kind, object) := {info.msg | some info in found} if {
	found := policy.deny with input as review(kind, object)
}

review(kind, object) := {"request": {"kind": {"kind": kind}, "object": object}}
