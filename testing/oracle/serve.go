package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/open-policy-agent/opa/v1/ast"
)

// request is one line on stdin. Which fields count depends on the operation.
type request struct {
	Op          string          `json:"op"`
	NowNS       int64           `json:"now_ns"`
	Name        string          `json:"name"`
	Args        string          `json:"args"`
	Modules     []source        `json:"modules"`
	Dialect     string          `json:"dialect"`
	Query       string          `json:"query"`
	Input       json.RawMessage `json:"input"`
	InputTerm   string          `json:"input_term"`
	Data        json.RawMessage `json:"data"`
	Entrypoints []string        `json:"entrypoints"`
}

// source is one Rego file.
type source struct {
	Name   string `json:"name"`
	Source string `json:"source"`
}

// answer is one line on stdout: a value, undefined, a module, or an error. Undefined is an answer; an error
// means that there is none, because the request makes no sense or the evaluation was aborted.
type answer struct {
	OK        string `json:"ok,omitempty"`
	Undefined bool   `json:"undefined,omitempty"`
	Why       string `json:"why,omitempty"`
	Wasm      []byte `json:"wasm,omitempty"`
	Error     string `json:"error,omitempty"`
	Code      string `json:"code,omitempty"`
}

// cacheLimit bounds the compiled policies kept; a fuzzer that makes up policies would fill memory otherwise.
const cacheLimit = 256

// server keeps what repeated requests about the same modules would compile again.
type server struct {
	compilers map[string]*ast.Compiler
	modules   map[string][]byte
}

// runServe answers requests until stdin ends. A request that fails is answered with its error.
func runServe(args []string) error {
	if len(args) > 0 {
		return errors.New("serve takes no arguments")
	}
	s := &server{map[string]*ast.Compiler{}, map[string][]byte{}}
	return s.serve(os.Stdin, os.Stdout)
}

func (s *server) serve(in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 1 {
			if err := encoder.Encode(s.answer(line)); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// answer never fails: a panic in OPA is an error of this request alone.
func (s *server) answer(line []byte) (a answer) {
	defer func() {
		if cause := recover(); cause != nil {
			a = answer{Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	asked := request{NowNS: frozenNS}
	if err := json.Unmarshal(line, &asked); err != nil {
		return errorAnswer(err)
	}
	a, err := s.dispatch(asked)
	if err != nil {
		return errorAnswer(err)
	}
	return a
}

func (s *server) dispatch(asked request) (answer, error) {
	switch asked.Op {
	case "builtin":
		return callBuiltin(asked)
	case "eval":
		return s.evaluate(asked)
	case "compile":
		return s.compileModule(asked)
	default:
		return answer{}, fmt.Errorf("unknown op %q", asked.Op)
	}
}

func errorAnswer(err error) answer {
	failed := newFailure(err)
	return answer{Error: failed.Text, Code: failed.Code}
}

func (asked request) regoVersion() (ast.RegoVersion, error) {
	switch asked.Dialect {
	case "v0":
		return ast.RegoV0, nil
	case "", "v1":
		return ast.RegoV1, nil
	default:
		return ast.RegoUndefined, fmt.Errorf("unknown dialect %q", asked.Dialect)
	}
}

// cached answers what is kept for the request's modules, making it first where it is not there.
func cached[T any](cache map[string]T, asked request, create func() (T, error)) (T, error) {
	text, err := json.Marshal([]any{asked.Dialect, asked.Modules, asked.Entrypoints})
	if err != nil {
		var none T
		return none, err
	}
	digest := sha256.Sum256(text)
	key := string(digest[:])
	if kept, ok := cache[key]; ok {
		return kept, nil
	}
	if len(cache) >= cacheLimit {
		clear(cache)
	}
	created, err := create()
	if err == nil {
		cache[key] = created
	}
	return created, err
}
