package kubernetes.admission.policy_port_name_mismatch_test

import data.kubernetes.admission.policy_port_name_mismatch as policy

mismatch(name) := sprintf(`[FAIL] HIGH - Logical port name "http" mismatch with port number "443" for service "%v" (MT1006)`, [name])

test_targets[kind] if {
	some kind in ["Service"]
	policy.matches with input as review(kind, {})
}

test_other_kinds[kind] if {
	some kind in ["Ingress", "Pod"]
	not matches(kind)
}

matches(kind) if policy.matches with input as review(kind, {})

failing := review("Service", {"metadata": {"name": "web"}, "spec": {"ports": [{"name": "http", "port": 443}]}})

test_info_carries_the_metadata if {
	policy.policy_metadata.name == "policy-port-name-mismatch"
	policy.policy_metadata.severity == "HIGH"
	policy.policy_metadata.errcode == "MT1006"
	found := policy.deny with input as failing
	some info in found
	info.name == "policy-port-name-mismatch"
	info.severity == "HIGH"
	info.errcode == "MT1006"
	object.keys(info) == {"errcode", "msg", "name", "severity"}
}

test_ports[note] if {
	some note, case in {
		"http on 443": {"given": [{"name": "http", "port": 443}], "want": {mismatch("web")}},
		"https on 443": {"given": [{"name": "https", "port": 443}], "want": set()},
		"http on 80": {"given": [{"name": "http", "port": 80, "targetPort": 443}], "want": set()},
		"no name": {"given": [{"port": 443}], "want": set()},
		"capitals": {"given": [{"name": "HTTP", "port": 443}], "want": set()},
		"longer name": {"given": [{"name": "http-web", "port": 443}], "want": set()},
		"port as text": {"given": [{"name": "http", "port": "443"}], "want": set()},
		"second port": {"given": [{"name": "a", "port": 1}, {"name": "http", "port": 443}], "want": {mismatch("web")}},
		"reported once": {"given": [{"name": "http", "port": 443}, {"name": "http", "port": 443, "protocol": "UDP"}], "want": {mismatch("web")}},
		"no ports": {"given": [], "want": set()},
		"null": {"given": null, "want": set()},
		"text": {"given": "http", "want": set()},
		"odd entries": {"given": [null, "http", 443, {"name": "http", "port": 443}], "want": {mismatch("web")}},
	}
	messages("Service", {"metadata": {"name": "web"}, "spec": {"ports": case.given}}) == case.want
}

test_names[note] if {
	some note, case in {
		"no metadata": {"given": {}, "want": {mismatch("")}},
		"no name": {"given": {"metadata": {"generateName": "web-"}}, "want": {mismatch("")}},
		"null metadata": {"given": {"metadata": null}, "want": {mismatch("")}},
		"quotes": {"given": {"metadata": {"name": `we"b`}}, "want": {mismatch(`we"b`)}},
	}
	messages("Service", object.union(case.given, {"spec": {"ports": [{"name": "http", "port": 443}]}})) == case.want
}

messages(kind, object) := {info.msg | some info in found} if {
	found := policy.deny with input as review(kind, object)
}

review(kind, object) := {"request": {"kind": {"kind": kind}, "object": object}}
