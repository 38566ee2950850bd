// Rego-compiler is OPA's own front end in one small program: it says what a Rego file is about, compiles files to
// Wasm as `opa build` does, and runs their tests as `opa test` does.
//
// The host runs it as a WASI module without files, environment and network. It reads one JSON request from
// standard input and writes one JSON answer to standard output; errors are part of the answer.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// The program ends with its answer, so memory is cheaper than time until it nears what the host allows.
const (
	growth      = 400
	memoryBytes = 384 << 20
)

func main() {
	debug.SetGCPercent(growth)
	debug.SetMemoryLimit(memoryBytes)
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "rego-compiler:", err)
		os.Exit(1)
	}
}

// serve fails only when the answer cannot be written.
func serve(in io.Reader, out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(answer(in))
}

func answer(in io.Reader) (result any) {
	// OPA panics on some sources; whoever wrote one should read more than a stack trace.
	defer func() {
		if reason := recover(); reason != nil {
			result = failure{[]problem{{Text: fmt.Sprintf("internal error of OPA: %v", reason)}}}
		}
	}()
	var r request
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return failure{[]problem{{Text: fmt.Sprintf("the request is not valid: %v", err)}}}
	}
	return dispatch(r)
}

func dispatch(r request) any {
	limits, err := newLimits(r.Capabilities)
	if err != nil {
		return failure{problems(err)}
	}
	switch r.Op {
	case "analyse":
		return analyse(r, limits)
	case "compile":
		return compileWasm(r, limits)
	case "check":
		return check(r, limits)
	case "test":
		return runTests(r, limits)
	}
	return failure{[]problem{{Text: fmt.Sprintf("unknown op %q", r.Op)}}}
}
