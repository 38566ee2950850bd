package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

func TestErrorsHavePlaces(t *testing.T) {
	for text, want := range map[string]string{
		"package a\np if q\nq if p":                      "3:1 rego_recursion_error rule data.a.q is recursive",
		"package a\np := nofn(1)":                        "2:6 rego_type_error undefined function nofn",
		"package a\nf(a, b) := a + b\np := f(1)":         "3:6 rego_type_error function data.a.f has arity 2, got 1 argument",
		"package a\np := contains(1, 2)":                 "2:6 rego_type_error contains: invalid argument(s)\n  have: (number, number",
		"package a\nimport data.lib\np := lib.f(1)":      "3:6 rego_type_error undefined function data.lib.f",
		"package a\np if x > 1":                          "2:6 rego_unsafe_var_error var x is unsafe",
		"package a\np := {\n":                            "3:0 rego_parse_error unexpected eof token",
		"package a\nimport data.x\nimport data.y as x\n": "3:1 rego_compile_error import must not shadow",
	} {
		sources := files(text)
		sources[0].Version = "v1"
		got := ask[failure](t, request{Op: "check", Modules: sources}).Errors
		if len(got) == 0 {
			t.Errorf("%q: no error", text)
			continue
		}
		last := got[len(got)-1]
		if described := fmt.Sprintf("%d:%d %s %s", last.Line, last.Column, last.Code, last.Text); last.File != "f0.rego" ||
			!strings.HasPrefix(described, want) {
			t.Errorf("%q: want %q, got %q", text, want, described)
		}
	}
}

func TestErrorsAreBounded(t *testing.T) {
	text := "package a"
	for i := range 30 {
		text += fmt.Sprintf("\np%d := nofn(1)", i)
	}
	for _, op := range []string{"check", "compile", "test"} {
		got := ask[failure](t, request{Op: op, Modules: files(text), Entrypoints: []string{"a/p0"}}).Errors
		if len(got) != maxProblems+1 || got[maxProblems].Text != "and 10 more errors" {
			t.Errorf("%s: %d errors, %v", op, len(got), got[len(got)-1])
		}
	}
}

func TestModulesAreCheckedTogether(t *testing.T) {
	texts := files("package a\np := data.lib.f(1)", "package lib\nf(x) := x")
	if got := ask[failure](t, request{Op: "check", Modules: texts}).Errors; len(got) != 0 {
		t.Error(got)
	}
	if got := ask[failure](t, request{Op: "check", Modules: texts[:1]}).Errors; len(got) != 1 {
		t.Error(got)
	}
}

// Only the builtins are asked for, and so each dialect keeps its own keywords.
func TestCapabilitiesRestrictBuiltins(t *testing.T) {
	all := ast.CapabilitiesForThisVersion().Builtins
	var fewer []*ast.Builtin
	for _, b := range all {
		if b.Name != "http.send" && b.Name != "print" {
			fewer = append(fewer, b)
		}
	}
	asked, err := json.Marshal(ast.Capabilities{Builtins: fewer})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{
		"package a\ntest_p := http.send({})":                         1,
		"package a\ntest_p { http.send({}) }":                        1,
		"package a\ntest_p if print(1)":                              0,
		"package a\nimport future.keywords.in\ntest_p { 1 in [1] }":  0,
		"package a\nimport rego.v1\ntest_p if { every x in [1]{x} }": 0,
	} {
		for _, op := range []string{"compile", "check", "test"} {
			r := request{Op: op, Modules: files(text), Entrypoints: []string{"a/test_p"}, Capabilities: asked}
			if got := ask[failure](t, r).Errors; len(got) != want {
				t.Errorf("%s %q: %v", op, text, got)
			}
		}
	}
}
