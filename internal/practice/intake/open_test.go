package intake_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"entente/internal/practice/intake"
)

// packers compress, by name of the form.
func packers(t testing.TB) map[string]func(io.Writer) io.WriteCloser {
	return map[string]func(io.Writer) io.WriteCloser{
		"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"zstd": func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w)
			if err != nil {
				t.Fatal(err)
			}
			return z
		},
		"xz": func(w io.Writer) io.WriteCloser {
			z, err := xz.NewWriter(w)
			if err != nil {
				t.Fatal(err)
			}
			return z
		},
	}
}

func pack(t testing.TB, open func(io.Writer) io.WriteCloser, content io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	w := open(&b)
	if _, err := io.Copy(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOpenUnpacksByFirstBytes(t *testing.T) {
	const content = `{"type":"bundle","id":"bundle--0"}`
	for name, open := range packers(t) {
		r, err := intake.Open(bytes.NewReader(pack(t, open, strings.NewReader(content))), intake.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != content {
			t.Errorf("%s: read %q, %v", name, got, err)
		}
		if err := r.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	}
}

// much is so many bytes, or for the race detector's sake an eighth of them.
func much(bytes int64) int64 {
	if testing.Short() {
		return bytes / 8
	}
	return bytes
}

// zeros is an endless run of one byte, of which n are given: what a bomb holds.
func zeros(n int64) io.Reader { return io.LimitReader(repeated(' '), n) }

type repeated byte

func (b repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b)
	}
	return len(p), nil
}

func TestBombIsStoppedEarly(t *testing.T) {
	for name, open := range packers(t) {
		bomb := pack(t, open, zeros(much(64<<20)))
		r, err := intake.Open(bytes.NewReader(bomb), intake.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		n, err := io.Copy(io.Discard, r)
		if !errors.Is(err, intake.ErrTooLarge) {
			t.Errorf("%s: a bomb of %d bytes was read with %v, want ErrTooLarge", name, len(bomb), err)
		}
		if most := int64(max(1<<20, 100*len(bomb)) + 1<<20); n > most {
			t.Errorf("%s: %d bytes came out before it was stopped, want at most %d", name, n, most)
		}
	}
}

func TestSmallInputsMayBeVeryCompressible(t *testing.T) {
	for name, open := range packers(t) {
		r, err := intake.Open(bytes.NewReader(pack(t, open, zeros(1<<20))), intake.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n, err := io.Copy(io.Discard, r); n != 1<<20 || err != nil {
			t.Errorf("%s: %d bytes, %v; want 1 MiB whatever the ratio", name, n, err)
		}
	}
}

func TestTotalIsBounded(t *testing.T) {
	r, err := intake.Open(zeros(1001), intake.Limits{MaxBytes: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, intake.ErrTooLarge) {
		t.Errorf("1001 bytes with a limit of 1000: %v, want ErrTooLarge", err)
	}
}

func TestCompressionWithinCompressionIsRefused(t *testing.T) {
	p := packers(t)
	inner := pack(t, p["xz"], strings.NewReader("{}"))
	_, err := intake.Open(bytes.NewReader(pack(t, p["gzip"], bytes.NewReader(inner))), intake.Limits{})
	if !errors.Is(err, intake.ErrNotSTIX) {
		t.Errorf("xz within gzip: %v, want ErrNotSTIX", err)
	}
}

// An .xz whose first block declares a dictionary of 4 GiB would cost as much
// memory before a byte is read.
func TestXzThatNeedsMuchMemoryIsRefused(t *testing.T) {
	file := pack(t, packers(t)["xz"], strings.NewReader("{}"))
	at := bytes.Index(file[12:], []byte{0x21, 0x01}) // filter LZMA2, one byte of properties
	if at < 0 {
		t.Fatal("the block's header has no LZMA2 filter")
	}
	file[12+at+2] = 40
	if _, err := intake.Open(bytes.NewReader(file), intake.Limits{}); !errors.Is(err, intake.ErrTooLarge) {
		t.Errorf("a dictionary of 4 GiB: %v, want ErrTooLarge", err)
	}
}

func TestTruncatedInputsAreErrors(t *testing.T) {
	for name, open := range packers(t) {
		whole := pack(t, open, strings.NewReader(strings.Repeat(`{"a":1}`, 1000)))
		r, err := intake.Open(bytes.NewReader(whole[:len(whole)-6]), intake.Limits{})
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if err == nil || !strings.Contains(err.Error(), "ends in the middle") {
			t.Errorf("%s: a truncated file was read with the error %v", name, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, open := range packers(f) {
		f.Add(pack(f, open, strings.NewReader(`{"type":"bundle"}`)))
	}
	f.Add([]byte(`{"type":"bundle"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		const most = 4 << 20
		r, err := intake.Open(bytes.NewReader(b), intake.Limits{MaxBytes: most})
		if err != nil {
			return
		}
		defer r.Close()
		if n, _ := io.Copy(io.Discard, r); n > most {
			t.Errorf("%d bytes came out of %d, the limit is %d", n, len(b), most)
		}
	})
}

func TestSourcesOfAFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.json", "a.STIX", "sub/c.jsonl.gz", "sub/d.ndjson.xz", "sub/e.stix2.zst",
		"readme.md", "sub/f.tar.gz", "g.json.bak"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(dir, "sub"), link); err != nil {
		t.Fatal(err)
	}
	linked := 0
	for _, err := range intake.Sources([]string{link}, nil) {
		if err != nil {
			t.Error(err)
		}
		linked++
	}
	if linked != 3 {
		t.Errorf("a link to a folder, named itself, gives %d files, want 3", linked)
	}
	var got []string
	for s, err := range intake.Sources([]string{dir, filepath.Join(dir, "readme.md"), filepath.Join(dir, "none")}, nil) {
		name, _ := filepath.Rel(dir, s.Name)
		if err != nil {
			name += "!"
		}
		got = append(got, filepath.ToSlash(name))
	}
	want := []string{"a.STIX", "b.json", "sub/c.jsonl.gz", "sub/d.ndjson.xz", "sub/e.stix2.zst", "readme.md", "none!"}
	if !slices.Equal(got, want) {
		t.Errorf("sources are %v, want %v", got, want)
	}
}
