# METADATA
# title: Host port
# description: >-
#   A host port opens the node itself and lets only one such Pod run on a node.
package kubernetes.admission.policy_hostport

policy_metadata := {
	"name": "policy-hostport",
	"severity": "HIGH",
	"errcode": "MT1008",
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

# Ephemeral containers may not declare ports, so they are left out.
failures contains text if {
	some list in ["containers", "initContainers"]
	some container in pod_spec[list]
	uses_host_port(container)
	text := sprintf(`hostPort is configured for container "%v"`, [name_of(container)])
}

uses_host_port(container) if {
	some port in container.ports
	port.hostPort
}

pod_spec := input.request.object.spec if input.request.kind.kind == "Pod"

pod_spec := input.request.object.spec.jobTemplate.spec.template.spec if input.request.kind.kind == "CronJob"

pod_spec := input.request.object.spec.template.spec if not input.request.kind.kind in {"CronJob", "Pod"}

# A nameless container is still reported, with an empty name.
name_of(container) := object.get(container, "name", "") if is_object(container)

else := ""
