package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
)

// disagreement holds topdown's answer against what the case itself wants, and says how they differ. It
// guards the oracle: a wrong clock, a lost input or a forgotten option would show up here.
func disagreement(c testCase, answers ast.Set, failed *failure) string {
	wantsError := c.WantDefined == nil && c.WantResult == nil
	switch {
	case wantsError && !c.StrictError:
		return errorDisagreement(c, failed)
	case failed != nil:
		return "unexpected error " + failed.Text
	case wantsError:
		return difference(ast.NewSet(), answers) // an error of strict mode is undefined otherwise
	case c.WantDefined != nil:
		if *c.WantDefined != (answers.Len() > 0) {
			return fmt.Sprintf("defined should be %v", *c.WantDefined)
		}
		return ""
	default:
		return resultDisagreement(c, answers)
	}
}

func errorDisagreement(c testCase, failed *failure) string {
	if failed == nil {
		return "no error"
	}
	if c.WantErrorCode != nil && *c.WantErrorCode != failed.Code {
		return "error code " + failed.Code
	}
	// The Wasm assets name the text of the guest's abort, which is not topdown's.
	if c.WantError != nil && !strings.HasPrefix(c.id, "wasm/") && !strings.Contains(failed.Text, *c.WantError) {
		return "error text " + failed.Text
	}
	return ""
}

// resultDisagreement compares as OPA's topdown runner does: both sides as JSON, where sets are arrays.
func resultDisagreement(c testCase, answers ast.Set) string {
	want, got := ast.NewSet(), ast.NewSet()
	for _, row := range *c.WantResult {
		object := ast.NewObject()
		for name, value := range row {
			object.Insert(ast.StringTerm(name), ast.NewTerm(ast.MustInterfaceToValue(value)))
		}
		want.Add(ast.NewTerm(object))
	}
	for _, row := range answers.Slice() {
		object := ast.NewObject()
		row.Value.(ast.Object).Foreach(func(name, value *ast.Term) {
			object.Insert(name, ast.NewTerm(throughJSON(value.Value, c.SortBindings)))
		})
		got.Add(ast.NewTerm(object))
	}
	return difference(want, got)
}

func throughJSON(value ast.Value, sorted bool) ast.Value {
	plain, err := ast.JSON(value)
	if err != nil {
		return ast.String(err.Error())
	}
	if list, ok := plain.([]any); ok && sorted {
		slices.SortFunc(list, util.Compare)
	}
	return ast.MustInterfaceToValue(plain)
}

func difference(want, got ast.Set) string {
	if want.Compare(got) == 0 {
		return ""
	}
	return fmt.Sprintf("case wants %s, topdown says %s", dump(want), dump(got))
}
