package team.rules

import rego.v1

forbidden contains text if {
	input.request.kind.kind == "Pod"
	text := "no pods here"
}
