# METADATA
# title: Size of emptyDir volumes
# description: >-
#   An emptyDir volume lives on the node's disk: without a small size limit
#   one Pod can fill the disk for all of them.
package kubernetes.admission.policy_emptydir

policy_metadata := {
	"name": "policy-emptydir",
	"severity": "MED",
	"errcode": "MT1009",
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
	volume.emptyDir
	text := sprintf(`Size limit of emptyDir volume "%v" %v`, [name_of(volume), problem(volume.emptyDir)])
}

# Undefined for a size limit that is fine.
problem(empty_dir) := "is not set" if not empty_dir.sizeLimit

else := "is not in Megabytes" if not in_megabytes(empty_dir.sizeLimit)

else := "is greater than 100 Megabytes" if {
	exceeds_100(trim_space(trim_suffix(trim_space(empty_dir.sizeLimit), "M")))
}

# Undefined for a number or anything else that is not text.
in_megabytes(limit) if endswith(trim_space(limit), "M")

# Compares digits as text: exact for any length, and safe for text that is not
# a number at all, such as the x of xM, which exceeds nothing.
exceeds_100(text) if {
	parts := split(trim_prefix(text, "+"), ".")
	count(parts) <= 2
	trim(concat("", parts), "0123456789") == ""
	more_than_100(trim_left(parts[0], "0"), parts)
}

more_than_100(whole, _) if count(whole) > 3

more_than_100(whole, _) if {
	count(whole) == 3
	whole > "100"
}

more_than_100("100", parts) if trim(parts[1], "0") != ""

pod_spec := input.request.object.spec if input.request.kind.kind == "Pod"

pod_spec := input.request.object.spec.jobTemplate.spec.template.spec if input.request.kind.kind == "CronJob"

pod_spec := input.request.object.spec.template.spec if not input.request.kind.kind in {"CronJob", "Pod"}

# A nameless volume is still reported, with an empty name.
name_of(volume) := object.get(volume, "name", "") if is_object(volume)

else := ""
