package taxii

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/store"
	"entente/taxii"
)

func TestTickIsWrittenAsTimestamp(t *testing.T) {
	check := func(fatal func(string, ...any), micro int64) {
		got := string(appendTick(nil, store.Tick(micro)))
		if want := taxii.FormatTime(time.UnixMicro(micro)); got != want {
			fatal("%d: got %s, want %s", micro, got, want)
		}
	}
	for _, day := range []string{"1970-01-01", "1999-12-31", "2000-02-28", "2000-02-29", "2000-03-01", "2023-02-28", "2024-02-29",
		"2024-12-31", "2100-02-28", "2100-03-01", "9999-12-31"} {
		d, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		check(t.Fatalf, d.UnixMicro())
		check(t.Fatalf, d.UnixMicro()+24*60*60*1_000_000-1)
	}
	rapid.Check(t, func(rt *rapid.T) {
		check(rt.Fatalf, rapid.Int64Range(0, 253_402_300_799_999_999).Draw(rt, "micro"))
	})
}

// FuzzString: what is written is read back, and what is not UTF-8 becomes
// U+FFFD, as encoding/json has it.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "indicator--1", `quote " and \ slash`, "line\nbreak\x00", "é€𝄞", "\xff\xfe", "eight ch", "nine char\"", "\u2028\ufffd", strings.Repeat("a", 100) + "\x1f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := appendString([]byte("x"), s)[1:]
		var got string
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%q is written as %s: %v", s, b, err)
		}
		if want := strings.ToValidUTF8(s, ""); len(want) == len(s) && got != s {
			t.Fatalf("%q came back as %q", s, got)
		}
	})
}
