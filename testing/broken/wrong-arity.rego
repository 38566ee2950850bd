package kubernetes.admission

import rego.v1

deny contains msg if {
	image := input.request.object.spec.containers[_].image
	not startswith(image)
	msg := sprintf("image %v is refused", [image])
}
