package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// limits are what sources may use: everything of this OPA, or what the request's capabilities leave of it.
type limits struct {
	asked *ast.Capabilities
}

func newLimits(text json.RawMessage) (limits, error) {
	if len(text) == 0 || string(text) == "null" {
		return limits{}, nil
	}
	asked, err := ast.LoadCapabilitiesJSON(bytes.NewReader(text))
	if err != nil {
		return limits{}, fmt.Errorf("the capabilities are not valid: %w", err)
	}
	return limits{asked}, nil
}

// in gives the capabilities in a dialect, which decides about keywords and features where the request does not.
func (l limits) in(dialect ast.RegoVersion) *ast.Capabilities {
	capabilities := ast.CapabilitiesForThisVersion(ast.CapabilitiesRegoVersion(dialect))
	if l.asked == nil {
		return capabilities
	}
	capabilities.Builtins, capabilities.AllowNet = l.asked.Builtins, l.asked.AllowNet
	if l.asked.FutureKeywords != nil {
		capabilities.FutureKeywords = l.asked.FutureKeywords
	}
	if l.asked.Features != nil {
		capabilities.Features = l.asked.Features
	}
	if l.asked.WasmABIVersions != nil {
		capabilities.WasmABIVersions = l.asked.WasmABIVersions
	}
	return capabilities
}

// withTestBuiltins adds what only tests can use, and `opa test` itself: a policy's own `print` is left out of its
// module.
func (l limits) withTestBuiltins() limits {
	if l.asked == nil {
		return l
	}
	asked := *l.asked
	asked.Builtins = slices.Clone(asked.Builtins)
	for _, b := range []*ast.Builtin{ast.Print, ast.InternalPrint, ast.InternalTestCase} {
		if !asked.ContainsBuiltin(b.Name) {
			asked.Builtins = append(asked.Builtins, b)
		}
	}
	return limits{&asked}
}
