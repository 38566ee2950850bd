package kubernetes.admission

import rego.v1

deny contains msg if {
	input.request.kind.kind == "Pod"
	msg := sprintf("pod %v is refused", [input.request.name]
}
