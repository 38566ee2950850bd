# METADATA
# title: External addresses
# description: A Service must not claim addresses from outside of the cluster.
package services.external_addresses

# METADATA
# title: No external addresses
# description: >-
#   Whoever may write externalIPs can draw the traffic for an address to a Pod
#   of their own.
# entrypoint: true
# custom:
#   severity: MED
#   errcode: ORG1001
#   targets: [Service]
deny contains msg if {
	some address in input.request.object.spec.externalIPs
	msg := sprintf("service %s claims the external address %s", [input.request.object.metadata.name, address])
}
