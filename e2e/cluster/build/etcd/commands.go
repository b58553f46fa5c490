//go:build tools

// Package commands names what is built here, so that `go mod tidy` resolves it.
package commands

import _ "go.etcd.io/etcd/server/v3"
