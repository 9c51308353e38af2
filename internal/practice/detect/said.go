package detect

import (
	"time"

	"entente/stix"
)

// Said is what one indicator says to those who can hold one value at a time against
// what they see, as resolvers and firewalls do.
type Said struct {
	Values     []stix.Value // each is a hit by itself
	Together   bool         // it also asks for values that count only together
	Left       Reason       // why something of it is left out; 0 when nothing is
	Since      time.Time    // zero when it has no such bound
	Until      time.Time
	Confidence int    // 0 to 100; -1 when it says none
	Language   string // of the pattern
	Pattern    string // where that is another language than STIX
}

// Hear reads an indicator, as its producer wrote it, whatever the time is. It writes over
// what was heard before, also over its values.
func Hear(s *Said, raw []byte) {
	d := read(raw)
	*s = Said{Values: s.Values[:0], Since: instant(d.from), Until: instant(d.until), Confidence: d.confidence, Language: "stix"}
	if string(d.language) != s.Language {
		s.Language = string(d.language)
	}
	switch {
	case d.revoked:
		s.Left = Revoked
		return
	case !d.inSTIX():
		s.Left, s.Pattern = NotSTIX, string(d.pattern)
		return
	}
	var room [128]byte
	if text, kind, ok := compileOnly(room[:0], d.pattern); ok {
		v := stix.Value{Kind: kind, Text: string(text)}
		if s.Left = unfit(v); s.Left == 0 {
			s.Values = append(s.Values, v)
		}
		return
	}
	c := compile(d.pattern)
	s.Left = c.left
	for _, a := range c.any {
		switch {
		case a.asks != "": // left out, as InFields or the like says
		case len(a.values) == 1:
			s.Values = append(s.Values, a.values[0])
		default:
			s.Together = true
		}
	}
	if s.Left != 0 && len(s.Values) == 0 && !s.Together && hitsAll(d.pattern) {
		s.Left = Everywhere
	}
}

// instant is zero for none, and the first moment of all the one after it.
func instant(t stix.Timestamp) time.Time {
	at := t.Time()
	if at.IsZero() && !t.IsZero() {
		at = at.Add(time.Microsecond)
	}
	return at
}
