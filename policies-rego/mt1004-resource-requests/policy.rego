# METADATA
# title: Resource requests
# description: >-
#   Without CPU and memory requests the scheduler places a container blindly,
#   and it is the first to be evicted.
package kubernetes.admission.policy_resource_requests

policy_metadata := {
	"name": "policy-resource-requests",
	"severity": "LOW",
	"errcode": "MT1004",
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

# Ephemeral containers may not declare resources, so they are left out.
failures contains text if {
	some list in ["containers", "initContainers"]
	some container in pod_spec[list]
	text := sprintf(`Resource requests missing (%v) for container "%v"`, [missing(container), name_of(container)])
}

# Undefined for a container that declares both.
missing(container) := "CPU/MEM" if {
	not container.resources.requests.cpu
	not container.resources.requests.memory
}

else := "CPU" if not container.resources.requests.cpu

else := "MEM" if not container.resources.requests.memory

pod_spec := input.request.object.spec if input.request.kind.kind == "Pod"

pod_spec := input.request.object.spec.jobTemplate.spec.template.spec if input.request.kind.kind == "CronJob"

pod_spec := input.request.object.spec.template.spec if not input.request.kind.kind in {"CronJob", "Pod"}

# A nameless container is still reported, with an empty name.
name_of(container) := object.get(container, "name", "") if is_object(container)

else := ""
