# METADATA
# title: Singleton Pod
# description: >-
#   A Pod that no controller owns is not started again when its node goes.
package kubernetes.admission.policy_singleton_pod_check

policy_metadata := {
	"name": "policy-singleton-pod-check",
	"severity": "LOW",
	"errcode": "MT1007",
	"targets": {"Pod"},
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
	is_object(input.request.object)
	not input.request.object.metadata.ownerReferences
	text := sprintf(`"%v" is a singleton pod.`, [pod_name])
}

# A nameless Pod is still reported, with an empty name.
pod_name := object.get(input.request.object, ["metadata", "name"], "")
