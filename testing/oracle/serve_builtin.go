package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"
)

// callBuiltin calls topdown's implementation as OPA's own Wasm host does: no type check of the arguments,
// the last output counts, and an ordinary error is undefined. Only a halt is an error.
func callBuiltin(asked request) (answer, error) {
	function, operands, err := prepareCall(asked)
	if err != nil {
		return answer{}, err
	}
	var output *ast.Term
	err = function(builtinContext(asked.NowNS), operands, func(term *ast.Term) error {
		output = term
		return nil
	})
	if _, halted := errors.AsType[topdown.Halt](err); halted {
		return answer{}, err
	}
	if err != nil {
		return answer{Undefined: true, Why: err.Error()}, nil
	}
	if output == nil {
		return answer{Undefined: true}, nil
	}
	return answer{OK: dump(output.Value)}, nil
}

func prepareCall(asked request) (topdown.BuiltinFunc, []*ast.Term, error) {
	declared, function := ast.BuiltinMap[asked.Name], topdown.GetBuiltin(asked.Name)
	if declared == nil || function == nil {
		return nil, nil, fmt.Errorf("unknown builtin %q", asked.Name)
	}
	value, err := parseValue(asked.Args)
	if err != nil {
		return nil, nil, fmt.Errorf("args: %w", err)
	}
	array, ok := value.(*ast.Array)
	if !ok {
		return nil, nil, errors.New("args: not an array")
	}
	if want := declared.Decl.Arity(); array.Len() != want {
		return nil, nil, fmt.Errorf("args: %s takes %d, not %d", asked.Name, want, array.Len())
	}
	return function, elements(array), nil
}

// builtinContext is a fresh context: nothing is remembered from one request to the next.
func builtinContext(nowNS int64) topdown.BuiltinContext {
	now := json.Number(strconv.FormatInt(nowNS, 10))
	return topdown.BuiltinContext{
		Context: context.Background(),
		Metrics: metrics.New(),
		Seed:    seed{},
		Time:    ast.NumberTerm(now),
		Cancel:  topdown.NewCancel(),
		Cache:   builtins.Cache{},
	}
}
