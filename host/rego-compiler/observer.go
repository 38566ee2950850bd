package main

import (
	"runtime"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// observer sees every step of an evaluation. It notes how far each rule came, and lets the clock run: Go compiled to
// Wasm has one thread and never interrupts what computes, so that without it no timeout would ever be noticed.
type observer struct {
	steps    uint64
	running  map[uint64]key
	furthest map[key]*ast.Expr
}

// key is the place of a rule: rules of one name are told apart by it.
type key struct {
	file         string
	line, column int
}

// interval is a number of steps that take about a millisecond.
const interval = 1024

func newObserver() *observer {
	return &observer{running: map[uint64]key{}, furthest: map[key]*ast.Expr{}}
}

func keyOf(location *ast.Location) key {
	return key{location.File, location.Row, location.Col}
}

func (*observer) Enabled() bool { return true }

func (*observer) Config() topdown.TraceConfig { return topdown.TraceConfig{} }

func (o *observer) TraceEvent(event topdown.Event) {
	if o.steps++; o.steps%interval == 0 {
		runtime.Gosched()
	}
	switch event.Op {
	case topdown.EnterOp:
		o.enter(event)
	case topdown.FailOp:
		o.fail(event)
	}
}

// enter forgets what had the same number before: each test counts from zero.
func (o *observer) enter(event topdown.Event) {
	delete(o.running, event.QueryID)
	if rule, ok := event.Node.(*ast.Rule); ok {
		o.running[event.QueryID] = keyOf(rule.Loc())
	}
}

// fail keeps the last of a rule's own expressions that was reached: a failure before it was only one of several
// values that were tried.
func (o *observer) fail(event topdown.Event) {
	rule, ok := o.running[event.QueryID]
	expr, isExpr := event.Node.(*ast.Expr)
	if ok && isExpr && (o.furthest[rule] == nil || expr.Index >= o.furthest[rule].Index) {
		o.furthest[rule] = expr
	}
}
