package services.annotated

import rego.v1

# METADATA
# title: No services
# entrypoint: true
# custom:
#   severity: URGENT
#   errcode: ORG1003
#   targets: [Service]
deny contains msg if {
	input.request.kind.kind == "Service"
	msg := "no services here"
}
