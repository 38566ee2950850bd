package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/test/cases"
)

const opaModule = "github.com/open-policy-agent/opa"

// testCase is one of OPA's cases and where it stands.
type testCase struct {
	cases.TestCase
	id      string // tree/file#index, stable for one version of OPA
	topic   string // the folder; for the Wasm assets, which lie flat, the file
	dialect ast.RegoVersion
}

// tree is one place in OPA's source that holds cases.
type tree struct {
	name    string
	path    string
	files   string // glob under path
	dialect ast.RegoVersion
}

var trees = []tree{
	{"v0", "v1/test/cases/testdata/v0", "*/*.yaml", ast.RegoV0},
	{"v1", "v1/test/cases/testdata/v1", "*/*.yaml", ast.RegoV1},
	{"wasm", "v1/test/wasm/assets", "*.yaml", ast.RegoV1},
}

// opaSource asks the go command where the pinned version of OPA lies.
func opaSource() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", opaModule).Output()
	if err != nil {
		return "", fmt.Errorf("go list -m %s: %w (run in the oracle's folder, or give -opa)", opaModule, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// loadCases reads the cases of all trees, in the order of their ids.
func loadCases(source string) ([]testCase, error) {
	var all []testCase
	for _, t := range trees {
		files, err := filepath.Glob(filepath.Join(source, t.path, t.files))
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("no cases under %s", filepath.Join(source, t.path))
		}
		for _, file := range files {
			found, err := t.load(filepath.Join(source, t.path), file)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
	return all, nil
}

func (t tree) load(root, file string) ([]testCase, error) {
	set, err := cases.Load(file)
	if err != nil {
		return nil, err
	}
	name, err := filepath.Rel(root, file)
	if err != nil {
		return nil, err
	}
	name = filepath.ToSlash(name)
	var found []testCase
	for i, c := range set.Cases {
		id := fmt.Sprintf("%s/%s#%d", t.name, name, i)
		found = append(found, testCase{c, id, t.topic(name), t.dialect})
	}
	return found, nil
}

func (t tree) topic(file string) string {
	if folder := path.Dir(file); folder != "." {
		return folder
	}
	return t.name + "-" + strings.TrimSuffix(file, ".yaml")
}

// tenth keeps a fixed tenth of each topic, rounded up, so that a short run still meets every topic. Which
// ones is decided by a hash of the id, not by the order in the files.
func tenth(all []testCase) []testCase {
	topics := map[string][]testCase{}
	for _, c := range all {
		topics[c.topic] = append(topics[c.topic], c)
	}
	var kept []testCase
	for _, members := range topics {
		slices.SortFunc(members, func(a, b testCase) int { return cmp.Compare(rank(a.id), rank(b.id)) })
		kept = append(kept, members[:(len(members)+9)/10]...)
	}
	slices.SortFunc(kept, func(a, b testCase) int { return cmp.Compare(a.id, b.id) })
	return kept
}

func rank(id string) string {
	digest := sha256.Sum256([]byte(id))
	return string(digest[:])
}
