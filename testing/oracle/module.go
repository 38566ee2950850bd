package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
)

// moduleFolder stores modules under the digest of their bytes, so that equal ones are stored once.
type moduleFolder struct{ out string }

func newModuleFolder(out string) (*moduleFolder, error) {
	return &moduleFolder{out}, os.MkdirAll(filepath.Join(out, "modules"), 0o755)
}

// put stores a module and answers its path relative to the output folder.
func (f *moduleFolder) put(module []byte) (string, error) {
	digest := sha256.Sum256(module)
	name := "modules/" + hex.EncodeToString(digest[:8]) + ".wasm"
	full := filepath.Join(f.out, name)
	if info, err := os.Stat(full); err == nil && info.Size() == int64(len(module)) {
		return name, nil
	}
	return name, os.WriteFile(full, module, 0o644)
}
