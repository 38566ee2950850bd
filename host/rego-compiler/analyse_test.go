package main

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func factsOfText(t *testing.T, text string) moduleFacts {
	t.Helper()
	answer := ask[analysis](t, request{Op: "analyse", Modules: files(text)})
	if len(answer.Modules) != 1 || len(answer.Errors) != 0 {
		t.Fatalf("%+v", answer)
	}
	return answer.Modules[0]
}

func TestDialectIsTheFirstThatTheFileIsValidIn(t *testing.T) {
	for text, want := range map[string]string{
		"package a\ndeny contains 1 if true":                             "v1",
		"package a\nimport rego.v1\ndeny contains 1 if true":             "v1",
		"package a\nallow := true":                                       "v1",
		"package a\ndeny[msg] { msg := 1 }":                              "v0",
		"package a\nimport future.keywords\ndeny contains msg { msg=1 }": "v0",
	} {
		if got := factsOfText(t, text); got.Version != want || len(got.Errors) != 0 {
			t.Errorf("%q: want %s, got %+v", text, want, got)
		}
	}
}

func TestErrorsAreThoseOfTheDialectThatGotFurther(t *testing.T) {
	for text, line := range map[string]int{
		"package a\ndeny[x] { x := 1 }\ny := \n":             4,
		"package a\ndeny contains x if { x := 1 }\ny := }\n": 3,
		"garbage":                              1,
		"package a\n# METADATA\n# title: [\np": 3,
	} {
		got := factsOfText(t, text)
		if len(got.Errors) == 0 || got.Errors[0].Line != line || got.Errors[0].File != "f0.rego" || got.Version != "" {
			t.Errorf("%q: want line %d, got %+v", text, line, got)
		}
	}
}

func TestOneBrokenFileDoesNotHideTheOthers(t *testing.T) {
	got := ask[analysis](t, request{Op: "analyse", Modules: files("package", "package a.b")}).Modules
	if len(got[0].Errors) == 0 || len(got[1].Errors) != 0 || !slices.Equal(got[1].Package, []string{"a", "b"}) {
		t.Errorf("%+v", got)
	}
}

func TestRulesHaveKinds(t *testing.T) {
	got := factsOfText(t, `package a
default complete := 1
complete := 2 if input.x
set contains 1
object[x] := 1 if some x in input.x
function(x) := x
p.q.r := 1
p.q.s := 1
deep.set contains 1`).Rules
	want := []ruleFacts{
		{"complete", "complete", 2}, {"set", "set", 1}, {"object", "object", 1}, {"function", "function", 1},
		{"p", "object", 2}, {"deep", "object", 1},
	}
	if !slices.Equal(got, want) {
		t.Errorf("want %v, got %v", want, got)
	}
	if got := factsOfText(t, "package a\nset[x] { x := 1 }\nobject[x] = 1 { x := 1 }").Rules; !slices.Equal(
		got, []ruleFacts{{"set", "set", 1}, {"object", "object", 1}}) {
		t.Errorf("v0: %v", got)
	}
}

// Each rule is put into package a.b, with imports; uses are joined with dots.
func TestUsesAreWhatMayBeAnotherFilesRule(t *testing.T) {
	for rule, want := range map[string]string{
		`p := helper`:                                   "a.b.helper",
		`p := helper.x[input.y].z`:                      "a.b.helper",
		`p := data.x.y[input.z].w`:                      "x.y",
		`p := data[input.z]`:                            "(all)",
		`p := k8s.is_pod(input)`:                        "lib.k8s.is_pod",
		`p := k8s`:                                      "lib.k8s",
		`p := other.x`:                                  "lib.long.x",
		`p := request.x`:                                "",
		`p if { x := h; y = x; 1 + 1 == 2 }`:            "a.b.h a.b.y",
		`p if { some x; q[x]; some k, v in r }`:         "a.b.q a.b.r",
		`p if { some {"a": [x, _]} in r; x > 1; x }`:    "a.b.r",
		`p if every k, v in m { k == v; w }`:            "a.b.m a.b.w",
		`p contains [x | some x in s]`:                  "a.b.s",
		`p := {k: v | some k, v in s; not t}`:           "a.b.s a.b.t",
		`p contains x if { y := {x | x := 1}; x := y }`: "",
		`p if { {x | some x in q}; x == 1 }`:            "a.b.q a.b.x",
		`f(x, [y, {"z": z}]) := x + y + z + w`:          "a.b.w",
		`f(k8s) := k8s.x`:                               "",
		`p := 1 if { false } else := other_rule if q`:   "a.b.other_rule a.b.q",
		`p if q with input as r with data.s.t as u`:     "a.b.q a.b.r a.b.u s.t",
		`p[helper] := 1`:                                "a.b.helper",
		`p := count(q)`:                                 "a.b.count a.b.q",
		`p := data.lib.k8s["is_pod"]`:                   "lib.k8s.is_pod",
		`p := input.x[_][h]`:                            "a.b.h",
		"p := $`{helper} and {input.x}`":                "a.b.helper",
	} {
		text := "package a.b\nimport data.lib.k8s\nimport data.lib.long as other\nimport input.request\n" + rule
		got := factsOfText(t, text)
		var uses []string
		for _, path := range got.Uses {
			uses = append(uses, cmp.Or(strings.Join(path, "."), "(all)"))
		}
		if !slices.Equal(uses, strings.Fields(want)) || len(got.Errors) > 0 {
			t.Errorf("%s: want %s, got %v %v", rule, want, uses, got.Errors)
		}
	}
}

func TestImportsAreThoseOfData(t *testing.T) {
	got := factsOfText(t, "package a\nimport rego.v1\nimport data.lib.x as y\nimport input.z\nimport data.q").Imports
	if want := [][]string{{"lib", "x"}, {"q"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("want %v, got %v", want, got)
	}
}

func TestAnnotationsSayWhatTheyAreAbout(t *testing.T) {
	got := factsOfText(t, `# METADATA
# title: Package
# custom:
#   kinds: [Pod]
package a

# METADATA
# entrypoint: true
deny contains 1

# METADATA
# description: rule
p.q := 1`).Annotations
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"scope":"package","rule":"","annotations":{"custom":{"kinds":["Pod"]},"scope":"package","title":"Package"}},` +
		`{"scope":"document","rule":"deny","annotations":{"entrypoint":true,"scope":"document"}},` +
		`{"scope":"rule","rule":"p","annotations":{"description":"rule","scope":"rule"}}]`
	if string(text) != want {
		t.Errorf("want %s, got %s", want, text)
	}
}
