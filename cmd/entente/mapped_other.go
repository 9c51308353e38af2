//go:build !unix

package main

import (
	"io"
	"os"
)

// mapped is what a file holds.
func mapped(f *os.File) ([]byte, error) { return io.ReadAll(f) }
