package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func compiledFrom(t *testing.T, entrypoint string, sources []source) compilation {
	t.Helper()
	return ask[compilation](t, request{Op: "compile", Modules: sources, Entrypoints: []string{entrypoint}})
}

func TestModulesCompileInTheDialectTheyAreValidIn(t *testing.T) {
	for name, test := range map[string]struct {
		texts []string
		want  string
	}{
		"v1": {[]string{"package a\ndeny contains 1 if input.x"}, "v1"},
		"v0": {[]string{"package a\ndeny[1] { input.x }"}, "v0"},
		"v0 that parses as v1, and uses what v1 removed": {[]string{"package a\ndeny = any([input.x])"}, "v0"},
		"v0 with a library in v1": {
			[]string{"package a\ndeny[1] { data.lib.x }", "package lib\nx if input.x"}, "v0",
		},
	} {
		got := compiledFrom(t, "a/deny", files(test.texts...))
		if len(got.Errors) > 0 || got.Version != test.want || !bytes.HasPrefix(got.Wasm, []byte("\x00asm")) {
			t.Errorf("%s: %s %v", name, got.Version, got.Errors)
		}
	}
}

func TestManifestHasEntrypointsAndTheirAnnotations(t *testing.T) {
	got := compiledFrom(t, "a/deny", files(
		"package a\n# METADATA\n# title: Deny\ndeny contains 1 if data.lib.x",
		"package lib\nx[1] { input.x }",
	))
	text, err := json.Marshal(got.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"revision":"","roots":[""],"wasm":[{"entrypoint":"a/deny","module":"/policy.wasm",` +
		`"annotations":[{"scope":"rule","title":"Deny"}]}],"rego_version":1,"file_rego_versions":{"/f1.rego":0}}`
	if string(text) != want {
		t.Errorf("want %s, got %s", want, text)
	}
}

func TestEqualSourcesGiveEqualModules(t *testing.T) {
	sources := files("package a\ndeny contains 1 if data.lib.x", "package lib\nx if input.x")
	first := compiledFrom(t, "a/deny", sources)
	slices.Reverse(sources)
	if second := compiledFrom(t, "a/deny", sources); !bytes.Equal(first.Wasm, second.Wasm) || len(first.Wasm) == 0 {
		t.Errorf("%d and %d bytes", len(first.Wasm), len(second.Wasm))
	}
}

func TestUnusedRulesArePrunedOnlyWhereTheyMustBe(t *testing.T) {
	deny := "package a\ndeny contains 1 if input.x\n"
	for rule, pruned := range map[string]bool{
		"":                                   false,
		"message := count(deny)":             false,
		"f(x) if count(deny) > x":            true,
		"ok if f(1)\nf(x) if deny[x]":        true,
		"deny contains f(1)\nf(x) := x if x": false,
	} {
		got := compiledFrom(t, "a/deny", files(deny+rule))
		if len(got.Errors) > 0 || got.Pruned != pruned {
			t.Errorf("%q: %v %v", rule, got.Pruned, got.Errors)
		}
	}
}

func TestRulesAreLeftOut(t *testing.T) {
	sources := files(
		"package a\n# METADATA\n# entrypoint: true\ndeny contains 1 if helper",
		"package a\nhelper if input.x\n# METADATA\n# entrypoint: true\ndeny := 2\n# other\nother.x := deny",
	)
	if got := compiledFrom(t, "a/deny", sources); len(got.Errors) == 0 {
		t.Fatal("the two deny should be in conflict")
	}
	sources[1].Without = []string{"deny", "other"}
	got := compiledFrom(t, "a/deny", sources)
	if len(got.Errors) > 0 || len(got.Manifest.WasmResolvers) != 1 {
		t.Errorf("%v %v", got.Errors, got.Manifest)
	}
}

func TestCompileErrorsNameWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"package a\nother := 1":        `entrypoint "a/deny" does not refer to a rule`,
		"package a\ndeny(x) := x":      "data.a.deny used as reference, not called",
		"package a\ndeny := nofn(1)":   "undefined function nofn",
		"package a\ndeny[x] { x := 1 ": "unexpected eof",
	} {
		got := compiledFrom(t, "a/deny", files(text))
		if len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Text, want) || len(got.Wasm) > 0 {
			t.Errorf("%q: want %s, got %v", text, want, got.Errors)
		}
	}
}
