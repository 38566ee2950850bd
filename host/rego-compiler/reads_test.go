package main

import (
	"slices"
	"strings"
	"testing"
)

// Each rule has the package a, and a library beside it when it refers to that. Wanted is a list of references.
var readsCases = []struct{ rule, want string }{
	{"p := 1", ""},
	{"p := input", "input"},
	{"p if input", "input"},
	{"p := input.a.b", "input.a.b"},
	{`p := input["a"].b`, "input.a.b"},
	{"p if input.a.b == input.a.c", "input.a.b input.a.c"},
	{"p if { input.a; input.a.b.c }", "input.a"},
	{"p if not input.a.b", "input.a.b"},
	{"p if input.a.b == false", "input.a.b"},
	{"p := input.l[0].b", "input.l"},
	{"p contains x if x := input.l[_].b", "input.l"},
	{"p contains x if { some x; input[x].b }", "input"},
	{"p contains x if { some x in input.l; x.b }", "input.l"},
	{"p contains [k, v] if some k, v in input.a", "input.a"},
	{"p if 1 in input.l", "input.l"},
	{`p := input.a[input.k].b`, "input.a input.k"},
	{`p := input.a[lower(input.k)]`, "input.a input.k"},
	{"p := x.b if x := input.a", "input.a"},
	{"p := x.b.c if { y := input; x := y.a }", "input"},
	{`p := x if {"a": x, "k": _, "l": _} = input`, "input"},
	{`p := x if [x, "b"] = [input.a, input.k]`, "input.a input.k"},
	{"p := x if { x = input.a; x.b }", "input.a"},
	{"p := f(input.a)\nf(x) := x.b", "input.a"},
	{"p := f(input)\nf(x) := x.b", "input"},
	{"p := f(1)\nf(x) := input.a.b if x == 1\nelse := input.k", "input.a.b input.k"},
	{"p := f(input.a)\nf({\"b\": x}) := x", "input.a"},
	{"default p := false\np if input.k == \"b\"", "input.k"},
	{"p := 1 if { input.missing } else := 2 if { input.k } else := input.a.b", "input.a.b input.k input.missing"},
	{"p := [x | x := input.l[_]]", "input.l"},
	{"p := {x.b: y | x := input.a; y := input.k}", "input.a input.k"},
	{"p := {x | some x in [input.a.b, input.k]}", "input.a.b input.k"},
	{"p := count({x | some x in [1]; input.k})", "input.k"},
	{"p if every x in input.l { x.b != input.k }", "input.k input.l"},
	{"p if every k, _ in input.a { input.a[k] }", "input.a"},
	{`p := {"x": [input.k, {input.a.b}], input.k: 1}`, "input.a.b input.k"},
	{"p := {\"a\": input.a}.a.b", "input.a"},
	{"p := [input.k, 1][0]", "input.k"},
	{"p[input.k] := input.a.b", "input.a.b input.k"},
	{"p[input.k].q contains input.a.b", "input.a.b input.k"},
	{"p[x] := 1 if x := input.k", "input.k"},
	{"p contains input.k", "input.k"},
	{"p[input] := 1", "input"},
	{"p contains input", "input"},
	{"p.q.input := 1", ""},
	{"p.q[input.k].r := 1", "input.k"},
	{`p := sprintf("%v %v", [input.k, input.a.b])`, "input.a.b input.k"},
	{`p := $"key {input.k} and { input.a.b }"`, "input.a.b input.k"},
	{`p := object.get(input.a, ["b", "c"], input.k)`, "input.a input.k"},
	{`p := object.get(input, "k", 1)`, "input"},
	{"p contains path if walk(input.a, [path, _])", "input.a"},
	{"p if input.k in object.keys(input.a)", "input.a input.k"},
	{"p := x if { x := input.k with input.k as 3 }", "input"},
	{"p := x if x := q with input.a.b as 3\nq := input.a", "input"},
	{"p := x if x := q with input as {\"k\": input.a.b}\nq := input.k", "input.a.b input.k"},
	{"p := x if x := q with data.base as input.a\nq := data.base", "input.a"},
	{"p := x if x := count([1]) with count as input.k", "input.k"},
	{"p := x if x := f(1) with f as g\nf(x) := x\ng(_) := input.k", "input.k"},
	{"p := data.lib.known", "input.lib"},
	{"p := data.lib[input.k]", "input.k input.lib"},
	{"p if { print(input.a); input.k }", "input.k"},
	{"# METADATA\n# title: input.a\n# description: input\np := rego.metadata.rule().title", ""},
	{"import input.a\np := a.b", "input.a.b"},
	{"import input.a as x\np := x", "input.a"},
	{"import input as x\np := x.a.b", "input.a.b"},
	{"import input.a\np if { some x in [1]; f(x) }\nf(a) := a", ""},
	{"import input.a.b\np := {b | b := 1}", ""},
	{"p := 1 if input.a.b as_is", "error"},
	// Version 0 may call a variable as the input is called.
	{"p = x { input := {\"a\": 1}; x := input.a }", ""},
	{"p = x { x := {input | input := 1}; not input.k }", "input.k"},
	{"p[input.k] = x { x := input.a[_] }", "input.a input.k"},
	{"p[input.k] { input.a }", "input.a input.k"},
	{"p = x { x := [input | input := 1][0] with input as {} }", ""},
}

func readsSources(rule string) []source {
	sources := files("package a\n"+rule, "package lib\nknown := input.lib if input.lib.x")
	if !strings.Contains(rule, "data.lib") {
		return sources[:1]
	}
	return sources
}

func TestReadsAreWhatRulesReferTo(t *testing.T) {
	for _, test := range readsCases {
		got := compiledFrom(t, "a/p", readsSources(test.rule))
		if test.want == "error" != (len(got.Errors) > 0) {
			t.Errorf("%s: %v", test.rule, got.Errors)
		}
		if test.want == "error" {
			continue
		}
		refs := []string{}
		for _, path := range got.Reads {
			refs = append(refs, strings.Join(append([]string{"input"}, path...), "."))
		}
		if !slices.Equal(refs, strings.Fields(test.want)) {
			t.Errorf("%s: want [%s], got %v", test.rule, test.want, refs)
		}
	}
}

// Wanted is a list of references into data, where * is any key and ? that only something's being there matters.
var dataCases = []struct{ rule, want string }{
	{"p := 1", ""},
	{"p := data.b", "data.b"},
	{"p := data.kubernetes.pods[input.a].b", "data.kubernetes.pods.*.b"},
	{"p if data.kubernetes.pods[_][input.a]", "data.kubernetes.pods.*.*.?"},
	{"p if { some ns, name; data.kubernetes.pods[ns][name]; ns != name }", "data.kubernetes.pods.*.*.?"},
	{"p if not data.kubernetes.pods[input.a]", "data.kubernetes.pods.*.?"},
	{"p if { some ns; x := data.kubernetes.pods[ns][input.a]; x.b }", "data.kubernetes.pods"},
	{"p contains x if some x in data.kubernetes.pods", "data.kubernetes.pods"},
	{"p := x if x := data.kubernetes.pods[_][_].metadata.labels[input.a]", "data.kubernetes.pods.*.*.metadata.labels"},
	{`p := data.kubernetes.namespaces[input.a].metadata.annotations["x.y/z"]`, "data.kubernetes.namespaces.*.metadata.annotations.x.y/z"},
	{"p := x if { q with data.kubernetes.pods as {}; x := 1 }\nq if data.kubernetes.nodes.b", "data.kubernetes.nodes.b.? data.kubernetes.pods"},
	{"p := data.a.q\nq := 1", ""},
	{"p := data.lib.known", ""},
	{"p := data.lib[input.k]", ""},
	{`p := data.kubernetes.pods[data.b[input.x]].c`, "data.b data.kubernetes.pods.*.c"},
	{"import data.b as x\np := x.c", "data.b.c"},
	{"p := count(data.b)", "data.b"},
	{"p if data.b.c == 1", "data.b.c"},
}

func TestDataIsWhatRulesReferTo(t *testing.T) {
	for _, test := range dataCases {
		got := compiledFrom(t, "a/p", readsSources(test.rule))
		if len(got.Errors) > 0 {
			t.Errorf("%s: %v", test.rule, got.Errors)
		}
		refs := []string{}
		for _, path := range got.Data {
			ref := "data"
			for _, key := range path {
				switch {
				case key == nil:
					ref += ".*"
				case *key == "":
					ref += ".?"
				default:
					ref += "." + *key
				}
			}
			refs = append(refs, ref)
		}
		if !slices.Equal(refs, strings.Fields(test.want)) {
			t.Errorf("%s: want [%s], got %v", test.rule, test.want, refs)
		}
	}
}
