//go:build tools

// Package tools pins the Prometheus that reads the metrics in tests; `cargo xtask cluster` builds it.
package tools

import (
	_ "github.com/prometheus/prometheus/cmd/prometheus"
	_ "github.com/prometheus/prometheus/cmd/promtool"
)
