package main

import "github.com/open-policy-agent/opa/v1/ast"

// check compiles all modules together as far as types, which finds all errors but those of Wasm itself.
func check(r request, l limits) failure {
	return failure{problems(tryDialects(r, l, func(modules []*parsed) error { return checkAll(modules, l) }))}
}

func checkAll(modules []*parsed, l limits) error {
	compiler := newCompiler(modules, l)
	compiler.Compile(byName(modules))
	if compiler.Failed() {
		return compiler.Errors
	}
	return nil
}

// newCompiler reports all errors: an answer is bounded elsewhere, and then says how many there are.
func newCompiler(modules []*parsed, l limits) *ast.Compiler {
	dialect := ast.RegoV1
	if len(modules) > 0 {
		dialect = modules[0].dialect
	}
	return ast.NewCompiler().SetErrorLimit(0).WithCapabilities(l.in(dialect)).WithDefaultRegoVersion(dialect)
}

func byName(modules []*parsed) map[string]*ast.Module {
	named := map[string]*ast.Module{}
	for _, m := range modules {
		named[m.Name] = m.module
	}
	return named
}
