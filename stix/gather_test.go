package stix_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"entente/stix"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// told is what a scan or a gathering tells of objects and faults, in order.
type told []string

func tell(to *told, o *stix.Object, properties []stix.Member) {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q %q %q %q %q %v %s", o.Type, o.ID, o.SpecVersion, o.Created, o.Modified, o.CreatedByRef, o.Revoked, o.Raw)
	for _, p := range properties {
		fmt.Fprintf(&b, "\n%s = %s", p.Name, p.Value)
	}
	*to = append(*to, b.String())
}

func tellFault(to *told, err error) {
	bad, ok := errors.AsType[*stix.ScanError](err)
	if !ok {
		bad = &stix.ScanError{Reason: "no ScanError"}
	}
	*to = append(*to, fmt.Sprint(err, " cause ", bad.Err))
}

func scannedInTurn(r io.Reader, opts ...stix.ScanOption) (all told) {
	for o, err := range stix.Scan(r, opts...) {
		if err != nil {
			tellFault(&all, err)
		} else {
			var properties []stix.Member
			for name, value := range stix.Split(o.Raw) {
				properties = append(properties, stix.Member{Name: name, Value: value})
			}
			tell(&all, o, properties)
		}
	}
	return all
}

func gathered(r io.Reader, opts ...stix.ScanOption) (all told) {
	for batch, err := range stix.Gather(r, tell, opts...) {
		if err != nil {
			tellFault(&all, err)
			continue
		}
		all = append(all, *batch...)
		*batch = (*batch)[:0]
	}
	return all
}

// inputs are lines as they are mostly, with what lines may also be between them, and enough
// of them for several pieces or a few.
func inputs() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		good := []string{campaign, address, old, `{"type":"x","id":"y","n\u0061me":"a\\n","l":[{"a_ref":"b"},[1]]}`}
		odd := []string{"", "  ", " " + campaign + "\t", campaign + "\r", campaign + campaign, "{", `{"type":"x"}`, "[" + old + "]", "]", "17", "\xff",
			`{"type":"bundle","objects":[` + old + "]}", "{\n\"type\":\"x\",\n\"id\":\"z\"}", `{"type":"x","id":"y","id":"z"}`,
			`{"type":"x","id":"long","t":"` + strings.Repeat("a", 3000) + `"}`, "\ufeff" + old, `{"type":"x","id":"y","t":"` + "\xc3\x28" + `"}`}
		var b strings.Builder
		for range rapid.IntRange(0, 3).Draw(t, "runs") {
			one := rapid.SampledFrom(good).Draw(t, "good")
			for range rapid.SampledFrom([]int{1, 3, 400, 3000}).Draw(t, "times") {
				b.WriteString(one + "\n")
			}
			b.WriteString(rapid.SampledFrom(odd).Draw(t, "odd"))
			b.WriteString(rapid.SampledFrom([]string{"\n", "\r\n", ""}).Draw(t, "end"))
		}
		b.WriteString(rapid.SampledFrom(append(good, "")).Draw(t, "last"))
		return b.String()
	})
}

func TestGatheringTellsWhatScanningTells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := inputs().Draw(t, "input")
		limit := stix.MaxObject(2000)
		end := func() io.Reader { return strings.NewReader("") }
		if rapid.Bool().Draw(t, "fails") {
			end = func() io.Reader { return iotest.ErrReader(errors.New("the disk is gone")) }
		}
		want := scannedInTurn(io.MultiReader(strings.NewReader(text), end()), limit)
		if d := cmp.Diff(want, gathered(io.MultiReader(iotest.HalfReader(strings.NewReader(text)), end()), limit)); d != "" {
			t.Fatal("scanned - gathered +\n", d)
		}
	})
}

func TestGatheringLeavesOutWhatTakesLong(t *testing.T) {
	const text = `{"type":"indicator","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created_by_ref":"identity--311b2d2d-f010-4473-83ec-1edf84858f4c",` +
		`"object_marking_refs":["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"],"pattern":"[url:value = 'http://a.example/']"}`
	for _, text := range []string{text + "\n", text, "[" + text + "]"} {
		n := 0
		add := func(_ *int, o *stix.Object, _ []stix.Member) {
			if n++; len(o.MarkingRefs)+len(o.GranularMarkingRefs)+len(o.Refs)+len(o.Values) > 0 || o.CreatedByRef == "" {
				t.Error(o.Envelope)
			}
		}
		for range stix.Gather(strings.NewReader(text), add) {
		}
		if n != 1 {
			t.Errorf("%d objects of %s", n, text)
		}
	}
}

func TestGatheringStopsWhenItsCallerDoes(t *testing.T) {
	line := []byte(old + "\n")
	for name, text := range map[string][]byte{
		"lines":    bytes.Repeat(line, 1<<14),
		"elements": []byte("[" + strings.Repeat(old+",", 1<<14) + old + "]"),
		"faults":   bytes.Repeat([]byte("17\n"), 1<<10),
	} {
		steps := 0
		for range stix.Gather(bytes.NewReader(text), tell) {
			if steps++; steps == 2 {
				break
			}
		}
		if steps != 2 {
			t.Errorf("%s: %d steps", name, steps)
		}
	}
}

// FuzzGather holds gathering to what scanning tells, of anything.
func FuzzGather(f *testing.F) {
	for _, text := range []string{campaign + "\n" + old + "\n", old, "[" + old + "]", "{\n", old + "\n17\n" + old, "\xff\n" + old + "\r\n", old + old + "\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		limit := stix.MaxObject(2000)
		if d := cmp.Diff(scannedInTurn(bytes.NewReader(b), limit), gathered(bytes.NewReader(b), limit)); d != "" {
			t.Fatal("scanned - gathered +\n", d)
		}
	})
}
