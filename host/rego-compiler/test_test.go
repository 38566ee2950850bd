package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

const testText = `package a_test

test_passes if data.limit == 3

test_fails if {
	some x in [1, 2]
	print("x is", x)
	x > 0
	x == 3
}

test_twice if true

test_twice if false

todo_test_later if false

test_breaks if c == 1

c := 1 if true

c := 2 if true

test_cases[name] if {
	some name, x in {"one": 1, "two": 2}
	x < 2
}

a.test_deep if true
`

func TestTestsRunAsInOPA(t *testing.T) {
	r := request{Op: "test", Modules: files(testText), Data: json.RawMessage(`{"limit": 3}`)}
	got := ask[testReport](t, r)
	if len(got.Errors) > 0 {
		t.Fatal(got.Errors)
	}
	want := []testResult{
		{Name: "data.a_test.test_passes", Line: 3, Outcome: "passed"},
		{Name: "data.a_test.test_fails", Line: 5, Outcome: "failed", Output: "x is 1\nx is 2\n",
			Failed: &place{9, 2, "x == 3"}},
		{Name: "data.a_test.test_twice", Line: 12, Outcome: "passed"},
		{Name: "data.a_test.test_twice#01", Line: 14, Outcome: "failed", Failed: &place{14, 15, "false"}},
		{Name: "data.a_test.todo_test_later", Line: 16, Outcome: "skipped"},
		{Name: "data.a_test.test_breaks", Line: 18, Outcome: "error", Error: "eval_conflict_error"},
		{Name: "data.a_test.test_cases", Line: 24, Outcome: "failed", Failed: &place{26, 2, "x < 2"},
			Cases: []testCase{{"one", "passed"}, {"two", "failed"}}},
		{Name: "data.a_test.a.test_deep", Line: 29, Outcome: "passed"},
	}
	if len(got.Tests) != len(want) {
		t.Fatalf("%+v", got.Tests)
	}
	for i, w := range want {
		expect(t, got.Tests[i], w)
	}
}

func expect(t *testing.T, got, want testResult) {
	t.Helper()
	same := got.Name == want.Name && got.File == "f0.rego" && got.Line == want.Line && got.Outcome == want.Outcome &&
		strings.Contains(got.Error, want.Error) && (got.Error == "") == (want.Error == "") && got.Output == want.Output
	if !same {
		t.Errorf("want %+v, got %+v", want, got)
	}
	if (got.Failed == nil) != (want.Failed == nil) || got.Failed != nil && *got.Failed != *want.Failed {
		t.Errorf("%s: want %+v, got %+v", want.Name, want.Failed, got.Failed)
	}
	if len(got.Cases) != len(want.Cases) {
		t.Fatalf("%s: want %v, got %v", want.Name, want.Cases, got.Cases)
	}
	for i := range want.Cases {
		if got.Cases[i] != want.Cases[i] {
			t.Errorf("%s: want %v, got %v", want.Name, want.Cases, got.Cases)
		}
	}
}

func TestRunChoosesTests(t *testing.T) {
	got := ask[testReport](t, request{Op: "test", Modules: files(testText), Run: `test_tw`})
	if len(got.Tests) != 2 || len(got.Errors) > 0 {
		t.Errorf("%+v", got)
	}
	if got := ask[testReport](t, request{Op: "test", Modules: files(testText), Run: `(`}); len(got.Errors) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestOldAndNewFilesAreTestedTogether(t *testing.T) {
	got := ask[testReport](t, request{Op: "test", Modules: files(
		"package a\ndeny[msg] { input.x; msg := 1 }",
		"package a_test\nimport data.a\ntest_deny if 1 in a.deny with input.x as true",
	)})
	if len(got.Errors) > 0 || len(got.Tests) != 1 || got.Tests[0].Outcome != "passed" {
		t.Errorf("%+v", got)
	}
}

func TestEndlessTestIsEnded(t *testing.T) {
	defer func(before time.Duration) { timeout = before }(timeout)
	timeout = 50 * time.Millisecond
	got := ask[testReport](t, request{Op: "test", Modules: files(`package a
test_endless if {
	x := numbers.range(1, 3000)
	x[a] + x[b] + x[c] == 0
}
test_next if true`)})
	if len(got.Tests) != 2 || got.Tests[0].Error != "it took longer than 50ms" || got.Tests[1].Outcome != "passed" {
		t.Errorf("%+v", got)
	}
}

func TestDataMustBeAnObject(t *testing.T) {
	got := ask[testReport](t, request{Op: "test", Modules: files(testText), Data: json.RawMessage(`[1]`)})
	if len(got.Errors) != 1 || got.Errors[0].Text != "the data is not a JSON object" {
		t.Errorf("%+v", got)
	}
}
