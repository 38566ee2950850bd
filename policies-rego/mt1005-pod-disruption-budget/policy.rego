# METADATA
# title: Pod disruption budget
# description: >-
#   A budget in percent follows the size of the workload; one that is too
#   strict blocks node maintenance, one that is too loose protects nothing.
package kubernetes.admission.policy_pdb

policy_metadata := {
	"name": "policy-pdb",
	"severity": "HIGH",
	"errcode": "MT1005",
	"targets": {"PodDisruptionBudget"},
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

# Percentages that leave room for both maintenance and availability.
allowed := {
	"maxUnavailable": {"from": 33, "to": 100},
	"minAvailable": {"from": 0, "to": 66},
}

failures contains text if {
	some field, _ in allowed
	value := input.request.object.spec[field]
	not is_percentage(value)
	text := sprintf(`Value "%v" for "%v" should be a Percentage, not an Integer`, [value, field])
}

failures contains text if {
	some field, range in allowed
	value := input.request.object.spec[field]
	is_percentage(value)
	percent := decimal(trim_suffix(value, "%"))
	outside(percent, range)
	text := sprintf(`Value (%v%%) for "%v" not within range %v%%-%v%%`, [percent, field, range.from, range.to])
}

is_percentage(value) if {
	is_string(value)
	contains(value, "%")
}

outside(percent, range) if to_number(percent) < range.from

outside(percent, range) if to_number(percent) > range.to

# to_number may refuse a number of hundreds of digits: judge it by its length.
outside(percent, _) if count(split(percent, ".")[0]) > 4

# The plain form of a decimal: no plus sign, no needless zeros. It keeps a
# number such as 070 away from to_number, which would hand it on unchanged,
# and that is not valid JSON. Undefined for any other text.
decimal(text) := concat("", [sign(text), whole(parts[0]), fraction(parts)]) if {
	unsigned := trim_left(text, "+-")
	count(text) - count(unsigned) <= 1
	parts := split(unsigned, ".")
	count(parts) <= 2
	digits := concat("", parts)
	digits != ""
	trim(digits, "0123456789") == ""
}

sign(text) := "-" if startswith(text, "-")

else := ""

whole(digits) := "0" if trim(digits, "0") == ""

else := trim_left(digits, "0")

fraction(parts) := concat("", [".", trim_right(parts[1], "0")]) if trim(parts[1], "0") != ""

else := ""
