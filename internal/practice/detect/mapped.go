package detect

import (
	"fmt"
	"runtime"
	"unsafe"
)

// What a set holds most of stands in its file as in memory, so that a file that is mapped
// into memory need not be read: numbers as the machine has them, and rows without pointers.

// layout is what has to be the same for that.
var layout = fmt.Sprint(runtime.GOARCH, " ", unsafe.Sizeof(indicator{}), " ", unsafe.Sizeof(entry{}), " ", unsafe.Sizeof(link{}), " ", rowsInBlock, " ", blockSize)

const alignment = 8

// bytesOf are the bytes of things without pointers.
func bytesOf[T any](all []T) []byte {
	if len(all) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&all[0])), len(all)*int(unsafe.Sizeof(all[0])))
}

// sizeOf is how many bytes a thing takes.
func sizeOf[T any]() int {
	var one T
	return int(unsafe.Sizeof(one))
}

// inPlace are the things that bytes at an aligned place are, with all of which T has a
// meaning; bytes that are left over are not used.
func inPlace[T any](b []byte) []T {
	n := len(b) / sizeOf[T]()
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), n)
}

// aligned are bytes that begin at an aligned place: these, or a copy.
func aligned(b []byte) []byte {
	if len(b) == 0 || uintptr(unsafe.Pointer(&b[0]))%alignment == 0 {
		return b
	}
	all := bytesOf(make([]uint64, len(b)/alignment+1))[:len(b)]
	copy(all, b)
	return all
}
