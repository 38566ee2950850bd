package kubernetes.admission

import rego.v1

limit := "3"

deny contains msg if {
	count(input.request.object.spec.containers) - limit > 0
	msg := "too many containers"
}
