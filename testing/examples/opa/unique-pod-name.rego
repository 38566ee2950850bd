package kubernetes.admission

import rego.v1

deny contains msg if {
	input.request.kind.kind == "Pod"
	input.request.operation == "CREATE"
	name := input.request.object.metadata.name
	some namespace
	data.kubernetes.pods[namespace][name]
	namespace != input.request.namespace
	msg := sprintf("pod name %q is taken in namespace %q", [name, namespace])
}
