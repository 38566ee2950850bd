package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/test/cases"
)

func TestRefusedSourceIsRecordedWithOPAsText(t *testing.T) {
	got := mustExamine(t, testCase{
		TestCase: cases.TestCase{Query: "data.x.p = x", Modules: []string{"package x\np := sprintf(1, [])"}},
		dialect:  ast.RegoV1,
	})
	if !strings.Contains(got.NotCompilable, "rego_type_error") || got.Module != "" || got.Want != "" {
		t.Errorf("%+v", got)
	}
}

func TestAnswerIsTheSetOfBindings(t *testing.T) {
	var input any = []any{json.Number("1"), json.Number("2"), json.Number("2")}
	c := testCase{
		TestCase: cases.TestCase{
			Query:   "some i; data.x.f(input[i]) = y",
			Modules: []string{"package x\nf(n) := {sprintf(\"%d\", [n])} if semver.compare(\"1.0.0\", \"1.0.0\") == 0"},
			Input:   &input,
		},
		dialect: ast.RegoV1,
	}
	got := mustExamine(t, c)
	if want := `{{"i":0,"y":{"1"}},{"i":1,"y":{"2"}},{"i":2,"y":{"2"}}}`; got.Want != want {
		t.Errorf("want %s, got %s", want, got.Want)
	}
	if want := []string{"semver.compare", "sprintf"}; !slices.Equal(got.Builtins, want) {
		t.Errorf("want %v, got %v", want, got.Builtins)
	}
}

func mustExamine(t *testing.T, c testCase) record {
	t.Helper()
	modules, err := newModuleFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	got, err := examine(context.Background(), c, modules)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTenthMeetsEveryTopicWhateverTheOrder(t *testing.T) {
	var all []testCase
	for _, id := range strings.Fields("a/1 a/2 a/3 a/4 a/5 a/6 a/7 a/8 a/9 a/10 a/11 b/1") {
		all = append(all, testCase{id: id, topic: id[:1]})
	}
	first := ids(tenth(all))
	slices.Reverse(all)
	if second := ids(tenth(all)); len(first) != 3 || !slices.Contains(first, "b/1") || !slices.Equal(first, second) {
		t.Errorf("%v and %v", first, second)
	}
}

func ids(all []testCase) (names []string) {
	for _, c := range all {
		names = append(names, c.id)
	}
	return names
}
