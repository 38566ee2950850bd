package main

import "github.com/open-policy-agent/opa/v1/ast"

// scope is a list of declared names, innermost first; nil is the empty one.
type scope struct {
	names ast.VarSet
	outer *scope
}

func (s *scope) with(names ast.VarSet) *scope {
	return &scope{names, s}
}

func (s *scope) has(name ast.Var) bool {
	for ; s != nil; s = s.outer {
		if s.names.Contains(name) {
			return true
		}
	}
	return false
}

// declaredIn is what `some` and `:=` declare in a body, but not in bodies inside it. A name that is declared must
// not be used before that, so it is local in all of the body.
func declaredIn(body ast.Body) ast.VarSet {
	names := ast.NewVarSet()
	for _, expr := range body {
		switch terms := expr.Terms.(type) {
		case *ast.SomeDecl:
			names.Update(declaredBySome(terms))
		default:
			if expr.IsAssignment() {
				names.Update(varsIn(expr.Operand(0)))
			}
		}
	}
	return names
}

// declaredBySome has the names of `some x, y`, and of `some k, v in xs` those before the `in`, which the parser
// makes a call.
func declaredBySome(decl *ast.SomeDecl) ast.VarSet {
	names := ast.NewVarSet()
	for _, symbol := range decl.Symbols {
		if call, ok := symbol.Value.(ast.Call); ok {
			for _, term := range call[1 : len(call)-1] {
				names.Update(varsIn(term))
			}
		} else {
			names.Update(varsIn(symbol))
		}
	}
	return names
}

func declaredByEvery(every *ast.Every) ast.VarSet {
	names := varsIn(every.Value)
	if every.Key != nil {
		names.Update(varsIn(every.Key))
	}
	return names
}

// varsIn has the names that a pattern binds. Keys of objects are looked up, not bound.
func varsIn(pattern any) ast.VarSet {
	names := ast.NewVarSet()
	var visit func(any) bool
	visit = func(x any) bool {
		switch x := x.(type) {
		case ast.Var:
			names.Add(x)
		case ast.Object:
			x.Foreach(func(_, value *ast.Term) { ast.NewGenericVisitor(visit).Walk(value) })
			return true
		case ast.Ref, ast.Call:
			return true
		}
		return false
	}
	ast.NewGenericVisitor(visit).Walk(pattern)
	return names
}
