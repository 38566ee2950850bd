# METADATA
# title: Host path
# description: >-
#   A hostPath volume gives a Pod a part of the node's own file system.
package kubernetes.admission.policy_host_path

policy_metadata := {
	"name": "policy-host-path",
	"severity": "MED",
	"errcode": "MT1010",
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
	some volume in pod_spec.volumes
	volume.hostPath
	text := sprintf(`hostPath is configured for volume "%v"`, [name_of(volume)])
}

pod_spec := input.request.object.spec if input.request.kind.kind == "Pod"

pod_spec := input.request.object.spec.jobTemplate.spec.template.spec if input.request.kind.kind == "CronJob"

pod_spec := input.request.object.spec.template.spec if not input.request.kind.kind in {"CronJob", "Pod"}

# A nameless volume is still reported, with an empty name.
name_of(volume) := object.get(volume, "name", "") if is_object(volume)

else := ""
