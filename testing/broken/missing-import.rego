package kubernetes.admission

import rego.v1

import data.lib.missing

deny contains msg if {
	image := input.request.object.spec.containers[_].image
	missing.helper(image)
	msg := sprintf("image %v is refused", [image])
}
