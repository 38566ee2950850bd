package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// Numbers of sections and opcodes from the WebAssembly core specification.
const (
	sectionImport, sectionExport, sectionCode, sectionData = 2, 7, 10, 11

	opEnd, opReturn, opCall            = 0x0b, 0x0f, 0x10
	opLocalGet, opLocalSet, opLocalTee = 0x20, 0x21, 0x22
	opI32Const, opI64Const             = 0x41, 0x42

	kindFunction = 0
)

// wasmBytes is what is left to read of a module or of a part of it. Reading past the end panics, which
// requiredBuiltins turns into an error: the modules come fresh from OPA's compiler.
type wasmBytes struct{ rest []byte }

// requiredBuiltins lists the builtins that a module imports from its host. OPA's compiler writes them as an
// exported function `builtins` that builds an object; its only i32 constants are the addresses of names.
func requiredBuiltins(module []byte) (names []string, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("module cannot be read: %v", cause)
		}
	}()
	sections := sectionsOf(module)
	index := exportedFunction(sections[sectionExport], "builtins") - importedFunctions(sections[sectionImport])
	for _, address := range i32Constants(functionBody(sections[sectionCode], index)) {
		names = append(names, stringAt(sections[sectionData], address))
	}
	slices.Sort(names)
	return names, nil
}

func sectionsOf(module []byte) map[byte]wasmBytes {
	sections := map[byte]wasmBytes{}
	for r := (&wasmBytes{module[8:]}); len(r.rest) > 0; {
		id := r.byte()
		sections[id] = wasmBytes{r.bytes(r.number())}
	}
	return sections
}

func importedFunctions(r wasmBytes) int {
	functions := 0
	for count := r.number(); count > 0; count-- {
		r.bytes(r.number())
		r.bytes(r.number())
		switch kind := r.byte(); kind {
		case kindFunction:
			r.number()
			functions++
		case 2: // a memory: limits
			if r.byte() == 1 {
				r.number()
			}
			r.number()
		default:
			panic(fmt.Sprintf("import of kind %d", kind))
		}
	}
	return functions
}

func exportedFunction(r wasmBytes, name string) int {
	for count := r.number(); count > 0; count-- {
		found := string(r.bytes(r.number()))
		kind, index := r.byte(), r.number()
		if kind == kindFunction && found == name {
			return index
		}
	}
	panic("no export " + name)
}

func functionBody(r wasmBytes, index int) wasmBytes {
	r.number()
	for range index {
		r.bytes(r.number())
	}
	body := wasmBytes{r.bytes(r.number())}
	for groups := body.number(); groups > 0; groups-- {
		body.number()
		body.byte()
	}
	return body
}

func i32Constants(r wasmBytes) (constants []int) {
	for len(r.rest) > 0 {
		switch op := r.byte(); op {
		case opI32Const:
			constants = append(constants, r.signed())
		case opI64Const:
			r.signed()
		case opCall, opLocalGet, opLocalSet, opLocalTee:
			r.number()
		case opEnd, opReturn:
		default:
			panic(fmt.Sprintf("opcode %#x", op))
		}
	}
	return constants
}

func stringAt(r wasmBytes, address int) string {
	for count := r.number(); count > 0; count-- {
		if flags := r.number(); flags != 0 {
			panic(fmt.Sprintf("data segment of kind %d", flags))
		}
		r.byte() // i32.const
		start := r.signed()
		r.byte() // end
		segment := r.bytes(r.number())
		if address >= start && address < start+len(segment) {
			text := segment[address-start:]
			return string(text[:bytes.IndexByte(text, 0)])
		}
	}
	panic(fmt.Sprintf("no data at %d", address))
}

func (r *wasmBytes) byte() byte { return r.bytes(1)[0] }

func (r *wasmBytes) bytes(count int) []byte {
	taken := r.rest[:count]
	r.rest = r.rest[count:]
	return taken
}

func (r *wasmBytes) number() int {
	value, length := binary.Uvarint(r.rest)
	r.bytes(length)
	return int(value)
}

func (r *wasmBytes) signed() int {
	value, shift := 0, 0
	for {
		part := r.byte()
		value |= int(part&0x7f) << shift
		shift += 7
		if part&0x80 == 0 {
			if part&0x40 != 0 && shift < 64 {
				value |= -1 << shift
			}
			return value
		}
	}
}
