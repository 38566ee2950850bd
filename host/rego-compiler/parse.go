package main

import (
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// parsed is a source in one dialect.
type parsed struct {
	source
	dialect ast.RegoVersion
	module  *ast.Module
}

// dialects are those that a source is tried in, by what the request says.
func dialects(version string) ([]ast.RegoVersion, error) {
	switch version {
	case "":
		return []ast.RegoVersion{ast.RegoV1, ast.RegoV0}, nil
	case "v1":
		return []ast.RegoVersion{ast.RegoV1}, nil
	case "v0":
		return []ast.RegoVersion{ast.RegoV0}, nil
	}
	return nil, fmt.Errorf("unknown version %q of Rego", version)
}

// parse reads a source in the first dialect that it is valid in. Otherwise the errors are those of the dialect
// that got further: the other one stumbles early over what is just not its own.
func parse(s source, l limits) (*parsed, error) {
	tried, err := dialects(s.Version)
	if err != nil {
		return nil, err
	}
	var furthest error
	for _, dialect := range tried {
		module, err := parseIn(s, dialect, l)
		if err == nil {
			return module, nil
		}
		if furthest == nil || firstPlace(err).Compare(firstPlace(furthest)) > 0 {
			furthest = err
		}
	}
	return nil, furthest
}

func parseIn(s source, dialect ast.RegoVersion, l limits) (*parsed, error) {
	module, err := ast.ParseModuleWithOpts(s.Name, s.Text, ast.ParserOptions{
		RegoVersion:       dialect,
		Capabilities:      l.in(dialect),
		ProcessAnnotation: true,
	})
	if err != nil {
		return nil, err
	}
	leaveOut(module, s.Without)
	return &parsed{s, dialect, module}, nil
}

// firstPlace is where the parser stumbled first; the start of all files when that is unknown.
func firstPlace(err error) *ast.Location {
	list, _ := errors.AsType[ast.Errors](err)
	var first *ast.Location
	for _, e := range list {
		if e.Location != nil && (first == nil || e.Location.Compare(first) < 0) {
			first = e.Location
		}
	}
	if first == nil {
		return &ast.Location{}
	}
	return first
}

// parseAll reads all sources, and fails with the errors of all that are not valid.
func parseAll(sources []source, l limits) ([]*parsed, error) {
	var all []*parsed
	var failed ast.Errors
	names := map[string]bool{}
	for _, s := range sources {
		if names[s.Name] {
			return nil, fmt.Errorf("two modules are named %q", s.Name)
		}
		names[s.Name] = true
		read, err := parse(s, l)
		if list, ok := errors.AsType[ast.Errors](err); ok {
			failed = append(failed, list...)
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, read)
	}
	if len(failed) > 0 {
		return nil, failed
	}
	return all, nil
}

// tryDialects parses the sources and does something with them. When they are valid each but not together, those
// that may be v0 as well are taken as v0: what v1 forbids, such as a variable named input, is often only found
// when modules are compiled. The errors are those of the first try.
func tryDialects(r request, l limits, do func([]*parsed) error) error {
	modules, err := parseAll(r.Modules, l)
	if err != nil {
		return err
	}
	if err = do(modules); !isCompileError(err) {
		return err
	}
	if older, ok := asV0(modules, l); ok && do(older) == nil {
		return nil
	}
	return err
}

// asV0 says no when there is nothing that was taken for v1 and may be v0.
func asV0(modules []*parsed, l limits) (older []*parsed, ok bool) {
	for _, m := range modules {
		if m.Version == "" && m.dialect != ast.RegoV0 {
			if other, err := parseIn(m.source, ast.RegoV0, l); err == nil {
				m, ok = other, true
			}
		}
		older = append(older, m)
	}
	return older, ok
}
