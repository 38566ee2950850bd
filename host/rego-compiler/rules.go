package main

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// leaveOut removes rules, and what is said of them: an entrypoint annotation would ask for the rule again.
func leaveOut(module *ast.Module, names []string) {
	if len(names) == 0 {
		return
	}
	module.Rules = slices.DeleteFunc(module.Rules, func(r *ast.Rule) bool {
		return slices.Contains(names, nameOf(r))
	})
	module.Annotations = slices.DeleteFunc(module.Annotations, func(a *ast.Annotations) bool {
		return slices.Contains(names, annotatedRule(module, a))
	})
}

// withoutEntrypoints removes annotations that make a rule an entrypoint: those of a helper are not asked here.
func withoutEntrypoints(module *ast.Module) {
	module.Annotations = slices.DeleteFunc(module.Annotations, func(a *ast.Annotations) bool {
		return a.Entrypoint
	})
}

// nameOf is the first part of the rule's name: of `a.b.c := 1` it is a.
func nameOf(rule *ast.Rule) string {
	name, _ := rule.Head.Ref()[0].Value.(ast.Var)
	return string(name)
}

// annotatedRule is the first part of the rule's name, or empty when the annotation is about the package.
func annotatedRule(module *ast.Module, a *ast.Annotations) string {
	target, own := a.GetTargetPath(), len(module.Package.Path)
	if len(target) <= own {
		return ""
	}
	name, _ := target[own].Value.(ast.String)
	return string(name)
}

// rulesOf names every rule once, as its first definition has it, and counts the definitions.
func rulesOf(module *ast.Module) []ruleFacts {
	found := []ruleFacts{}
	for _, rule := range module.Rules {
		name := nameOf(rule)
		known := slices.IndexFunc(found, func(f ruleFacts) bool { return f.Name == name })
		if known < 0 {
			found = append(found, ruleFacts{name, kindOf(rule.Head), 1})
		} else {
			found[known].Definitions++
		}
	}
	return found
}

func kindOf(head *ast.Head) string {
	switch {
	case len(head.Args) > 0:
		return "function"
	case len(head.Ref()) > 1:
		return "object"
	case head.RuleKind() == ast.MultiValue:
		return "set"
	}
	return "complete"
}
