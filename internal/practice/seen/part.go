package seen

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// part is a file of values of one day, in the order of their bytes, each once, with how
// often it was seen. It is never changed: a larger one takes its place.
type part struct {
	day    int // since 1970
	number int // within the day
	values int
	bytes  int64
}

const (
	partForm = "entente seen values 1\n"
	partName = "%d-%d-%d.seen" // day, number, values
)

func (p *part) path(dir string) string {
	return filepath.Join(dir, fmt.Sprintf(partName, p.day, p.number, p.values))
}

// value is what was seen, and how often.
type value struct {
	text  string
	count uint64
}

// source gives values in their order; io.EOF behind the last.
type source func() (value, error)

// writePart writes what a source gives into a new file, which is there whole or not.
func writePart(dir string, p part, from source) (part, error) {
	f, err := os.CreateTemp(dir, ".part-*") // for its owner alone
	if err != nil {
		return p, err
	}
	p.values, err = encode(f, from)
	if err == nil {
		err = f.Sync()
	}
	if info, e := f.Stat(); err == nil {
		p.bytes, err = info.Size(), e
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), p.path(dir))
	}
	if err != nil {
		return p, errors.Join(err, os.Remove(f.Name()))
	}
	return p, nil
}

// encode writes values: how much of a text is that of the one before, the rest of it, the
// count; packed, with a checksum.
func encode(to io.Writer, from source) (n int, err error) {
	if _, err := io.WriteString(to, partForm); err != nil {
		return 0, err
	}
	z, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<18), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return 0, err
	}
	out := bufio.NewWriterSize(z, 64<<10)
	last, b := "", []byte(nil)
	for {
		v, err := from()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return n, errors.Join(err, z.Close())
		}
		same := 0
		for same < len(last) && same < len(v.text) && last[same] == v.text[same] {
			same++
		}
		b = binary.AppendUvarint(b[:0], uint64(same))
		b = binary.AppendUvarint(b, uint64(len(v.text)-same))
		b = append(b, v.text[same:]...)
		b = binary.AppendUvarint(b, v.count)
		_, _ = out.Write(b) // Flush tells
		last = v.text
		n++
	}
	return n, errors.Join(out.Flush(), z.Close())
}

// longestKept is how long a value may be, in bytes.
const longestKept = 1 << 10

// openPart begins to read a part. It can be read on when it was removed meanwhile.
func openPart(path string) (from source, end func(), err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	head := make([]byte, len(partForm))
	if _, err := io.ReadFull(f, head); err != nil || string(head) != partForm {
		f.Close()
		return nil, nil, fmt.Errorf("%s: no values of this program's form, or damaged ones", path)
	}
	z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(1<<20))
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	in := bufio.NewReaderSize(z, 64<<10)
	var text []byte
	return func() (v value, err error) {
		if text, v.count, err = decode(in, text); err != nil {
			if !errors.Is(err, io.EOF) {
				err = fmt.Errorf("%s: %w", path, err)
			}
			return v, err
		}
		v.text = string(text)
		return v, nil
	}, func() { z.Close(); f.Close() }, nil
}

var errDamaged = errors.New("damaged")

func decode(in *bufio.Reader, text []byte) ([]byte, uint64, error) {
	same, err := binary.ReadUvarint(in)
	if err != nil {
		return text, 0, err
	}
	more, err := binary.ReadUvarint(in)
	if err == nil && (same > uint64(len(text)) || more > longestKept || same+more > longestKept) {
		err = errDamaged
	}
	if err != nil {
		return text, 0, inTheMiddle(err)
	}
	text = append(text[:same], make([]byte, more)...)
	if _, err := io.ReadFull(in, text[same:]); err != nil {
		return text, 0, inTheMiddle(err)
	}
	count, err := binary.ReadUvarint(in)
	return text, count, inTheMiddle(err)
}

func inTheMiddle(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// merged gives the values of two sources as one.
func merged(a, b source) source {
	var x, y value
	errX, errY := errNext, errNext
	return func() (value, error) {
		if errX == errNext {
			x, errX = a()
		}
		if errY == errNext {
			y, errY = b()
		}
		for _, err := range []error{errX, errY} {
			if err != nil && !errors.Is(err, io.EOF) {
				return value{}, err
			}
		}
		switch {
		case errX != nil && errY != nil:
			return value{}, io.EOF
		case errX == nil && errY == nil && x.text == y.text:
			errX, errY = errNext, errNext
			return value{x.text, x.count + y.count}, nil
		case errY != nil || errX == nil && x.text < y.text:
			errX = errNext
			return x, nil
		}
		errY = errNext
		return y, nil
	}
}

// errNext says that the next value of a source is to be taken.
var errNext = errors.New("next")

// among gives what is in a list.
func among(list []value) source {
	return func() (value, error) {
		if len(list) == 0 {
			return value{}, io.EOF
		}
		v := list[0]
		list = list[1:]
		return v, nil
	}
}

// without gives a source but for one value, and notes how often that was seen.
func without(from source, text string, seen *uint64) source {
	return func() (value, error) {
		v, err := from()
		if err == nil && v.text == text {
			*seen += v.count
			v, err = from()
		}
		return v, err
	}
}
