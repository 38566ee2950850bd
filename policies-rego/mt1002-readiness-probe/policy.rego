# METADATA
# title: Readiness probe
# description: >-
#   Without a readiness probe a Pod receives traffic as soon as its process
#   starts, whether or not it can answer.
package kubernetes.admission.policy_readiness_probe

policy_metadata := {
	"name": "policy-readiness-probe",
	"severity": "LOW",
	"errcode": "MT1002",
	"targets": {"DaemonSet", "Deployment", "Pod", "ReplicaSet", "StatefulSet"},
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

failures contains failure_of(container) if {
	some container in pod_spec.containers
}

# Kubernetes allows probes on an init container only when it is a sidecar, and
# never on an ephemeral container.
failures contains failure_of(container) if {
	some container in pod_spec.initContainers
	container.restartPolicy == "Always"
}

# Undefined for a container that has the probe.
failure_of(container) := sprintf(`Readiness Probe missing for container "%v"`, [name_of(container)]) if {
	not container.readinessProbe
}

pod_spec := input.request.object.spec if input.request.kind.kind == "Pod"

pod_spec := input.request.object.spec.template.spec if input.request.kind.kind != "Pod"

# A nameless container is still reported, with an empty name.
name_of(container) := object.get(container, "name", "") if is_object(container)

else := ""
