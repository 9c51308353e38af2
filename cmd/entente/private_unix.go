//go:build unix

package main

import "syscall"

// keepPrivate has every file that is made from now on be its owner's alone,
// also those that the store makes.
func keepPrivate() { syscall.Umask(0o077) }
