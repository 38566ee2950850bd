package main

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// usesOf finds every document below data that a module may refer to. A bare name may be a rule of the same package
// in another file, so it counts as one unless it is surely local. That is more than the compiler would find, but
// needs no other file.
func usesOf(module *ast.Module) [][]string {
	c := collector{own: groundPath(module.Package.Path), imports: map[ast.Var]ast.Ref{}, found: map[string][]string{}}
	for _, i := range module.Imports {
		if path, ok := i.Path.Value.(ast.Ref); ok {
			c.imports[i.Name()] = path
		}
	}
	for _, rule := range module.Rules {
		c.rule(nil, rule)
	}
	uses := [][]string{}
	for _, path := range c.found {
		uses = append(uses, path)
	}
	slices.SortFunc(uses, slices.Compare[[]string])
	return uses
}

type collector struct {
	own     []string
	imports map[ast.Var]ast.Ref
	found   map[string][]string
}

// walk looks at a node and all below it. Nodes that declare names open a scope of their own.
func (c *collector) walk(s *scope, node any) {
	ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case ast.Body:
			c.within(s, x)
		case *ast.ArrayComprehension:
			c.within(s, x.Body, x.Term)
		case *ast.SetComprehension:
			c.within(s, x.Body, x.Term)
		case *ast.ObjectComprehension:
			c.within(s, x.Body, x.Key, x.Value)
		case *ast.Every:
			c.walk(s, x.Domain)
			c.walk(s.with(declaredByEvery(x)), x.Body)
		case ast.Ref:
			c.ref(s, x)
		case ast.Var:
			c.name(s, x)
		default:
			return false
		}
		return true
	}).Walk(node)
}

// rule walks all of a rule but its name.
func (c *collector) rule(s *scope, rule *ast.Rule) {
	s = s.with(varsIn(rule.Head.Args))
	nodes := []any{}
	for _, term := range append(slices.Clone(rule.Head.Ref()[1:]), rule.Head.Key, rule.Head.Value) {
		if term != nil {
			nodes = append(nodes, term)
		}
	}
	c.within(s, rule.Body, nodes...)
	if rule.Else != nil {
		c.rule(s, rule.Else)
	}
}

// within walks a body, and the terms outside of it that see the names that it declares.
func (c *collector) within(s *scope, body ast.Body, terms ...any) {
	s = s.with(declaredIn(body))
	for _, term := range terms {
		c.walk(s, term)
	}
	for _, expr := range body {
		c.walk(s, expr)
	}
}

func (c *collector) ref(s *scope, ref ast.Ref) {
	if head, ok := ref[0].Value.(ast.Var); !ok {
		c.walk(s, ref[0])
	} else if ast.DefaultRootDocument.Value.Compare(head) == 0 {
		c.add(groundPath(ref))
	} else if path, ok := c.imports[head]; ok && !s.has(head) && path[0].Equal(ast.DefaultRootDocument) {
		c.add(groundPath(path.Concat(ref[1:])))
	} else if !isOperator(ref) {
		c.name(s, head)
	}
	for _, term := range ref[1:] {
		c.walk(s, term)
	}
}

func (c *collector) name(s *scope, name ast.Var) {
	if s.has(name) || name.IsWildcard() || name.IsGenerated() || ast.RootDocumentNames.Contains(ast.NewTerm(name)) {
		return
	}
	path, ok := c.imports[name]
	switch {
	case !ok:
		c.add(append(slices.Clone(c.own), string(name)))
	case path[0].Equal(ast.DefaultRootDocument):
		c.add(groundPath(path))
	}
}

func (c *collector) add(path []string) {
	c.found[strings.Join(path, "\x00")] = path
}

// isOperator knows `+` and its like by the names that the parser gives them.
func isOperator(ref ast.Ref) bool {
	builtin, ok := ast.BuiltinMap[ref.String()]
	return ok && (builtin.Infix != "" || strings.HasPrefix(builtin.Name, "internal."))
}
