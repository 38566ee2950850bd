// Oracle answers what OPA itself says, so that the host's Rego engine can be held against it.
//
// It is only used by tests and never by the webhook. `conformance` writes OPA's own test cases, compiled to
// Wasm and with topdown's answers, for a harness to replay; `serve` answers single questions, line by line,
// for differential fuzzing.
package main

import (
	"fmt"
	"os"
)

// command is one subcommand: it gets what follows its name on the command line.
type command struct {
	name  string
	usage string
	run   func(args []string) error
}

var commands = []command{
	{"conformance", "[-tenth] [-opa DIR] -o OUT   OPA's test cases as Wasm modules with expected results", runConformance},
	{"serve", "   JSON requests on stdin, one a line; answers on stdout", runServe},
}

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	for _, c := range commands {
		if c.name == os.Args[1] {
			exit(c.run(os.Args[2:]))
		}
	}
	usage()
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func usage() {
	for _, c := range commands {
		fmt.Fprintln(os.Stderr, "oracle", c.name, c.usage)
	}
	os.Exit(2)
}
