package detect

import (
	"bytes"
	"slices"

	"entente/stix"
)

// harmless is how people write signs of a value so that nobody clicks on it. What it
// means is for stix.Refang to say.
var harmless = [][]byte{[]byte("[.]"), []byte("(.)"), []byte("{.}"), []byte("[dot]"), []byte("(dot)"), []byte("{dot}"), []byte("[:]"), []byte("[://]"), []byte("(:)"),
	[]byte("[@]"), []byte("(@)"), []byte("[at]"), []byte("(at)"), []byte("{at}")}

// harmless tells whether what stands at i was written instead of a sign of a value.
func (f *finder) harmless(i int) bool {
	return !f.made && beginsHarmless(f.b[i:])
}

func beginsHarmless(b []byte) bool {
	return slices.ContainsFunc(harmless, func(h []byte) bool { return len(b) >= len(h) && bytes.EqualFold(b[:len(h)], h) })
}

func madeHarmless(b []byte) bool {
	for i, c := range b {
		if after[c]&opens != 0 && beginsHarmless(b[i:]) {
			return true
		}
	}
	return false
}

// refang looks at a text from start that was made harmless at i, as it is meant, and
// gives where it ends.
func (f *finder) refang(start, i int) int {
	b, end := f.b, i
	for end < len(b) && end-start < longest && (!urlEnds[b[end]] || b[end] == '{' || b[end] == '}') && b[end] != ',' && b[end] != ';' {
		end++
	}
	f.instead([]byte(stix.Refang(string(b[start:end]))), start, end)
	return max(end, i+1)
}

// instead looks at a text that stands for what is from start to end, but for marks there.
func (f *finder) instead(text []byte, start, end int) {
	for end > start && bytes.IndexByte([]byte(".,:)]}"), f.b[end-1]) >= 0 {
		end--
	}
	f.meant(text, start, end)
}

// meant looks at a text that stands for all that is from start to end.
func (f *finder) meant(text []byte, start, end int) {
	if f.made {
		return
	}
	b, before := f.b, f.passed
	f.b, f.passed, f.made, f.as = text, passed{}, true, spot{at: uint32(start), n: uint32(end - start)}
	f.runs(0)
	f.b, f.passed, f.made = b, before, false
}
