package kubernetes.admission

import rego.v1

deny contains msg if {
	name := input.request.object.metadata.name
	no_such_function(name)
	msg := sprintf("%v is refused", [name])
}
