package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// dump writes a value as OPA's compact value text, which a guest's opa_value_parse reads too: JSON, with
// {1,2} for sets, set() for the empty one, keys of any kind, and numbers by their source text. Members of
// sets and keys of objects come in OPA's order, so equal values of equal texts have equal dumps.
//
// The String method of ast.Value is no substitute: it quotes strings as Go does ("\x07"), not as JSON.
func dump(value ast.Value) string {
	var out bytes.Buffer
	dumpValue(&out, value)
	return out.String()
}

func dumpValue(out *bytes.Buffer, value ast.Value) {
	switch value := value.(type) {
	case ast.Null:
		out.WriteString("null")
	case ast.Boolean:
		fmt.Fprint(out, bool(value))
	case ast.Number:
		out.WriteString(string(value))
	case ast.String:
		dumpString(out, string(value))
	case *ast.Array:
		dumpList(out, '[', ']', elements(value))
	case ast.Set:
		dumpSet(out, value)
	case ast.Object:
		dumpObject(out, value)
	default:
		// Nothing but values is ever given; a term that slipped through must not look like one.
		panic(fmt.Sprintf("not a value: %T %v", value, value))
	}
}

func dumpSet(out *bytes.Buffer, set ast.Set) {
	if set.Len() == 0 {
		out.WriteString("set()")
		return
	}
	dumpList(out, '{', '}', set.Slice())
}

func dumpList(out *bytes.Buffer, open, end byte, items []*ast.Term) {
	out.WriteByte(open)
	for i, item := range items {
		if i > 0 {
			out.WriteByte(',')
		}
		dumpValue(out, item.Value)
	}
	out.WriteByte(end)
}

func dumpObject(out *bytes.Buffer, object ast.Object) {
	out.WriteByte('{')
	first := true
	object.Foreach(func(key, value *ast.Term) {
		if !first {
			out.WriteByte(',')
		}
		first = false
		dumpValue(out, key.Value)
		out.WriteByte(':')
		dumpValue(out, value.Value)
	})
	out.WriteByte('}')
}

// dumpString writes a JSON string; each byte that is no UTF-8 becomes U+FFFD.
func dumpString(out *bytes.Buffer, text string) {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	// A string can always be encoded.
	_ = encoder.Encode(text)
	out.Truncate(out.Len() - len("\n"))
}

func elements(array *ast.Array) []*ast.Term {
	items := make([]*ast.Term, 0, array.Len())
	array.Foreach(func(item *ast.Term) { items = append(items, item) })
	return items
}

// parseValue reads value text (or JSON) through OPA's own parser, and refuses what is not a plain value.
func parseValue(text string) (ast.Value, error) {
	term, err := ast.ParseTerm(text)
	if err != nil {
		return nil, err
	}
	if !ast.IsConstant(term.Value) {
		return nil, fmt.Errorf("not a plain value: %.80s", text)
	}
	return term.Value, nil
}
