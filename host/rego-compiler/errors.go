package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// maxProblems bounds an answer: one mistake early in a file may have hundreds of followers.
const maxProblems = 20

// problems turns an error of OPA's packages into those that it is made of, in the order of their places.
func problems(err error) []problem {
	if err == nil {
		return []problem{}
	}
	if list, ok := errors.AsType[ast.Errors](err); ok {
		return bounded(list)
	}
	if single, ok := errors.AsType[*ast.Error](err); ok {
		return []problem{newProblem(single)}
	}
	return []problem{{Text: err.Error()}}
}

func bounded(list ast.Errors) []problem {
	list.Sort()
	kept := list[:min(len(list), maxProblems)]
	found := make([]problem, 0, len(kept)+1)
	for _, e := range kept {
		found = append(found, newProblem(e))
	}
	if more := len(list) - len(kept); more > 0 {
		found = append(found, problem{Text: fmt.Sprintf("and %d more errors", more)})
	}
	return found
}

func newProblem(e *ast.Error) problem {
	found := problem{Code: e.Code, Text: e.Message}
	if e.Details != nil {
		found.Text = strings.Join(append([]string{e.Message}, e.Details.Lines()...), "\n  ")
	}
	if e.Location != nil {
		found.File, found.Line, found.Column = e.Location.File, e.Location.Row, e.Location.Col
	}
	return found
}

// isCompileError tells the errors of Rego sources from all others.
func isCompileError(err error) bool {
	_, list := errors.AsType[ast.Errors](err)
	_, single := errors.AsType[*ast.Error](err)
	return list || single
}
