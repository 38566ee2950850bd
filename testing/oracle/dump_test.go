package main

import "testing"

func TestDumpIsCompactAndReadsBack(t *testing.T) {
	for text, want := range map[string]string{
		`null`:                            `null`,
		`{1, "a", set()}`:                 `{1,"a",set()}`,
		`{[1]: {}, "b": [1.0, 1e3]}`:      `{"b":[1.0,1e3],[1]:{}}`,
		`"\u0007 \" \\ \n é < \u2028"`:    `"\u0007 \" \\ \n é < \u2028"`,
		`100000000000000000000000000000`:  `100000000000000000000000000000`,
		`{"b": 1, "a": {"d": 2, "c": 3}}`: `{"a":{"c":3,"d":2},"b":1}`,
	} {
		value, err := parseValue(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := dump(value); got != want {
			t.Errorf("%s: want %s, got %s", text, want, got)
		}
		again, err := parseValue(dump(value))
		if err != nil || again.Compare(value) != 0 {
			t.Errorf("%s: read back as %v (%v)", text, again, err)
		}
	}
}

func TestOnlyPlainValuesAreRead(t *testing.T) {
	for _, text := range []string{`input.x`, `[x]`, `{y | y := 1}`, `1 + 1`, `1; 2`, ``} {
		if value, err := parseValue(text); err == nil {
			t.Errorf("%q was read as %v", text, value)
		}
	}
}
