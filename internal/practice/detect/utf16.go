package detect

import (
	"bytes"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// inUTF8 gives a text that begins as one of UTF-16 does in UTF-8, and any other as it is.
func inUTF8(r io.Reader) io.Reader { return &marked{r: r} }

type marked struct {
	r     io.Reader
	begun bool
}

func (m *marked) Read(p []byte) (int, error) {
	if m.begun || len(p) < 2 {
		return m.r.Read(p)
	}
	n, err := m.r.Read(p)
	for n == 1 && err == nil {
		var more int
		more, err = m.r.Read(p[1:])
		n += more
	}
	m.begun = m.begun || n > 0
	t := fromUTF16(p[:n])
	if t == nil {
		return n, err
	}
	before := io.Reader(bytes.NewReader(bytes.Clone(p[:n])))
	if err == nil {
		before = io.MultiReader(before, m.r)
	} else if err != io.EOF {
		return 0, err
	}
	m.r = transform.NewReader(before, t)
	return m.r.Read(p)
}

// fromUTF16 is what turns a text that begins so into UTF-8; nil when it is none: it has
// neither a sign of ASCII behind its byte order mark nor a line feed, or it has no mark and
// not signs of ASCII alone where it begins.
func fromUTF16(head []byte) transform.Transformer {
	if len(head) < 2 {
		return nil
	}
	var zero int
	var feed []byte
	switch {
	case head[0] == 0xff && head[1] == 0xfe:
		zero, feed = 3, []byte("\n\x00")
	case head[0] == 0xfe && head[1] == 0xff:
		zero, feed = 2, []byte("\x00\n")
	default:
		return fromUnmarked(head[:min(len(head), mostUnmarked)&^1])
	}
	if len(head) >= 4 && head[zero] != 0 && !bytes.Contains(head, feed) {
		return nil
	}
	return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
}

// How many bytes of a text without a mark are looked at, and how many it takes.
const (
	mostUnmarked  = 64
	leastUnmarked = 8
)

// fromUnmarked is fromUTF16 of a text without a mark: of its signs one byte is zero, and the
// other one never.
func fromUnmarked(head []byte) transform.Transformer {
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i&1]++
		}
	}
	order := unicode.LittleEndian
	switch half := len(head) / 2; {
	case len(head) < leastUnmarked:
		return nil
	case zeros == [2]int{half, 0}:
		order = unicode.BigEndian
	case zeros != [2]int{0, half}:
		return nil
	}
	return unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder()
}
