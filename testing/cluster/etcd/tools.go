//go:build tools

// Package tools pins the etcd that the cluster tests run; `cargo xtask cluster` builds it.
package tools

import _ "go.etcd.io/etcd/server/v3"
