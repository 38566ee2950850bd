package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// runConformance writes OPA's test cases for a harness that runs Wasm: OUT/cases.jsonl, one record a case,
// and OUT/modules/DIGEST.wasm.
func runConformance(args []string) error {
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	out := flags.String("o", "", "output folder")
	part := flags.Bool("tenth", false, "only a fixed tenth of each topic")
	source := flags.String("opa", "", "OPA's source tree (default: asked from the go command)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" {
		return errors.New("conformance: -o is missing")
	}
	selected, err := selectCases(*source, *part)
	if err != nil {
		return err
	}
	registerTestBuiltins()
	modules, err := newModuleFolder(*out)
	if err != nil {
		return err
	}
	records, err := examineAll(selected, modules)
	if err != nil {
		return err
	}
	if err := writeRecords(filepath.Join(*out, "cases.jsonl"), records); err != nil {
		return err
	}
	summarize(os.Stderr, records)
	return nil
}

func selectCases(source string, part bool) ([]testCase, error) {
	if source == "" {
		var err error
		if source, err = opaSource(); err != nil {
			return nil, err
		}
	}
	all, err := loadCases(source)
	if err == nil && part {
		all = tenth(all)
	}
	return all, err
}

// examineAll works on as many cases at a time as there are processors; records keep the order of the cases.
func examineAll(selected []testCase, modules *moduleFolder) ([]record, error) {
	records := make([]record, len(selected))
	failures := make([]error, len(selected))
	var next, done atomic.Int64
	stop := reportProgress(&done, len(selected))
	defer stop()

	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(selected); i = next.Add(1) - 1 {
				records[i], failures[i] = examine(context.Background(), selected[i], modules)
				if failures[i] != nil {
					failures[i] = fmt.Errorf("%s: %w", selected[i].id, failures[i])
				}
				done.Add(1)
			}
		})
	}
	workers.Wait()
	return records, errors.Join(failures...)
}

// reportProgress prints a line each second until stopped.
func reportProgress(done *atomic.Int64, total int) (stop func()) {
	ticker := time.NewTicker(time.Second)
	finished := make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				fmt.Fprintf(os.Stderr, "conformance: %d/%d\n", done.Load(), total)
			case <-finished:
				return
			}
		}
	}()
	return func() { ticker.Stop(); close(finished) }
}

func writeRecords(path string, records []record) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	buffered := bufio.NewWriter(file)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for _, r := range records {
		if err := encoder.Encode(r); err != nil {
			return fmt.Errorf("%s: %w", r.ID, err)
		}
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return file.Close()
}
