package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// ask goes the whole way of a request, from text to text.
func ask[A any](t *testing.T, r request) A {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := serve(bytes.NewReader(text), &out); err != nil {
		t.Fatal(err)
	}
	var answer A
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	return answer
}

// files names the texts f0.rego, f1.rego and so on.
func files(texts ...string) (sources []source) {
	for i, text := range texts {
		sources = append(sources, source{Name: "f" + string(rune('0'+i)) + ".rego", Text: text})
	}
	return sources
}

func TestWhatIsNoRequestIsAnsweredWithAnError(t *testing.T) {
	for request, want := range map[string]string{
		``:                     "the request is not valid",
		`[]`:                   "the request is not valid",
		`{"op":"build"}`:       `unknown op "build"`,
		`{"capabilities":"1"}`: "the capabilities are not valid",
		`{"op":"check","modules":[{"name":"a","text":"package a","version":"v9"}]}`: `unknown version "v9"`,
		`{"op":"check","modules":[{"name":"a","text":"package a"},{"name":"a"}]}`:   `two modules are named "a"`,
	} {
		var out bytes.Buffer
		if err := serve(strings.NewReader(request), &out); err != nil {
			t.Fatal(err)
		}
		var got failure
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got.Errors) != 1 {
			t.Fatalf("%s: %s", request, out.String())
		}
		if !strings.Contains(got.Errors[0].Text, want) {
			t.Errorf("%s: want %s, got %s", request, want, got.Errors[0].Text)
		}
	}
}

func TestNoListIsNull(t *testing.T) {
	for _, op := range []string{"analyse", "compile", "check", "test"} {
		var out bytes.Buffer
		text := `{"op":"` + op + `","modules":[{"name":"a.rego","text":"package a"}]}`
		if err := serve(strings.NewReader(text), &out); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ReplaceAll(out.String(), `"manifest":null`, ""), "null") {
			t.Errorf("%s: %s", op, out.String())
		}
	}
}
