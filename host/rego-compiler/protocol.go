package main

import (
	"encoding/json"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
)

// request is all that is read from standard input.
type request struct {
	Op           string          `json:"op"`
	Modules      []source        `json:"modules"`
	Entrypoints  []string        `json:"entrypoints"`
	Capabilities json.RawMessage `json:"capabilities"`
	Data         json.RawMessage `json:"data"`
	Run          string          `json:"run"`
}

// source is one file. Without a version both dialects are tried.
type source struct {
	Name    string   `json:"name"`
	Text    string   `json:"text"`
	Version string   `json:"version"`
	Without []string `json:"without"`
}

// problem is an error and, where it is known, its place; lines and columns count from one.
type problem struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Code   string `json:"code"`
	Text   string `json:"text"`
}

// failure is the answer to a request that could not be dealt with at all, and to a check.
type failure struct {
	Errors []problem `json:"errors"`
}

// analysis is the answer to "analyse".
type analysis struct {
	Modules []moduleFacts `json:"modules"`
	Errors  []problem     `json:"errors"`
}

// moduleFacts is what one file says of itself, without looking at any other. Paths are below data; an empty one among
// the uses is all of data.
type moduleFacts struct {
	Name        string       `json:"name"`
	Version     string       `json:"version"`
	Package     []string     `json:"package"`
	Rules       []ruleFacts  `json:"rules"`
	Uses        [][]string   `json:"uses"`
	Imports     [][]string   `json:"imports"`
	Annotations []annotation `json:"annotations"`
	Errors      []problem    `json:"errors"`
}

type ruleFacts struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	Definitions int    `json:"definitions"`
}

// annotation is one METADATA block; it has a rule unless it speaks of the package.
type annotation struct {
	Scope       string           `json:"scope"`
	Rule        string           `json:"rule"`
	Annotations *ast.Annotations `json:"annotations"`
}

// compilation is the answer to "compile". Reads are the paths below input that the module can see, with all that is
// below each of them; an empty one is all of the input. Data are those below data, where null is any key.
type compilation struct {
	Wasm     []byte           `json:"wasm"`
	Reads    [][]string       `json:"reads"`
	Data     [][]*string      `json:"data"`
	Version  string           `json:"version"`
	Pruned   bool             `json:"pruned"`
	Manifest *bundle.Manifest `json:"manifest"`
	Errors   []problem        `json:"errors"`
}

// testReport is the answer to "test".
type testReport struct {
	Tests  []testResult `json:"tests"`
	Errors []problem    `json:"errors"`
}

// testResult is one test rule. Failed is where it ended, if that is known; cases are the named parts of a test that
// has some.
type testResult struct {
	Name        string     `json:"name"`
	File        string     `json:"file"`
	Line        int        `json:"line"`
	Outcome     string     `json:"outcome"`
	Error       string     `json:"error"`
	Output      string     `json:"output"`
	Failed      *place     `json:"failed"`
	Cases       []testCase `json:"cases"`
	Nanoseconds int64      `json:"nanoseconds"`
}

// place is the expression that a failed test ended at.
type place struct {
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Expression string `json:"expression"`
}

type testCase struct {
	Name    string `json:"name"`
	Outcome string `json:"outcome"`
}
