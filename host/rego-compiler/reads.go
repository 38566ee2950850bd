package main

import (
	"cmp"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// readsOf finds what the modules can see of the input and of data: paths of object keys, where a path stands for
// everything at and below it, and the empty one for all. What is not below one of them may be left out without changing
// any answer. A key of data that is known only when the policy runs is null, and stands for every key; what the modules
// define themselves is no data.
//
// The compiler with which OPA makes a module keeps its rules to itself, so they are compiled once more, in the same
// way. From then on all access to the input is spelt out: imports are resolved, local variables have names of their
// own, and what the planner makes of a reference walks the same keys. Builtins get their operands and nothing else.
// Rules that nobody asks for count too.
func readsOf(modules []*parsed, l limits) (input [][]string, data [][]*string) {
	compiler := ast.NewCompiler().WithCapabilities(l.in(modules[0].dialect))
	if compiler.Compile(byName(modules)); compiler.Failed() {
		return [][]string{{}}, [][]*string{{}}
	}
	found := reads{}
	for _, module := range compiler.Modules {
		found.packages = append(found.packages, groundPath(module.Package.Path))
	}
	for _, module := range compiler.Modules {
		for _, rule := range module.Rules {
			found.walk(rule)
		}
	}
	return found.minimal(), found.distinctData()
}

// reads are paths below the input and below data, in the order in which they were met.
type reads struct {
	paths    [][]string
	data     [][]*string
	packages [][]string
}

// walk looks at a node and all below it.
func (r *reads) walk(node any) {
	ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case *ast.Head:
			// The visitor leaves out all of the rule's name but its first part.
			r.terms(x.Ref()[1:])
			return false
		case *ast.Expr:
			return r.test(x)
		case *ast.With:
			r.with(x)
		case ast.Ref:
			r.ref(x)
		case ast.Var:
			// Without a reference it is a value, and all of it is seen.
			if x.Equal(ast.InputRootDocument.Value) {
				r.paths = append(r.paths, []string{})
			} else if x.Equal(ast.DefaultRootDocument.Value) {
				r.data = append(r.data, []*string{})
			}
		default:
			return false
		}
		return true
	}).Walk(node)
}

func (r *reads) terms(terms []*ast.Term) {
	for _, term := range terms {
		r.walk(term)
	}
}

// test takes a reference into data that stands alone, which asks only whether something is there: of an object nothing
// is seen, which is a path to its empty key. Anything else is left to the walk.
func (r *reads) test(expr *ast.Expr) bool {
	term, ok := expr.Terms.(*ast.Term)
	if !ok {
		return false
	}
	ref, ok := term.Value.(ast.Ref)
	if !ok || !ref[0].Equal(ast.DefaultRootDocument) || len(ref) == 1 || r.defines(groundPath(ref)) {
		return false
	}
	nothing := ""
	r.data = append(r.data, append(keys(ref), &nothing))
	r.terms(ref[1:])
	for _, with := range expr.With {
		r.with(with)
	}
	return true
}

// with takes a change below the input for a look at all of it, as it is made to a copy. A new input in place of the
// old one sees nothing of that but what its value refers to.
func (r *reads) with(with *ast.With) {
	target, ok := with.Target.Value.(ast.Ref)
	if !ok || !target[0].Equal(ast.InputRootDocument) {
		r.walk(with.Target)
	} else if len(target) > 1 {
		r.paths = append(r.paths, []string{})
		r.terms(target[1:])
	}
	r.walk(with.Value)
}

// ref takes the keys that are known before the policy runs: what comes after them may be any part of the value.
func (r *reads) ref(ref ast.Ref) {
	switch {
	case ref[0].Equal(ast.InputRootDocument):
		r.paths = append(r.paths, groundPath(ref))
		r.terms(ref[1:])
	case ref[0].Equal(ast.DefaultRootDocument):
		if !r.defines(groundPath(ref)) {
			r.data = append(r.data, pattern(ref))
		}
		r.terms(ref[1:])
	default:
		r.terms(ref)
	}
}

// defines tells whether a path leads into a package, or is one of a set of packages that the policy looks through.
func (r *reads) defines(path []string) bool {
	return slices.ContainsFunc(r.packages, func(own []string) bool {
		return hasPrefix(path, own) || len(path) > 1 && hasPrefix(own, path)
	})
}

// keys are those of a reference, null for each that is not a plain string.
func keys(ref ast.Ref) []*string {
	path := []*string{}
	for _, term := range ref[1:] {
		if name, ok := term.Value.(ast.String); ok {
			key := string(name)
			path = append(path, &key)
		} else {
			path = append(path, nil)
		}
	}
	return path
}

// pattern is the keys of a reference without the unknown ones at its end, which go without saying.
func pattern(ref ast.Ref) []*string {
	path := keys(ref)
	for len(path) > 0 && path[len(path)-1] == nil {
		path = path[:len(path)-1]
	}
	return path
}

// distinctData is the paths below data in order, each once.
func (r *reads) distinctData() [][]*string {
	slices.SortFunc(r.data, comparePatterns)
	return slices.CompactFunc(append([][]*string{}, r.data...), func(a, b []*string) bool { return comparePatterns(a, b) == 0 })
}

// comparePatterns has the keys that are not known before all others.
func comparePatterns(a, b []*string) int {
	return slices.CompareFunc(a, b, func(x, y *string) int {
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return -1
		case y == nil:
			return 1
		default:
			return cmp.Compare(*x, *y)
		}
	})
}

// minimal is the paths in order, without those that others have in them.
func (r *reads) minimal() [][]string {
	slices.SortFunc(r.paths, slices.Compare[[]string])
	kept := [][]string{}
	// A path comes right before all that are below it.
	for _, path := range r.paths {
		if last := len(kept) - 1; last < 0 || !hasPrefix(path, kept[last]) {
			kept = append(kept, path)
		}
	}
	return kept
}

func hasPrefix(path, prefix []string) bool {
	return len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}
