# METADATA
# title: Privileged container
# description: >-
#   A privileged container has every right of root on its node.
package kubernetes.admission.policy_privileged_pod

policy_metadata := {
	"name": "policy-privileged-pod",
	"severity": "HIGH",
	"errcode": "MT2001",
	"targets": {"CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"},
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
	some list in ["containers", "ephemeralContainers", "initContainers"]
	some container in pod_spec[list]
	container.securityContext.privileged
	text := sprintf(`Found privileged Security Context for container "%v"`, [name_of(container)])
}

pod_spec := input.request.object.spec if input.request.kind.kind == "Pod"

pod_spec := input.request.object.spec.jobTemplate.spec.template.spec if input.request.kind.kind == "CronJob"

pod_spec := input.request.object.spec.template.spec if not input.request.kind.kind in {"CronJob", "Pod"}

# A nameless container is still reported, with an empty name.
name_of(container) := object.get(container, "name", "") if is_object(container)

else := ""
