package main

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// readsInputs is what the rules of the table are asked about.
var readsInputs = []string{
	`{"a": {"b": {"c": 1}, "d": 2}, "k": "b", "l": [{"b": 1}, {"b": "b"}, 1], "lib": {"x": 1}, "rest": {"e": 1}}`,
	`{"a": {"b": "k"}, "k": "lib", "l": {"x": {"b": 1}}}`,
	`{"a": [1], "k": "a"}`,
	`{"a": 1, "missing": true}`,
	`{}`,
}

// What counts is not which paths there are but that nothing else matters.
func TestAnswersAreTheSameWithoutWhatIsNotRead(t *testing.T) {
	for _, test := range readsCases {
		if test.want == "error" {
			continue
		}
		reads := compiledFrom(t, "a/p", readsSources(test.rule)).Reads
		for _, text := range readsInputs {
			var input any
			if err := json.Unmarshal([]byte(text), &input); err != nil {
				t.Fatal(err)
			}
			full, pruned := evaluated(t, test.rule, input), evaluated(t, test.rule, onlyPaths(input, reads))
			if !reflect.DeepEqual(full, pruned) {
				t.Errorf("%s: %v with %s, but %v with %v", test.rule, full, text, pruned, reads)
			}
		}
	}
}

// onlyPaths leaves out all that is not at, below or on the way to one of the paths.
func onlyPaths(value any, paths [][]string) any {
	if slices.ContainsFunc(paths, func(path []string) bool { return len(path) == 0 }) {
		return value
	}
	object, _ := value.(map[string]any)
	kept := map[string]any{}
	for key, member := range object {
		var below [][]string
		for _, path := range paths {
			if path[0] == key {
				below = append(below, path[1:])
			}
		}
		if len(below) > 0 {
			kept[key] = onlyPaths(member, below)
		}
	}
	return kept
}

// evaluated is what OPA's own evaluator says of everything in the rule's package, or its error.
func evaluated(t *testing.T, rule string, input any) (answer any) {
	t.Helper()
	err := tryDialects(request{Modules: readsSources(rule)}, limits{}, func(modules []*parsed) error {
		options := []func(*rego.Rego){rego.Query("data.a"), rego.Input(input)}
		for _, m := range modules {
			options = append(options, rego.ParsedModule(m.module), rego.SetRegoVersion(m.dialect))
		}
		results, err := rego.New(options...).Eval(context.Background())
		if answer = results; err != nil {
			answer = err.Error()
		}
		// What is no Rego of version 1 is tried as version 0.
		if list, ok := errors.AsType[ast.Errors](err); ok {
			return list
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
