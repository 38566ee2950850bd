//go:build tools

// Package tools pins the Helm that the tests of the chart run; `cargo xtask cluster` builds it.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
