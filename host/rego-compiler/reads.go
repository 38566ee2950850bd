package main

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// readsOf finds what the modules can see of the input: paths of object keys, where a path stands for everything at
// and below it, and the empty one for all of the input. What is not below one of them may be left out of the input
// without changing any answer.
//
// The compiler with which OPA makes a module keeps its rules to itself, so they are compiled once more, in the same
// way. From then on all access to the input is spelt out: imports are resolved, local variables have names of their
// own, and what the planner makes of a reference walks the same keys. Builtins get their operands and nothing else.
// Rules that nobody asks for count too.
func readsOf(modules []*parsed, l limits) [][]string {
	compiler := ast.NewCompiler().WithCapabilities(l.in(modules[0].dialect))
	if compiler.Compile(byName(modules)); compiler.Failed() {
		return [][]string{{}}
	}
	found := reads{}
	for _, module := range compiler.Modules {
		for _, rule := range module.Rules {
			found.walk(rule)
		}
	}
	return found.minimal()
}

// reads are paths below the input, in the order in which they were met.
type reads struct {
	paths [][]string
}

// walk looks at a node and all below it.
func (r *reads) walk(node any) {
	ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case *ast.Head:
			// The visitor leaves out all of the rule's name but its first part.
			r.terms(x.Ref()[1:])
			return false
		case *ast.With:
			r.with(x)
		case ast.Ref:
			r.ref(x)
		case ast.Var:
			// Without a reference it is a value, and all of it is seen.
			if x.Equal(ast.InputRootDocument.Value) {
				r.paths = append(r.paths, []string{})
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
	if ref[0].Equal(ast.InputRootDocument) {
		r.paths = append(r.paths, groundPath(ref))
		r.terms(ref[1:])
	} else {
		r.terms(ref)
	}
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
