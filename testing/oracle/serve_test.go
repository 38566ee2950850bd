package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

func TestServe(t *testing.T) {
	const module = `"modules":[{"name":"a.rego","source":"package x\ny := {v | some v in input; v > data.n}\nno := false\nf if semver.compare(\"x\", \"1.0.0\") == 0\nc := 1\nc := input.n"}]`
	for line, want := range map[string]string{
		`{"op":"builtin","name":"sprintf","args":"[\"%v\",[{1}]]"}`:                       `{"ok":"\"{1}\""}`,
		`{"op":"builtin","name":"time.now_ns","args":"[]","now_ns":7}`:                    `{"ok":"7"}`,
		`{"op":"builtin","name":"semver.compare","args":"[\"x\",\"1.0.0\"]"}`:             `{"undefined":true,"why":`,
		`{"op":"builtin","name":"sprintf","args":"[1]"}`:                                  `{"error":"args: sprintf takes 2, not 1"}`,
		`{"op":"builtin","name":"nope","args":"[]"}`:                                      `{"error":"unknown builtin`,
		`{"op":"eval","query":"data.x.y",` + module + `,"input":[1,2.50],"data":{"n":1}}`: `{"ok":"{2.50}"}`,
		`{"op":"eval","query":"data.x.no",` + module + `}`:                                `{"ok":"false"}`,
		`{"op":"eval","query":"data.x.f",` + module + `}`:                                 `{"undefined":true}`,
		`{"op":"eval","query":"data.x.c",` + module + `,"input":{"n":2}}`:                 `{"error":"a.rego:6: eval_conflict_error`,
		`{"op":"eval","query":"count(input)","input_term":"{1,2}"}`:                       `{"ok":"2"}`,
		`{"op":"eval","query":"input[_]","input":[1,2]}`:                                  `{"error":"the query has more than one`,
		`{"op":"compile",` + module + `,"entrypoints":["x/y"]}`:                           `{"wasm":"AGFzbQ`,
		`{"op":"compile",` + module + `,"entrypoints":["x/z"]}`:                           `{"error":"entrypoint`,
		`nonsense`: `{"error":`,
	} {
		var out bytes.Buffer
		s := &server{map[string]*ast.Compiler{}, map[string][]byte{}}
		if err := s.serve(strings.NewReader(line+"\n"), &out); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); !strings.HasPrefix(got, want) {
			t.Errorf("%s\nwant %s\ngot  %.300s", line, want, got)
		}
	}
}
