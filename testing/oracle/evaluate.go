package main

import (
	"context"
	"errors"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// frozenNS is "now" in every evaluation: 2024-02-29T12:34:56.789012345Z, a leap day with a full fraction.
const frozenNS int64 = 1709210096789012345

// seed is the randomness of every evaluation: always the same, so that two runs write the same records.
type seed struct{}

func (seed) Read(buffer []byte) (int, error) {
	for i := range buffer {
		buffer[i] = byte(i)
	}
	return len(buffer), nil
}

// failure is an evaluation that ended in an error.
type failure struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

func newFailure(err error) *failure {
	if detail, ok := errors.AsType[*topdown.Error](err); ok {
		return &failure{Code: detail.Code, Text: err.Error()}
	}
	return &failure{Text: err.Error()}
}

// evaluateCase has topdown answer the case's query. Errors in builtins are undefined, as they are in Wasm,
// even where the case asks for strict mode. The answer is the set of the query's bindings, the value that
// the module's own evaluation leaves.
func evaluateCase(ctx context.Context, c testCase, made *compiled, input ast.Value) (ast.Set, error) {
	store := inmem.New()
	if c.Data != nil {
		store = inmem.NewFromObject(*c.Data)
	}
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return nil, err
	}
	defer store.Abort(ctx, txn)

	results, err := newQuery(made, store, txn, input).Run(ctx)
	if err != nil {
		return nil, err
	}
	answers := ast.NewSet()
	for _, result := range results {
		answers.Add(ast.NewTerm(bindings(result, made.stages.RewrittenVars())))
	}
	return answers, nil
}

func newQuery(made *compiled, store storage.Store, txn storage.Transaction, input ast.Value) *topdown.Query {
	query := topdown.NewQuery(made.query).
		WithQueryCompiler(made.stages).
		WithCompiler(made.compiler).
		WithStore(store).
		WithTransaction(txn).
		WithTime(time.Unix(0, frozenNS)).
		WithSeed(seed{}).
		WithStrictBuiltinErrors(false)
	if input != nil {
		query = query.WithInput(ast.NewTerm(input))
	}
	return query
}

// bindings names the variables as the author did, and leaves out those that the compiler made.
func bindings(result topdown.QueryResult, rewritten map[ast.Var]ast.Var) ast.Object {
	object := ast.NewObject()
	for name, term := range result {
		if original, ok := rewritten[name]; ok {
			name = original
		}
		if !name.IsGenerated() && !name.IsWildcard() {
			object.Insert(ast.StringTerm(string(name)), term)
		}
	}
	return object
}
