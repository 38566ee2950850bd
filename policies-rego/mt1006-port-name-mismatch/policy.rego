# METADATA
# title: Port name mismatch
# description: >-
#   A Service port that is called http but listens on 443 misleads people,
#   proxies and service meshes about the protocol.
package kubernetes.admission.policy_port_name_mismatch

policy_metadata := {
	"name": "policy-port-name-mismatch",
	"severity": "HIGH",
	"errcode": "MT1006",
	"targets": {"Service"},
}

matches if input.request.kind.kind in policy_metadata.targets

deny contains info if {
	some text in failures
	info := {
		"name": policy_metadata.name,
		"severity": policy_metadata.severity,
		"errcode": policy_metadata.errcode,
		"msg": concat("", ["[FAIL] ", policy_metadata.severity, " - ", text, " (", policy_metadata.errcode, ")"]),
	}
}

failures contains text if {
	some port in input.request.object.spec.ports
	port.name == "http"
	port.port == 443
	text := sprintf(`Logical port name "http" mismatch with port number "443" for service "%v"`, [service_name])
}

# A nameless Service is still reported, with an empty name.
service_name := object.get(input.request.object, ["metadata", "name"], "")
