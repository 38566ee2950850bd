package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// mostWanted is how many builtins the summary names.
const mostWanted = 12

// summarize writes the run's numbers: first what a reader should look into, last the one line of totals.
func summarize(out io.Writer, records []record) {
	compiled, failed, needing, asked := 0, 0, 0, map[string]int{}
	for _, r := range records {
		if r.Disagrees != "" {
			fmt.Fprintf(out, "disagrees with its case: %s: %.300s\n", r.ID, r.Disagrees)
		}
		if r.NotCompilable != "" {
			fmt.Fprintf(out, "not compilable: %s: %.300s\n", r.ID, r.NotCompilable)
			continue
		}
		compiled++
		if r.Error != nil {
			failed++
		}
		if len(r.Builtins) > 0 {
			needing++
		}
		for _, name := range r.Builtins {
			asked[name]++
		}
	}
	fmt.Fprintf(out, "%d cases: %d compiled, %d not compilable, %d end in an error; %d need host builtins, %d names: %s\n",
		len(records), compiled, len(records)-compiled, failed, needing, len(asked), top(asked))
}

func top(asked map[string]int) string {
	names := make([]string, 0, len(asked))
	for name := range asked {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(asked[b], asked[a]), cmp.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, asked[name])
	}
	return strings.Join(names[:min(len(names), mostWanted)], ", ")
}
