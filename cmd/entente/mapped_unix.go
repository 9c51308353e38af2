//go:build unix

package main

import (
	"os"
	"syscall"
)

// mapped is what a file holds, in memory of one's own: it is read where it is looked at, and
// what is written to it does not reach the file, which nobody may cut meanwhile. It stays until
// the process ends.
func mapped(f *os.File) ([]byte, error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 || int64(int(info.Size())) != info.Size() {
		return nil, err
	}
	return syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE)
}
