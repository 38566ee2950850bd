package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/util"
)

// timeout is what `opa test` gives one test, unless it is told otherwise.
var timeout = 5 * time.Second

// runTests runs all tests of the modules as `opa test` does.
func runTests(r request, l limits) testReport {
	var tests []testResult
	err := tryDialects(r, l, func(modules []*parsed) (err error) {
		tests, err = runAll(modules, r, l)
		return err
	})
	if tests == nil {
		tests = []testResult{}
	}
	return testReport{tests, problems(err)}
}

func runAll(modules []*parsed, r request, l limits) ([]testResult, error) {
	store, err := newStore(r.Data)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	txn, err := store.NewTransaction(ctx, storage.WriteParams)
	if err != nil {
		return nil, err
	}
	defer store.Abort(ctx, txn)

	compiler := newCompiler(modules, l.withTestBuiltins()).
		WithPathConflictsCheck(storage.NonEmpty(ctx, store, txn)).
		WithEnablePrintStatements(true)
	seen := newObserver()
	results, err := tester.NewRunner().
		SetCompiler(compiler).
		SetStore(store).
		SetModules(byName(modules)).
		SetCoverageQueryTracer(seen).
		SetTimeout(timeout).
		SetParallel(1). // The observer follows one test at a time.
		Filter(r.Run).
		RunTests(ctx, txn)
	if err != nil {
		return nil, err
	}
	return collect(results, seen), nil
}

func newStore(text []byte) (storage.Store, error) {
	if len(text) == 0 || string(text) == "null" {
		return inmem.New(), nil
	}
	var data map[string]any
	if err := util.UnmarshalJSON(text, &data); err != nil {
		return nil, errors.New("the data is not a JSON object")
	}
	return inmem.NewFromObject(data), nil
}

// collect puts the results in the order of the files, as they come in any.
func collect(results <-chan *tester.Result, seen *observer) []testResult {
	var all []*tester.Result
	for result := range results {
		all = append(all, result)
	}
	slices.SortFunc(all, func(a, b *tester.Result) int {
		return cmp.Or(a.Location.Compare(b.Location), cmp.Compare(a.Name, b.Name))
	})
	tests := make([]testResult, 0, len(all))
	for _, result := range all {
		tests = append(tests, newResult(result, seen.furthest[keyOf(result.Location)]))
	}
	return tests
}

func newResult(result *tester.Result, furthest *ast.Expr) testResult {
	test := testResult{
		Name:        result.Package + "." + result.Name,
		File:        result.Location.File,
		Line:        result.Location.Row,
		Outcome:     outcomeOf(result),
		Error:       errorOf(result.Error),
		Output:      string(result.Output),
		Cases:       []testCase{},
		Nanoseconds: result.Duration.Nanoseconds(),
	}
	if result.Fail && furthest != nil && furthest.Location != nil {
		where := furthest.Location
		test.Failed = &place{where.Row, where.Col, string(where.Text)}
	}
	for names, part := range result.SubResults.Iter {
		test.Cases = append(test.Cases, testCase{strings.Join(names, "/"), passedOrFailed(part.Fail)})
	}
	return test
}

func outcomeOf(result *tester.Result) string {
	switch {
	case result.Skip:
		return "skipped"
	case result.Error != nil:
		return "error"
	}
	return passedOrFailed(result.Fail)
}

func passedOrFailed(failed bool) string {
	if failed {
		return "failed"
	}
	return "passed"
}

func errorOf(err error) string {
	switch {
	case err == nil:
		return ""
	case topdown.IsCancel(err):
		return "it took longer than " + timeout.String()
	}
	return err.Error()
}
