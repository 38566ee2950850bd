# METADATA
# title: NodePort range
# description: >-
#   Keeps the node ports of a namespace inside the range that its annotation
#   k8s.t-mobile.com/nodeportRange sets aside for it.
package kubernetes.admission.policy_nodeport_range

policy_metadata := {
	"name": "policy-nodeport-range",
	"severity": "MED",
	"errcode": "MT2002",
	"targets": {"Service"},
}

matches if {
	input.request.kind.kind in policy_metadata.targets
	input.request.object.spec.type == "NodePort"
}

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
	_ = annotation
	not is_unlimited
	not is_valid
	text := sprintf(`Invalid data in nodePort annotation in "%v" namespace`, [input.request.namespace])
}

failures contains text if {
	is_valid
	some port in input.request.object.spec.ports
	port.nodePort
	not in_range(port.nodePort)
	text := sprintf(`nodePort %v is out of defined range for Service "%v"`, [port.nodePort, service_name])
}

# Undefined for a namespace that is unknown or has no such annotation: nothing
# is checked then.
annotation := data.kubernetes.namespaces[input.request.namespace].metadata.annotations["k8s.t-mobile.com/nodeportRange"]

is_unlimited if lower(trim_space(annotation)) == "na"

# Ports and ranges of ports, separated by commas; empty places are allowed.
items := [item |
	some place in split(annotation, ",")
	item := trim_space(place)
	item != ""
]

is_valid if {
	count(items) > 0
	every item in items {
		is_port_or_range(ends(item))
	}
}

ends(item) := [trim_space(end) | some end in split(item, "-")]

is_port_or_range(pair) if {
	count(pair) <= 2
	digits := concat("", pair)
	digits != ""
	trim(digits, "0123456789") == ""
}

in_range(port) if {
	some range in ranges
	range[0] <= port
	port <= range[1]
}

# A range with an open end has no number there and so allows nothing.
ranges contains [number(pair[0]), number(pair[count(pair) - 1])] if {
	some item in items
	pair := ends(item)
}

# Leading zeros go first, since to_number is not safe with them everywhere.
# A number of 16 digits or more is no port: the largest of 15 stands for it.
number(digits) := 0 if {
	digits != ""
	trim_left(digits, "0") == ""
}

else := 999999999999999 if count(trim_left(digits, "0")) > 15

else := to_number(trim_left(digits, "0"))

# A nameless Service is still reported, with an empty name.
service_name := object.get(input.request.object, ["metadata", "name"], "")
