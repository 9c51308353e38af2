package stix_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"entente/stix"
)

// endless gives head, then part over and over until size bytes of it are given,
// then tail.
func endless(head, part string, size int64, tail string) io.Reader {
	return io.MultiReader(strings.NewReader(head), io.LimitReader(&repeat{part: strings.Repeat(part, 1+4096/len(part))}, size), strings.NewReader(tail))
}

type repeat struct {
	part string
	at   int
}

func (r *repeat) Read(b []byte) (n int, _ error) {
	for n < len(b) {
		c := copy(b[n:], r.part[r.at:])
		n += c
		r.at = (r.at + c) % len(r.part)
	}
	return n, nil
}

// within fails the test when f takes more memory than limit bytes, counting all
// that it ever asked for.
func within(t *testing.T, limit uint64, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > limit {
		t.Errorf("%d bytes of memory were asked for, at most %d may be", used, limit)
	}
}

func TestHugeObjectIsSkippedInConstantMemory(t *testing.T) {
	const huge = 2 << 30
	for name, c := range map[string]struct {
		r    io.Reader
		want []step
	}{
		"line": {endless(good1+"\n"+`{"type":"tool","id":"tool--3","x":"`, "0123456789abcde ", huge, "\"}\n"+good2),
			[]step{gave("tool--1"), refused("more than 1048576 bytes"), gave("tool--2")}},
		"object in a bundle": {endless(`{"objects":[`+good1+`,{"x":"`, `0123456789abc"] `, huge/16, "\"},"+good2+"]}"),
			[]step{gave("tool--1"), brokenAt("")}},
		"many members": {endless(`{"objects":[`+good1+`,{"x":[`, `{"y":[1,2,31]}, `, huge/16, "0]},"+good2+"]}"),
			[]step{gave("tool--1"), refused("more than 1048576 bytes"), gave("tool--2")}},
		"line of rubbish": {endless(good1+"\n", "0x", huge/16, "\n"+good2),
			[]step{gave("tool--1"), brokenAt("number"), gave("tool--2")}},
		"unclosed string": {endless(good1+"\n"+`{"x":"`, "abcdefgh", huge/16, "\n"+good2),
			[]step{gave("tool--1"), brokenAt("not closed"), gave("tool--2")}},
		"property of an envelope": {endless(`{"x":["`, "abcdefgh", huge/16, `"],"objects":[`+good1+`]}`+good2),
			[]step{gave("tool--1"), gave("tool--2")}},
		"property name": {endless(`{"`, "abcdefgh", huge/16, `":1,"objects":[`+good1+`]}`+good2),
			[]step{gave("tool--1"), gave("tool--2")}},
		"depth": {endless(good1+"\n"+`{"x":`, "[", huge/16, ""),
			[]step{gave("tool--1"), brokenAt("ends in the middle")}},
		"white space": {endless(good1, " \n", huge/16, good2),
			[]step{gave("tool--1"), gave("tool--2")}},
	} {
		within(t, 16<<20, func() {
			i := 0
			for o, err := range stix.Scan(c.r) {
				if i >= len(c.want) {
					t.Errorf("%s: one step too many: %v", name, err)
					break
				}
				w := c.want[i]
				i++
				if err == nil && o.ID != w.id || err != nil && (w.id != "" || !strings.Contains(err.Error(), w.reason) || errors.Is(err, stix.ErrBroken) != w.broken) {
					t.Errorf("%s: step %d is %v, want %+v", name, i, err, w)
				}
			}
			if i < len(c.want) {
				t.Errorf("%s: ends after %d steps", name, i)
			}
		})
	}
}

func TestMillionsOfEmptyObjectsCostLittle(t *testing.T) {
	const n = 10_000_000
	refusals := 0
	within(t, n*256, func() {
		for _, err := range stix.Scan(endless(`{"type":"bundle","objects":[`, "{},", 3*(n-1), `{}]}`)) {
			if err == nil {
				t.Fatal("an empty object was accepted")
			}
			refusals++
		}
	})
	if refusals != n {
		t.Errorf("%d refusals, want %d", refusals, n)
	}
}

// A long name over many references, and a long name of a domain, must not cost
// more than they hold.
func TestObjectCannotMultiplyItself(t *testing.T) {
	refs := strings.Repeat(`"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",`, 10_000) + `""`
	under := `{"type":"x","id":"y","` + strings.Repeat("k", 500_000) + `":{"tool_refs":[` + refs + `]}}`
	within(t, 64<<20, func() {
		o, err := stix.Read([]byte(under))
		if err != nil || len(o.Refs) != 10_000 || len(o.Refs[0].Path) != 512 || !strings.HasSuffix(o.Refs[9_999].Path, "k.tool_refs[9999]") {
			t.Errorf("%v, %d references", err, len(o.Refs))
		}
	})
	within(t, 64<<20, func() {
		o, err := stix.Read([]byte(`{"type":"domain-name","id":"y","value":"` + strings.Repeat("ü", 500_000) + `"}`))
		if err != nil || len(o.Values) != 1 || len(o.Values[0].Text) != 1024 {
			t.Errorf("%v, %d values", err, len(o.Values))
		}
	})
}

// The budget: two allocations an object, of which one is its strings.
func TestScanAllocatesLittle(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector, which is run with -short, allocates on its own account")
	}
	raw := bundle(sample(1000))
	runs := testing.AllocsPerRun(5, func() {
		for _, err := range stix.Scan(bytes.NewReader(raw)) {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	if runs > 2*1000 {
		t.Errorf("%.2f allocations an object, at most 2 may be", runs/1000)
	}
	one := raw[bytes.IndexByte(raw, '[')+1:]
	one = one[:bytes.Index(one, []byte("},{"))+1]
	if _, err := stix.Digest(one); err != nil {
		t.Fatal(err)
	}
	if runs := testing.AllocsPerRun(100, func() { _, _ = stix.Digest(one) }); runs > 2 {
		t.Errorf("%.0f allocations a digest", runs)
	}
}
