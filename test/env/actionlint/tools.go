//go:build tools

// Package tools names the programs that `up` builds, so that go.mod and go.sum pin them.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
