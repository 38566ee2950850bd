package main

import (
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/types"
)

// registerTestBuiltins makes known the builtins that OPA's own test runners add for a few cases. A module
// that needs one lists it like any other, so that a harness without it can tell.
func registerTestBuiltins() {
	rego.RegisterBuiltin1(declare("test.sleep", types.NewNull(), types.S), sleep)
	rego.RegisterBuiltin1(declare("custom_builtin_test", types.N, types.N), increment)
	rego.RegisterBuiltinDyn(declare("custom_builtin_test_impure", types.N), constant(ast.StringTerm("foo")))
	rego.RegisterBuiltinDyn(declare("custom_builtin_test_memoization", types.N), constant(ast.IntNumberTerm(100)))
}

func declare(name string, result types.Type, args ...types.Type) *rego.Function {
	return &rego.Function{Name: name, Decl: types.NewFunction(types.Args(args...), result)}
}

func sleep(_ rego.BuiltinContext, duration *ast.Term) (*ast.Term, error) {
	text, _ := duration.Value.(ast.String)
	parsed, err := time.ParseDuration(string(text))
	time.Sleep(parsed)
	return ast.NullTerm(), err
}

func increment(_ rego.BuiltinContext, number *ast.Term) (*ast.Term, error) {
	integer, _ := number.Value.(ast.Number).Int()
	return ast.IntNumberTerm(integer + 1), nil
}

func constant(term *ast.Term) rego.BuiltinDyn {
	return func(rego.BuiltinContext, []*ast.Term) (*ast.Term, error) { return term, nil }
}
