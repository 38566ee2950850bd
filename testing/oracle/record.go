package main

import (
	"context"
	"encoding/json"

	"github.com/open-policy-agent/opa/v1/ast"
)

// record is one line of cases.jsonl; README.md says how to read it.
type record struct {
	ID      string   `json:"id"`
	Note    string   `json:"note"`
	Topic   string   `json:"topic"`
	Dialect string   `json:"dialect"`
	Query   string   `json:"query"`
	Sources []string `json:"sources,omitempty"`

	NowNS     int64             `json:"now_ns"`
	Env       map[string]string `json:"env,omitempty"`
	Data      json.RawMessage   `json:"data,omitempty"`
	Input     json.RawMessage   `json:"input,omitempty"`
	InputTerm string            `json:"input_term,omitempty"`

	Module        string   `json:"module,omitempty"`
	Builtins      []string `json:"builtins,omitempty"`
	NotCompilable string   `json:"not_compilable,omitempty"`

	Want  string   `json:"want,omitempty"`
	Error *failure `json:"error,omitempty"`

	SortBindings  bool   `json:"sort_bindings,omitempty"`
	StrictError   bool   `json:"strict_error,omitempty"`
	WantError     string `json:"want_error,omitempty"`
	WantErrorCode string `json:"want_error_code,omitempty"`
	Disagrees     string `json:"disagrees,omitempty"`
}

func newRecord(c testCase) record {
	return record{
		ID:            c.id,
		Note:          c.Note,
		Topic:         c.topic,
		Dialect:       c.dialect.String(),
		Query:         c.Query,
		Sources:       c.Modules,
		NowNS:         frozenNS,
		Env:           c.Env,
		SortBindings:  c.SortBindings,
		StrictError:   c.StrictError,
		WantError:     deref(c.WantError),
		WantErrorCode: deref(c.WantErrorCode),
	}
}

// examine compiles and evaluates a case. What OPA refuses or fails at is part of the record; the error
// returned means that the record could not be made.
func examine(ctx context.Context, c testCase, modules *moduleFolder) (record, error) {
	r := newRecord(c)
	input, err := r.setDocuments(c)
	if err != nil {
		return r, err
	}
	made, err := compileCase(ctx, c)
	if err != nil {
		r.NotCompilable = err.Error()
		return r, nil
	}
	if r.Builtins, err = requiredBuiltins(made.wasm); err != nil {
		return r, err
	}
	if r.Module, err = modules.put(made.wasm); err != nil {
		return r, err
	}
	answers, err := evaluateCase(ctx, c, made, input)
	if err != nil {
		r.Error = newFailure(err)
	} else {
		r.Want = dump(answers)
	}
	r.Disagrees = disagreement(c, answers, r.Error)
	return r, nil
}

// setDocuments fills in data and input, and answers the input as topdown wants it.
func (r *record) setDocuments(c testCase) (ast.Value, error) {
	var err error
	if c.Data != nil {
		if r.Data, err = json.Marshal(*c.Data); err != nil {
			return nil, err
		}
	}
	input, err := inputOf(c)
	if err != nil || input == nil {
		return nil, err
	}
	if text := dump(input); json.Valid([]byte(text)) {
		r.Input = json.RawMessage(text)
	} else {
		r.InputTerm = text
	}
	return input, nil
}

func inputOf(c testCase) (ast.Value, error) {
	switch {
	case c.InputTerm != nil:
		return parseValue(*c.InputTerm)
	case c.Input != nil:
		return ast.InterfaceToValue(*c.Input)
	default:
		return nil, nil
	}
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
