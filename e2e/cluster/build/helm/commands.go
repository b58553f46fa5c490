//go:build tools

// Package commands names what is built here, so that `go mod tidy` resolves it.
package commands

import _ "helm.sh/helm/v4/cmd/helm"
