package detect

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"entente/stix"
)

// NewValues begins to go over a text whose values are all given, whether or not an
// indicator asks for them, in the form in which they are looked up: addresses that are not
// of private networks, names of hosts below a suffix that there is, in the DNS or beside it, URLs up to where they
// may end, addresses of mail, digests; and of lines with fields the URLs that they keep in
// two, and names of files. A value may be given twice, and what stands behind an escape also
// with the escape's letters.
func NewValues(give func(stix.Value)) *Feed {
	s := NewSet(time.Time{})
	s.every = give
	s.filter = filter{w: []uint64{^uint64(0)}}
	for _, kind := range []stix.ValueKind{stix.ValueIP, stix.ValueDomain, stix.ValueURL, stix.ValueEmail, stix.ValueHash} {
		s.kinds[kind] = 1
	}
	s.nets4[32], s.nets6[128] = 1, 1
	for _, n := range digests {
		s.lengths.set(n, true)
	}
	return s.NewFeed("", nil)
}

// digests are how long digests are that are given, in hexadecimal digits: MD5, SHA-1, and
// those of SHA-2.
var digests = []int{32, 40, 56, 64, 96, 128}

// longestValue is the longest that is given; a URL of more bytes is cut when it is looked up.
const longestValue = 1023

// give gives what a text is a value of, and tells whether it is any.
func (f *finder) give(kinds uint32, text []byte) (given bool) {
	for _, kind := range []stix.ValueKind{stix.ValueIP, stix.ValueDomain, stix.ValueEmail, stix.ValueHash} {
		if kinds>>kind&1 == 0 || len(text) > longestValue {
			continue
		}
		if v, ok := stix.NewValue(kind, string(text)); ok && f.giveValue(v) {
			given = true
		}
	}
	return given
}

// giveValue gives a value, if an indicator could well be for it.
func (f *finder) giveValue(v stix.Value) bool {
	if len(v.Text) > longestValue || unfit(v) != 0 {
		return false
	}
	host, fit := v, true
	switch v.Kind {
	case stix.ValueHash:
		fit = strings.IndexFunc(v.Text, func(r rune) bool { return !isHex(byte(r)) }) < 0
	case stix.ValueURL:
		host, fit = stix.HostOf(v.Text)
	}
	if !fit || !isPublic(host) {
		return false
	}
	f.every(v)
	return true
}

// How logs name what the path of a file is in.
var fileFields = map[string]bool{"filename": true, "file_name": true, "image": true, "imageloaded": true, "targetfilename": true, "originalfilename": true, "parentimage": true, "fname": true, "filepath": true}

// giveFields gives what the text of lines does not tell but their fields do: URLs that are
// kept in two, and names of files.
func (l *lines) giveFields(b []byte, give func(stix.Value) bool) {
	if !l.begun {
		if l.columns = csvColumns(b); l.columns.sep != 0 {
			b = b[len(firstLine(b)):]
			l.columns.tell = tells(l.columns.names)
		}
		l.columns.keyed = keyed(b)
	}
	for line := range bytes.Lines(b) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) > 0 && line[0] == '#' {
			l.columns.head(line)
			l.columns.tell = tells(l.columns.names)
			continue
		}
		if !l.columns.mayTell(line) {
			continue
		}
		all := l.columns.fieldsOf(line)
		j := joiner{all: all, left: mostJoined}
		for i := range all {
			switch f := &all[i]; {
			case isHostField(f) && j.left > 0:
				j.left--
				if u, ok := j.parted(line, f); ok {
					giveURL(u, give)
				}
			case fileFields[f.last()]:
				text := f.text(line)
				if v, ok := stix.NewValue(stix.ValueFile, text[strings.LastIndexAny(text, `\/`)+1:]); ok && strings.Contains(v.Text, ".") {
					give(v)
				}
			}
		}
	}
}

// spelled are names of fields as lines of JSON have them, without the quote before: of what
// may have the path of a file in it, and of the path beside a host.
var spelled = [][]byte{[]byte(`ilename"`), []byte(`ileName"`), []byte(`ile_name"`), []byte(`fname"`), []byte(`ilepath"`), []byte(`ilePath"`), []byte(`mage"`), []byte(`mageLoaded"`), []byte(`url"`), []byte(`uri"`), []byte(`path"`), []byte(`stem"`)}

// mayTell passes over most lines whose fields give nothing.
func (c *columns) mayTell(line []byte) bool {
	if len(line) > 0 && line[0] == '{' {
		return slices.ContainsFunc(spelled, func(name []byte) bool { return bytes.Contains(line, name) })
	}
	return c.keyed || c.sep != 0 && c.tell
}

// tells whether one of these columns may give something.
func tells(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		f := field{name: name}
		return isHostField(&f) || fileFields[f.last()]
	})
}

// giveURL gives a URL that a log keeps in two, by the scheme that its port is usual for.
func giveURL(u parted, give func(stix.Value) bool) {
	text := "http://" + u.host
	switch {
	case u.port == "443":
		text = "https://" + u.host
	case u.port != "" && u.port != "80" && !strings.Contains(u.host, ":"):
		text += ":" + u.port
	}
	if v, ok := stix.NewValue(stix.ValueURL, text+u.rest); ok {
		give(v)
	}
}

// isPublic tells of an address and of a name of a host whether others may have it, too;
// true of anything else.
func isPublic(v stix.Value) bool {
	switch v.Kind {
	case stix.ValueIP:
		p, ok := stix.PrefixOf(v.Text)
		return ok && p.Addr().IsGlobalUnicast() && !p.Addr().IsPrivate()
	case stix.ValueDomain:
		suffix, icann := publicsuffix.PublicSuffix(v.Text)
		return icann || strings.Contains(suffix, ".") || besides[suffix]
	}
	return true
}

// besides are suffixes that names have without the root servers knowing of them: those of
// Namecoin and EmerDNS, by which malware finds its way home, and the one of examples, so that
// who tries it sees it work.
var besides = map[string]bool{"bit": true, "bazar": true, "coin": true, "emc": true, "lib": true, "example": true}

// AsksFor tells whether an indicator, as its producer wrote it, asks for a value, by itself
// or with others; one that was revoked asks for none.
func AsksFor(raw []byte, v stix.Value) bool {
	d := read(raw)
	if d.revoked || !d.inSTIX() {
		return false
	}
	c := compile(d.pattern)
	for _, one := range c.stories {
		for _, any := range one.brackets {
			c.any = append(c.any, any...)
		}
	}
	return slices.ContainsFunc(c.any, func(a alternative) bool { return slices.Contains(a.values, v) })
}
