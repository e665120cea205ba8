//go:build tools

// Package engine pins the two programs that build images; go.sum holds the sha256 of all they are made of.
package engine

import (
	_ "github.com/docker/buildx/cmd/buildx"
	_ "github.com/moby/buildkit/cmd/buildkitd"
)
