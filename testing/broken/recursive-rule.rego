package kubernetes.admission

import rego.v1

deny contains msg if {
	refused
	msg := "refused"
}

refused if not allowed

allowed if not refused
