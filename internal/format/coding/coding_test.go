package coding_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"entente/internal/format/coding"
)

func TestTheCodingLikedBestIsChosen(t *testing.T) {
	for accept, want := range map[string]string{
		"": "", "gzip": "gzip", "x-gzip": "gzip", "zstd": "zstd", "gzip, zstd": "zstd", "gzip;q=1, zstd;q=0.5": "gzip",
		"br": "", "*": "zstd", "*;q=0": "", "zstd;q=0, *": "gzip", "identity, gzip;q=0.5": "", "GZIP ; Q=0.5": "gzip",
		"gzip;q=2": "", "gzip;q=x": "", "identity;q=0.5, gzip": "gzip",
	} {
		if got := coding.Choose([]string{accept}); got != want {
			t.Errorf("%q chooses %q, want %q", accept, got, want)
		}
	}
	if got := coding.Choose([]string{"br", "gzip"}); got != "gzip" {
		t.Errorf("two lines choose %q", got)
	}
}

// What is written can be read again, also up to each flush and by a writer that
// was used before.
func TestPackedIsWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{coding.Gzip, coding.Zstd}).Draw(rt, "coding")
		var packed, plain bytes.Buffer
		w := coding.NewWriter(&packed, name)
		for _, part := range rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 5000), 0, 5).Draw(rt, "parts") {
			plain.Write(part)
			if _, err := w.Write(part); err != nil {
				rt.Fatal(err)
			}
			if err := w.Flush(); err != nil {
				rt.Fatal(err)
			}
			got := make([]byte, plain.Len())
			if n, err := io.ReadFull(unpack(rt, name, packed.Bytes()), got); err != nil && n != len(got) || !bytes.Equal(got, plain.Bytes()) {
				rt.Fatalf("after a flush %d of %d bytes can be read: %v", n, len(got), err)
			}
		}
		if err := w.Close(); err != nil {
			rt.Fatal(err)
		}
		if got, err := io.ReadAll(unpack(rt, name, packed.Bytes())); err != nil || !bytes.Equal(got, plain.Bytes()) {
			rt.Fatalf("%d bytes of %d: %v", len(got), plain.Len(), err)
		}
	})
}

func unpack(rt *rapid.T, name string, packed []byte) io.Reader {
	if len(packed) == 0 {
		return bytes.NewReader(nil)
	}
	if name == coding.Gzip {
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			rt.Fatal(err)
		}
		return r
	}
	r, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1))
	if err != nil {
		rt.Fatal(err)
	}
	rt.Cleanup(r.Close)
	return r
}
