package main

import "github.com/open-policy-agent/opa/v1/ast"

// analyse says what each file is about. An error in one does not hide the others.
func analyse(r request, l limits) analysis {
	found := analysis{Modules: []moduleFacts{}, Errors: []problem{}}
	for _, s := range r.Modules {
		found.Modules = append(found.Modules, factsOf(s, l))
	}
	return found
}

func factsOf(s source, l limits) moduleFacts {
	read, err := parse(s, l)
	if err != nil {
		return moduleFacts{
			Name: s.Name, Version: s.Version, Package: []string{}, Rules: []ruleFacts{}, Uses: [][]string{},
			Imports: [][]string{}, Annotations: []annotation{}, Errors: problems(err),
		}
	}
	return moduleFacts{
		Name:        s.Name,
		Version:     read.dialect.String(),
		Package:     groundPath(read.module.Package.Path),
		Rules:       rulesOf(read.module),
		Uses:        usesOf(read.module),
		Imports:     importsOf(read.module),
		Annotations: annotationsOf(read.module),
		Errors:      []problem{},
	}
}

// groundPath is the path below data, up to the first part that is not a plain name.
func groundPath(ref ast.Ref) []string {
	path := []string{}
	for _, term := range ref[1:] {
		name, ok := term.Value.(ast.String)
		if !ok {
			break
		}
		path = append(path, string(name))
	}
	return path
}

func importsOf(module *ast.Module) [][]string {
	found := [][]string{}
	for _, i := range module.Imports {
		if path, ok := i.Path.Value.(ast.Ref); ok && path[0].Equal(ast.DefaultRootDocument) {
			found = append(found, groundPath(path))
		}
	}
	return found
}

func annotationsOf(module *ast.Module) []annotation {
	found := []annotation{}
	for _, a := range module.Annotations {
		found = append(found, annotation{a.Scope, annotatedRule(module, a), a})
	}
	return found
}
