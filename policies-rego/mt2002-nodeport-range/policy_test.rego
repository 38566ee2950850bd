package kubernetes.admission.policy_nodeport_range_test

import data.kubernetes.admission.policy_nodeport_range as policy

invalid(namespace) := sprintf(`[FAIL] MED - Invalid data in nodePort annotation in "%v" namespace (MT2002)`, [namespace])

outside(port, name) := sprintf(`[FAIL] MED - nodePort %v is out of defined range for Service "%v" (MT2002)`, [port, name])

test_annotation_for_port_30100[note] if {
	some note, case in {
		"30100": {"given": "30100", "want": set()},
		"30100,30102": {"given": "30100,30102", "want": set()},
		"30100,": {"given": "30100,", "want": set()},
		"30100-30200": {"given": "30100-30200", "want": set()},
		"30100_-_30200": {"given": "30100 - 30200", "want": set()},
		"30000-30050,30100": {"given": "30000-30050,30100", "want": set()},
		"na": {"given": "na", "want": set()},
		"_NA_": {"given": " NA ", "want": set()},
		"030100": {"given": "030100", "want": set()},
		",30100": {"given": ",30100", "want": set()},
		"30000-99999999999999999999": {"given": "30000-99999999999999999999", "want": set()},
		"30101": {"given": "30101", "want": {outside(30100, "web")}},
		"30050-30000": {"given": "30050-30000", "want": {outside(30100, "web")}},
		"30100-": {"given": "30100-", "want": {outside(30100, "web")}},
		"-30100": {"given": "-30100", "want": {outside(30100, "web")}},
		"30000-30099": {"given": "30000-30099", "want": {outside(30100, "web")}},
		"0000": {"given": "0000", "want": {outside(30100, "web")}},
		"empty": {"given": "", "want": {invalid("shop")}},
		"abc": {"given": "abc", "want": {invalid("shop")}},
		"30100;30200": {"given": "30100;30200", "want": {invalid("shop")}},
		"-": {"given": "-", "want": {invalid("shop")}},
		"30000-30100-30200": {"given": "30000-30100-30200", "want": {invalid("shop")}},
		"_": {"given": " ", "want": {invalid("shop")}},
		",": {"given": ",", "want": {invalid("shop")}},
		"30100,abc": {"given": "30100,abc", "want": {invalid("shop")}},
		"30_100": {"given": "30 100", "want": {invalid("shop")}},
		"30100.0": {"given": "30100.0", "want": {invalid("shop")}},
		"+30100": {"given": "+30100", "want": {invalid("shop")}},
		"na,30100": {"given": "na,30100", "want": {invalid("shop")}},
		"null annotation": {"given": null, "want": {invalid("shop")}},
		"number as annotation": {"given": 30100, "want": {invalid("shop")}},
		"false as annotation": {"given": false, "want": {invalid("shop")}},
	}
	messages(service([{"nodePort": 30100}]), annotated(case.given)) == case.want
}

test_namespaces[note] if {
	some note, case in {
		"no namespaces": {"given": {}, "want": set()},
		"unknown namespace": {"given": {"other": {"metadata": {"annotations": {"k8s.t-mobile.com/nodeportRange": "1"}}}}, "want": set()},
		"no annotations": {"given": {"shop": {"metadata": {}}}, "want": set()},
		"null annotations": {"given": {"shop": {"metadata": {"annotations": null}}}, "want": set()},
		"another annotation": {"given": {"shop": {"metadata": {"annotations": {"a": "b"}}}}, "want": set()},
	}
	messages(service([{"nodePort": 30100}]), case.given) == case.want
}

test_ports[note] if {
	some note, case in {
		"one for each port": {"given": [{"nodePort": 30300}, {"nodePort": 30100}, {"nodePort": 30400}], "want": {outside(30300, "web"), outside(30400, "web")}},
		"no node port": {"given": [{"port": 80}], "want": set()},
		"zero": {"given": [{"nodePort": 0}], "want": {outside(0, "web")}},
		"null": {"given": [{"nodePort": null}], "want": {outside(null, "web")}},
		"false": {"given": [{"nodePort": false}], "want": set()},
		"text": {"given": [{"nodePort": "30100"}], "want": {outside("30100", "web")}},
		"null list": {"given": null, "want": set()},
		"odd entries": {"given": [null, "x", 1, {"nodePort": 1}], "want": {outside(1, "web")}},
	}
	messages(service(case.given), annotated("30100")) == case.want
}

test_syntax_alone[note] if {
	some note, case in {
		"once for all ports": {"given": [{"nodePort": 1}, {"nodePort": 2}], "want": {invalid("shop")}},
		"port without node port": {"given": [{"port": 80}], "want": {invalid("shop")}},
		"no ports": {"given": [], "want": {invalid("shop")}},
	}
	messages(service(case.given), annotated("abc")) == case.want
}

test_matches[note] if {
	some note, case in {
		"NodePort": {"given": {"kind": "Service", "type": "NodePort"}, "want": true},
		"ClusterIP": {"given": {"kind": "Service", "type": "ClusterIP"}, "want": false},
		"LoadBalancer": {"given": {"kind": "Service", "type": "LoadBalancer"}, "want": false},
		"another kind": {"given": {"kind": "Pod", "type": "NodePort"}, "want": false},
	}
	matches(case.given.kind, case.given.type) == case.want
}

test_service_without_a_type_is_no_target if {
	not policy.matches with input as {"request": {"kind": {"kind": "Service"}, "object": {"spec": {}}}}
}

test_nameless_service if {
	messages({"spec": {"ports": [{"nodePort": 1}]}}, annotated("2")) == {outside(1, "")}
}

test_info_carries_the_metadata if {
	policy.policy_metadata.name == "policy-nodeport-range"
	found := policy.deny with input as review(service([{"nodePort": 1}]))
		with data.kubernetes.namespaces as annotated("2")
	found == {{
		"name": "policy-nodeport-range",
		"severity": "MED",
		"errcode": "MT2002",
		"msg": outside(1, "web"),
	}}
}

matches(kind, type) if {
	policy.matches with input as {"request": {"kind": {"kind": kind}, "object": {"spec": {"type": type}}}}
} else := false

messages(object, namespaces) := {info.msg | some info in found} if {
	found := policy.deny with input as review(object) with data.kubernetes.namespaces as namespaces
}

review(object) := {"request": {"kind": {"kind": "Service"}, "namespace": "shop", "object": object}}

service(ports) := {"metadata": {"name": "web", "namespace": "shop"}, "spec": {"type": "NodePort", "ports": ports}}

annotated(value) := {"shop": {"metadata": {"annotations": {"k8s.t-mobile.com/nodeportRange": value}}}}
