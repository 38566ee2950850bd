package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/compile"
)

// compileWasm makes the module that `opa build -t wasm` makes.
func compileWasm(r request, l limits) compilation {
	made := compilation{Wasm: []byte{}, Reads: [][]string{}, Data: [][]*string{}}
	err := tryDialects(r, l, func(modules []*parsed) error {
		built, err := build(modules, r.Entrypoints, l)
		if err == nil {
			made = built
		} else if all := checkAll(modules, l); all != nil {
			// The bundle compiler stops at the tenth error.
			return all
		}
		return err
	})
	made.Errors = problems(err)
	return made
}

// build prunes only where it must. OPA makes each rule that depends on an entrypoint one more, so that `with` could
// replace it, and then finds that a function is none. Without such rules the answers are the same, as the host never
// asks for them.
func build(modules []*parsed, entrypoints []string, l limits) (compilation, error) {
	made, err := buildOnce(modules, entrypoints, l, false)
	if isFunctionAsEntrypoint(err) {
		return buildOnce(modules, entrypoints, l, true)
	}
	return made, err
}

func isFunctionAsEntrypoint(err error) bool {
	list, _ := errors.AsType[ast.Errors](err)
	for _, e := range list {
		if strings.Contains(e.Message, "used as reference, not called") {
			return true
		}
	}
	return false
}

func buildOnce(modules []*parsed, entrypoints []string, l limits, prune bool) (compilation, error) {
	if len(modules) == 0 {
		return compilation{}, errors.New("there is no module to compile")
	}
	dialect := modules[0].dialect
	compiler := compile.New().
		WithTarget(compile.TargetWasm).
		WithRegoVersion(dialect).
		WithCapabilities(l.in(dialect)).
		WithEntrypoints(entrypoints...).
		WithRegoAnnotationEntrypoints(true).
		WithPruneUnused(prune).
		WithBundle(newBundle(modules))
	if err := compiler.Build(context.Background()); err != nil {
		return compilation{}, err
	}
	made := compiler.Bundle()
	input, data := readsOf(modules, l)
	return compilation{
		Wasm:     made.WasmModules[0].Raw,
		Reads:    input,
		Data:     data,
		Version:  dialect.String(),
		Pruned:   prune,
		Manifest: &made.Manifest,
	}, nil
}

// newBundle is what `opa build` has in hand once it has read the files. The text is left out and so are comments:
// OPA would format them for the Rego part of a bundle, which nobody here wants.
func newBundle(modules []*parsed) *bundle.Bundle {
	made := &bundle.Bundle{Data: map[string]any{}}
	made.SetRegoVersion(modules[0].dialect)
	made.Manifest.Init()
	for i, m := range modules {
		path, module := filepath.ToSlash(m.Name), m.module.Copy()
		module.Comments = nil
		// The first has the policy.
		if i > 0 {
			withoutEntrypoints(module)
		}
		made.Modules = append(made.Modules, bundle.ModuleFile{URL: path, Path: path, Parsed: module})
		if m.dialect != modules[0].dialect {
			setVersion(&made.Manifest, path, m.dialect)
		}
	}
	return made
}

func setVersion(manifest *bundle.Manifest, path string, dialect ast.RegoVersion) {
	if manifest.FileRegoVersions == nil {
		manifest.FileRegoVersions = map[string]int{}
	}
	// In a bundle, paths begin with a slash.
	manifest.FileRegoVersions["/"+strings.TrimPrefix(path, "/")] = dialect.Int()
}
