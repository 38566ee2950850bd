package main

import (
	"context"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// compiled is a case's query and modules, for topdown and as Wasm.
type compiled struct {
	compiler *ast.Compiler
	query    ast.Body
	stages   ast.QueryCompiler
	wasm     []byte
}

// compileCase compiles as OPA's Wasm test runner does: the query, not a rule, is the module's entrypoint.
// Topdown then gets the very compiler that made the module.
func compileCase(ctx context.Context, c testCase) (*compiled, error) {
	capabilities := ast.CapabilitiesForThisVersion(ast.CapabilitiesExperimentalKeywords(c.ExperimentalKeywords))
	made := compiled{}
	options := []func(*rego.Rego){
		rego.Query(c.Query),
		rego.SetRegoVersion(c.dialect),
		rego.Capabilities(capabilities),
		rego.CompilerHook(func(compiler *ast.Compiler) { made.compiler = compiler }),
	}
	for i, source := range c.Modules {
		options = append(options, rego.Module(fmt.Sprintf("module-%d.rego", i), source))
	}
	result, err := rego.New(options...).Compile(ctx)
	if err != nil {
		return nil, err
	}
	made.wasm = result.Bytes
	return &made, made.compileQuery(c, capabilities)
}

// compileQuery does once more for topdown what Compile did inside, since it does not hand out the result.
func (made *compiled) compileQuery(c testCase, capabilities *ast.Capabilities) error {
	body, err := ast.ParseBodyWithOpts(c.Query, ast.ParserOptions{
		RegoVersion:  c.dialect,
		Capabilities: capabilities,
		SkipRules:    true,
	})
	if err != nil {
		return err
	}
	made.stages = made.compiler.QueryCompiler().WithContext(ast.NewQueryContext())
	made.query, err = made.stages.Compile(body)
	return err
}
