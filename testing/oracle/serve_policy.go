package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/compile"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/util"
)

// evaluate has topdown answer a query of one term, such as data.x.y, without strict builtin errors.
func (s *server) evaluate(asked request) (answer, error) {
	options, err := asked.evalOptions()
	if err != nil {
		return answer{}, err
	}
	compiler, err := cached(s.compilers, asked, func() (*ast.Compiler, error) { return compileSources(asked) })
	if err != nil {
		return answer{}, err
	}
	results, err := rego.New(append(options, rego.Compiler(compiler))...).Eval(context.Background())
	if err != nil {
		return answer{}, err
	}
	return singleValue(results)
}

func (asked request) evalOptions() ([]func(*rego.Rego), error) {
	options := []func(*rego.Rego){
		rego.Query(asked.Query),
		rego.Time(time.Unix(0, asked.NowNS)),
		rego.Seed(seed{}),
		rego.GenerateJSON(func(term *ast.Term, _ *rego.EvalContext) (any, error) { return term.Value, nil }),
	}
	input, err := asked.input()
	if err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	if input != nil {
		options = append(options, rego.ParsedInput(input))
	}
	if len(asked.Data) > 0 {
		var data map[string]any
		if err := util.UnmarshalJSON(asked.Data, &data); err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		options = append(options, rego.Store(inmem.NewFromObject(data)))
	}
	return options, nil
}

func (asked request) input() (ast.Value, error) {
	switch {
	case asked.InputTerm != "":
		return parseValue(asked.InputTerm)
	case len(asked.Input) > 0:
		return ast.ValueFromReader(bytes.NewReader(asked.Input))
	default:
		return nil, nil
	}
}

func singleValue(results rego.ResultSet) (answer, error) {
	if len(results) == 0 {
		return answer{Undefined: true}, nil
	}
	if len(results) > 1 || len(results[0].Expressions) != 1 {
		return answer{}, errors.New("the query has more than one answer; ask for a single term")
	}
	value, ok := results[0].Expressions[0].Value.(ast.Value)
	if !ok {
		return answer{}, errors.New("the query is no term; ask for something like data.x.y")
	}
	return answer{OK: dump(value)}, nil
}

// compileModule builds what `opa build -t wasm` puts into policy.wasm.
func (s *server) compileModule(asked request) (answer, error) {
	module, err := cached(s.modules, asked, func() ([]byte, error) { return buildModule(asked) })
	return answer{Wasm: module}, err
}

func buildModule(asked request) ([]byte, error) {
	version, err := asked.regoVersion()
	if err != nil {
		return nil, err
	}
	files, err := bundleOf(asked, version)
	if err != nil {
		return nil, err
	}
	compiler := compile.New().
		WithTarget(compile.TargetWasm).
		WithEntrypoints(asked.Entrypoints...).
		WithRegoVersion(version).
		WithBundle(files)
	if err := compiler.Build(context.Background()); err != nil {
		return nil, err
	}
	return compiler.Bundle().WasmModules[0].Raw, nil
}

func bundleOf(asked request, version ast.RegoVersion) (*bundle.Bundle, error) {
	files := &bundle.Bundle{Data: map[string]any{}}
	files.SetRegoVersion(version)
	files.Manifest.Init()
	for _, module := range asked.Modules {
		parsed, err := parseSource(module, version)
		if err != nil {
			return nil, err
		}
		files.Modules = append(files.Modules, bundle.ModuleFile{
			URL:    module.Name,
			Path:   module.Name,
			Raw:    []byte(module.Source),
			Parsed: parsed,
		})
	}
	return files, nil
}

func compileSources(asked request) (*ast.Compiler, error) {
	version, err := asked.regoVersion()
	if err != nil {
		return nil, err
	}
	modules := map[string]*ast.Module{}
	for _, module := range asked.Modules {
		if modules[module.Name], err = parseSource(module, version); err != nil {
			return nil, err
		}
	}
	compiler := ast.NewCompiler().WithDefaultRegoVersion(version).WithUseTypeCheckAnnotations(true)
	if compiler.Compile(modules); compiler.Failed() {
		return nil, compiler.Errors
	}
	return compiler, nil
}

func parseSource(module source, version ast.RegoVersion) (*ast.Module, error) {
	return ast.ParseModuleWithOpts(module.Name, module.Source, ast.ParserOptions{RegoVersion: version})
}
