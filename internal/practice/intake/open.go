package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// Limits bound what one input may cost. The zero value is right.
type Limits struct {
	// MaxBytes is how much one input may hold after decompression; LargestInput when 0.
	MaxBytes int64

	// MaxRatio is how many times its compressed size an input may grow to,
	// beyond the first MiB; 100 when 0.
	MaxRatio int64

	// MaxObject is the size of one object; 1 MiB when 0, at most LargestObject.
	MaxObject int
}

// LargestInput is how many bytes an input may hold unless less is said.
const LargestInput = 64 << 30

// LargestObject bounds what MaxObject may be set to: an answer must hold one.
const LargestObject = 8 << 20

func (l Limits) withDefaults() Limits {
	if l.MaxBytes == 0 {
		l.MaxBytes = LargestInput
	}
	if l.MaxRatio == 0 {
		l.MaxRatio = 100
	}
	if l.MaxObject == 0 {
		l.MaxObject = 1 << 20
	}
	return l
}

// Errors that inputs are refused with, found by errors.Is.
var (
	ErrTooLarge = errors.New("larger than allowed")
	ErrNotSTIX  = errors.New("not STIX")
)

// maxWindow is how far back a compressed input may refer: what decoding costs
// in memory. xz -9 and zstd --ultra -22 need as much.
const maxWindow = 128 << 20

// freeBytes is what any compressed input may grow to, whatever its ratio.
const freeBytes = 1 << 20

// form is how an input is compressed.
type form struct {
	name  string
	magic []byte
	open  func(*bufio.Reader) (io.ReadCloser, error)
}

// forms are the compressed forms that are understood.
func forms() []form {
	return []form{
		{"gzip", []byte{0x1f, 0x8b}, openGzip},
		{"zstd", []byte{0x28, 0xb5, 0x2f, 0xfd}, openZstd},
		{"xz", []byte{0xfd, '7', 'z', 'X', 'Z', 0}, openXz},
	}
}

// Open gives the content of an input, decompressed when its first bytes say
// that it is gzip, zstd or xz. Reading it ends with ErrTooLarge at a limit.
// Compression within compression is refused.
func Open(r io.Reader, limits Limits) (io.ReadCloser, error) {
	limits = limits.withDefaults()
	in := &counter{r: r}
	b := bufio.NewReaderSize(in, 64<<10)
	f, err := formOf(b)
	if err != nil {
		return nil, err
	}
	if f == nil {
		return &bounded{r: b, limits: limits}, nil
	}
	plain, err := f.open(b)
	if err != nil {
		return nil, unpackFault(f.name, err)
	}
	out := &bounded{r: plain, limits: limits, in: in, form: f.name}
	inner := bufio.NewReaderSize(out, 64<<10)
	if again, err := formOf(inner); err != nil {
		plain.Close()
		return nil, err
	} else if again != nil {
		plain.Close()
		return nil, fmt.Errorf("%w: %s within %s; unpack it first", ErrNotSTIX, again.name, f.name)
	}
	return &readCloser{inner, plain}, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// formOf looks at the first bytes; nil when they are of no compressed form.
func formOf(b *bufio.Reader) (*form, error) {
	head, err := b.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for _, f := range forms() {
		if bytes.HasPrefix(head, f.magic) {
			return &f, nil
		}
	}
	return nil, nil
}

func openGzip(b *bufio.Reader) (io.ReadCloser, error) { return gzip.NewReader(b) }

func openZstd(b *bufio.Reader) (io.ReadCloser, error) {
	d, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxWindow))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

func openXz(b *bufio.Reader) (io.ReadCloser, error) {
	if window, ok := xzWindow(b); ok && window > maxWindow {
		return nil, fmt.Errorf("%w: it needs %d MiB of memory to unpack, at most %d are given", ErrTooLarge, window>>20, maxWindow>>20)
	}
	r, err := xz.NewReader(b)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(r), nil
}

// xzWindow reads the dictionary size out of the first block's header (The .xz
// File Format 1.1.0, sections 3.1 and 5.3.1). A later block may declare more;
// its dictionary is then address space that stays untouched until content
// fills it, which the ratio bounds.
func xzWindow(b *bufio.Reader) (int64, bool) {
	head, _ := b.Peek(12 + 1024)
	if len(head) < 12+2 {
		return 0, false
	}
	size := (int(head[12]) + 1) * 4
	if head[12] == 0 || len(head) < 12+size {
		return 0, false
	}
	flags, rest := head[13], head[14:12+size]
	for _, present := range []byte{0x40, 0x80} { // compressed size, uncompressed size
		if flags&present != 0 {
			rest = skipVarint(rest)
		}
	}
	for range int(flags&3) + 1 {
		if len(rest) < 2 {
			return 0, false
		}
		id, props := rest[0], int(rest[1])
		rest = rest[2:]
		if len(rest) < props {
			return 0, false
		}
		if id == 0x21 && props == 1 { // LZMA2
			bits := rest[0] & 0x3f
			if bits > 40 {
				return 0, false
			}
			return int64(2|bits&1) << (bits/2 + 11), true
		}
		rest = rest[props:]
	}
	return 0, false
}

func skipVarint(b []byte) []byte {
	for i, c := range b {
		if c < 0x80 {
			return b[i+1:]
		}
	}
	return nil
}

// counter counts what was read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// bounded ends reading at the limits.
type bounded struct {
	r      io.Reader
	limits Limits
	in     *counter // compressed bytes read; nil when not compressed
	form   string
	n      int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	if b.n > b.limits.MaxBytes {
		return 0, fmt.Errorf("%w: it holds more than %d bytes; raise the limit if it is to be trusted", ErrTooLarge, b.limits.MaxBytes)
	}
	if b.in != nil && b.n > freeBytes && b.n > b.limits.MaxRatio*b.in.n {
		return 0, fmt.Errorf("%w: as %s it grows to more than %d times its size; unpack it yourself if it is to be trusted", ErrTooLarge, b.form, b.limits.MaxRatio)
	}
	if err != nil && err != io.EOF && b.form != "" {
		err = unpackFault(b.form, err)
	}
	return n, err
}

// unpackFault says what is wrong with a compressed input.
func unpackFault(form string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the %s ends in the middle; give it whole: %w", form, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("unpack %s: %w", form, err)
}

func (b *bounded) Close() error { return nil }
