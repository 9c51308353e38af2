package detect

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"entente/stix"
)

// url looks at a URL whose scheme and colon are the run, with slashes after it. It
// gives where its host begins, which is a run like others.
func (f *finder) url(start, colon, slashes int) int {
	b, auth := f.b, colon+slashes
	hostEnd := f.hostEnd(auth, start+longest)
	if !f.made && madeHarmless(b[auth:hostEnd]) {
		return f.refang(start, auth)
	}
	host := auth
	if n := bytes.LastIndexByte(b[auth:hostEnd], '@'); n >= 0 {
		host = auth + n + 1
	}
	f.noMail = hostEnd
	if n := bytes.LastIndexByte(b[start:colon-1], ':'); n >= 0 {
		f.colons(start, start+n+1) // what stands before the scheme
		start += n + 1
	}
	if f.kinds[stix.ValueURL] > 0 && f.knownHost(b[host:hostEnd]) {
		f.forms(start, hostEnd, slashes == 4)
	}
	return auth
}

// hostEnd is where a URL's host ends, with the user before it and the port after it:
// also at the bracket, comma or semicolon that stands after the whole URL.
func (f *finder) hostEnd(auth, most int) int {
	b := f.b
	for end := auth; end < len(b) && end < most; end++ {
		c := b[end]
		if urlEnds[c] || bytes.IndexByte([]byte(`/?#\,;`), c) >= 0 ||
			c == ')' && bytes.IndexByte(b[auth:end], '(') < 0 || c == ']' && bytes.IndexByte(b[auth:end], '[') < 0 {
			return end
		}
	}
	return min(len(b), most)
}

// knownHost tells whether a URL on that host is looked for; true when that takes
// the whole form to say.
func (f *finder) knownHost(host []byte) bool {
	if f.every != nil {
		return true
	}
	if n := bytes.LastIndexByte(host, ':'); n >= 0 && bytes.IndexByte(host[n:], ']') < 0 {
		host = host[:n]
	}
	for i := range host {
		if weights[host[i]]&(closer-1) == 0 { // IPv6, other scripts, encodings
			return true
		}
	}
	host = bytes.TrimRight(host, ".")
	v, ok := stix.NewValue(stix.ValueDomain, string(host))
	if !ok {
		return false
	}
	h := hashText(f.key, v.Text)
	if !f.filter.may(h) {
		return false
	}
	_, ok = f.lookup(h, kindHost, v.Text)
	return ok
}

// How many ends of one URL are tried; and how many, up to which length, of one that
// stands within another, so that no text makes this slow.
const (
	mostForms       = 16
	mostFormsWithin = 2
	longestWithin   = 1024
)

// forms looks at a URL up to its end, and at shorter ones, for the marks that may
// stand after it; at last at the one before the first column of a table.
func (f *finder) forms(start, hostEnd int, escaped bool) {
	tries, most := mostForms, longest
	if start < f.tried {
		tries, most = mostFormsWithin, longestWithin
	}
	end := hostEnd
	for end < len(f.b) && end-start < most && !urlEnds[f.b[end]] && (f.b[end] != '\\' || escaped && slashEscaped(f.b[end:]) || signEscaped(f.b[end:])) {
		end++
	}
	f.tried = max(f.tried, end)
	whole, after := end, true
	for ; tries > 0; tries-- {
		if f.form(start, end) {
			return
		}
		if end, after = f.shorter(start, hostEnd, end, after); end < 0 {
			return
		}
	}
	if n := bytes.IndexAny(f.b[hostEnd:whole], ",;"); n >= 0 {
		f.form(start, hostEnd+n)
	}
}

// shorter is where a URL ends that is shorter than up to end: before a mark, when only
// marks come after it, or before what may part it from another value; -1 when there
// is none. After tells whether nothing but marks came after end.
func (f *finder) shorter(start, hostEnd, end int, after bool) (int, bool) {
	inQuery := start > 0 && f.b[start-1] == '='
	for end--; end >= hostEnd; end-- {
		switch c := f.b[end]; c {
		case ',', ';', ')', ']':
			return end, after
		case '.', ':', '!', '?', '(', '[', '*':
			if after {
				return end, after
			}
		case '&':
			if after || inQuery {
				return end, after
			}
		case '\\':
			if inQuery && signEscaped(f.b[end:]) {
				return end, after
			}
		case '#': // a fragment, which no server is told, or an escape
			return end, after
		default:
			if c >= utf8.RuneSelf && !utf8.RuneStart(c) {
				continue // of a character that begins before
			}
			if r, _ := utf8.DecodeRune(f.b[end:]); c >= utf8.RuneSelf && unicode.In(r, unicode.Pe, unicode.Pf, unicode.Po) {
				return end, after
			}
			after = false
		}
	}
	return -1, false
}

// unescaped is how JSON, and CEF with `\=`, may have the signs of a URL.
var unescaped = strings.NewReplacer(`\/`, "/", `\u0026`, "&", `\u003d`, "=", `\u003D`, "=", `\=`, "=")

func slashEscaped(b []byte) bool { return bytes.HasPrefix(b, []byte(`\/`)) }

func signEscaped(b []byte) bool {
	return bytes.HasPrefix(b, []byte(`\=`)) || bytes.HasPrefix(b, []byte(`\u0026`)) || bytes.HasPrefix(b, []byte(`\u003d`)) || bytes.HasPrefix(b, []byte(`\u003D`))
}

// form looks at a URL from start to end, also as JSON and HTML write it.
func (f *finder) form(start, end int) bool {
	text := string(f.b[start:end])
	if strings.Contains(text, `\`) {
		text = unescaped.Replace(text)
	}
	if v, ok := stix.NewValue(stix.ValueURL, text); ok && f.formed(v, start, end) {
		return true
	}
	if !strings.Contains(text, "&amp;") {
		return false
	}
	v, ok := stix.NewValue(stix.ValueURL, strings.ReplaceAll(text, "&amp;", "&"))
	return ok && f.formed(v, start, end)
}

// formed adds a value whose form is known.
func (f *finder) formed(v stix.Value, start, end int) bool {
	if f.every != nil {
		return f.giveValue(v)
	}
	h := hashText(f.key, v.Text)
	if !f.filter.may(h) {
		return false
	}
	ref, ok := f.lookup(h, v.Kind, v.Text)
	if !ok {
		return false
	}
	f.add(spot{uint32(start), uint32(end - start), ref, Exact})
	return true
}
