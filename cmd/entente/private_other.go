//go:build !unix

package main

// keepPrivate does nothing: files take the access rules of their directory.
func keepPrivate() {}
