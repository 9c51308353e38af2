package stix

import "bytes"

// This file reads the constants out of a STIX pattern, for look-ups. It is no
// parser of patterns (stix/pattern is): it walks the tokens, allocates nothing, and takes what it
// can from patterns that are wrong.

// lookPattern adds the constants that a pattern compares for equality, by =, IN
// or, for the addresses in a prefix, ISSUBSET, each as the kind that its object path says.
func (p *parser) lookPattern(pattern []byte) {
	w := patternWalk{b: pattern}
	for w.next() {
		kind := w.kind()
		if kind == 0 {
			continue
		}
		if !w.negated && w.operator() {
			for w.constant() {
				p.lookConstant(kind, &w)
			}
		}
	}
}

func (p *parser) lookConstant(kind ValueKind, w *patternWalk) {
	text := w.text
	if w.escaped {
		p.unquoted = appendUnquoted(p.unquoted[:0], text)
		text = p.unquoted
	}
	kind, also := w.kinds(kind, text)
	p.look(kind, text)
	if also != 0 {
		p.look(also, text)
	}
}

// anyAddress is the kind of a value behind a reference: whatever it looks like.
const anyAddress = ValueKind(255)

func guessAddress(text []byte) ValueKind {
	switch {
	case bytes.IndexByte(text, '@') > 0:
		return ValueEmail
	case bytes.Contains(text, []byte("://")):
		return ValueURL
	}
	return ValueDomain // which an address turns into ValueIP
}

// patternWalk goes from one object path of a pattern to the next.
type patternWalk struct {
	b []byte
	i int

	typ    []byte // of the object path
	last   []byte // its last step
	hashes bool   // a step of it is hashes
	behind bool   // a step of it, not the last, is a reference

	negated bool
	list    bool // in the parentheses of IN
	single  bool // the one constant of = is still to come
	text    []byte
	escaped bool
}

// next goes to the object path after this one; false when there is none.
func (w *patternWalk) next() bool {
	for w.space(); w.i < len(w.b); w.space() {
		switch c := w.b[w.i]; {
		case c == '\'':
			w.quoted()
		case isWord(c):
			start := w.i
			word := w.word()
			if w.space(); w.i < len(w.b) && w.b[w.i] == ':' && !isDigit(w.b[start]) {
				w.i++
				w.path(word)
				return true
			}
		default:
			w.i++
		}
	}
	return false
}

// path reads the steps of an object path after its colon.
func (w *patternWalk) path(typ []byte) {
	w.typ, w.last, w.hashes, w.behind = typ, nil, false, false
	for {
		w.space()
		if w.i < len(w.b) && w.b[w.i] == '\'' {
			w.step(w.quoted())
		} else {
			w.step(w.word())
		}
		w.space()
		for w.i < len(w.b) && w.b[w.i] == '[' {
			w.after(']')
			w.space()
		}
		if w.i >= len(w.b) || w.b[w.i] != '.' {
			break
		}
		w.i++
	}
	start := w.i
	if w.negated = bytes.EqualFold(w.word(), []byte("NOT")); !w.negated {
		w.i = start
	}
}

// step goes one step further in the object path.
func (w *patternWalk) step(name []byte) {
	w.behind = w.behind || hasSuffix(w.last, "_ref") || hasSuffix(w.last, "_refs")
	w.last = name
	w.hashes = w.hashes || string(name) == "hashes" || hasSuffix(name, "_hashes")
}

// operator reads = or IN; false for what does not compare for equality.
func (w *patternWalk) operator() bool {
	w.space()
	w.single, w.list = false, false
	if w.i >= len(w.b) {
		return false
	}
	if w.b[w.i] == '=' {
		for w.i < len(w.b) && w.b[w.i] == '=' {
			w.i++
		}
		w.single = true
		return true
	}
	start := w.i
	switch word := w.word(); {
	case bytes.EqualFold(word, []byte("ISSUBSET")): // of a prefix: what lies in it
		w.single = true
		return true
	case bytes.EqualFold(word, []byte("IN")):
		if w.space(); w.i < len(w.b) && w.b[w.i] == '(' {
			w.i++
			w.list = true
			return true
		}
	}
	w.i = start
	return false
}

// constant reads the next string or number compared with; false when there is
// no more.
func (w *patternWalk) constant() bool {
	if !w.single && !w.list {
		return false
	}
	w.single = false
	for w.space(); w.i < len(w.b); w.space() {
		switch c := w.b[w.i]; {
		case c == '\'':
			w.text = w.quoted()
			return true
		case isDigit(c):
			w.text, w.escaped = w.word(), false
			return true
		case w.list && c == ',':
			w.i++
		case w.list && isWord(c): // true, t'...' and the like: no look-up
			if w.word(); w.i < len(w.b) && w.b[w.i] == '\'' {
				w.quoted()
			}
		default:
			w.list = false
			return false
		}
	}
	return false
}

// kind is what a constant compared with the path is; 0 when nobody looks it up.
func (w *patternWalk) kind() ValueKind {
	last := string(w.last)
	switch {
	case w.hashes || isHashName(w.last):
		return ValueHash
	case isUserAgent(w.last):
		return ValueAgent
	case w.behind && last == "value":
		return anyAddress
	case last == "name" && (w.behind || string(w.typ) == "file"):
		return ValueFile
	case last == "path" && (w.behind || string(w.typ) == "directory"):
		return ValueFile
	case w.behind:
		return 0
	}
	return kindOf(string(w.typ), last, isWallet(w.typ))
}

// kinds are what a constant is looked up as that is compared with the path, whose
// kind is given; also is 0 but for a second one.
func (w *patternWalk) kinds(kind ValueKind, constant []byte) (_, also ValueKind) {
	switch {
	case kind == anyAddress:
		return guessAddress(constant), 0
	case kind == ValueHash && string(w.typ) == "x509-certificate":
		return kind, ValueCert
	}
	return kind, 0
}

// kindOf is the kind of a property of an observable by which it is looked up.
func kindOf(typ, property string, wallet bool) ValueKind {
	kind := ValueKind(0)
	want := "value"
	switch typ {
	case "ipv4-addr", "ipv6-addr":
		kind = ValueIP
	case "domain-name":
		kind = ValueDomain
	case "url":
		kind = ValueURL
	case "email-addr":
		kind = ValueEmail
	case "mac-addr":
		kind = ValueOther
	case "autonomous-system":
		kind, want = ValueASN, "number"
	case "artifact":
		kind, want = ValueURL, "url"
	case "windows-registry-key":
		kind, want = ValueRegKey, "key"
	case "x509-certificate":
		kind, want = ValueCert, "serial_number"
	case "mutex", "software", "process":
		kind, want = ValueName, "name"
	case "user-account":
		if property == "user_id" || property == "account_login" || property == "display_name" {
			return ValueName
		}
	case "file", "directory", "email-message", "network-traffic":
	default:
		if wallet {
			return ValueWallet
		}
		return ValueOther
	}
	if property != want {
		return 0
	}
	return kind
}

func isHashName(step []byte) bool {
	var buf [16]byte
	if len(step) > len(buf) {
		return false
	}
	name := buf[:0]
	for _, c := range step {
		if c != '-' && c != '_' {
			name = append(name, c|0x20)
		}
	}
	switch string(name) {
	case "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3256", "sha3512", "ssdeep", "tlsh":
		return true
	}
	return false
}

// word reads letters, digits, hyphens and underscores.
func (w *patternWalk) word() []byte {
	start := w.i
	for w.i < len(w.b) && (isWord(w.b[w.i]) || w.b[w.i] == '-') {
		w.i++
	}
	return w.b[start:w.i]
}

// quoted reads a string constant and returns what is between its quotes.
func (w *patternWalk) quoted() []byte {
	w.i++
	start := w.i
	w.escaped = false
	for ; w.i < len(w.b) && w.b[w.i] != '\''; w.i++ {
		if w.b[w.i] == '\\' {
			w.escaped = true
			w.i++
		}
	}
	end := min(w.i, len(w.b))
	w.i = min(end+1, len(w.b))
	return w.b[start:end]
}

// after goes behind the next c.
func (w *patternWalk) after(c byte) {
	if n := bytes.IndexByte(w.b[w.i:], c); n >= 0 {
		w.i += n + 1
		return
	}
	w.i = len(w.b)
}

func (w *patternWalk) space() {
	for w.i < len(w.b) && (w.b[w.i] == ' ' || w.b[w.i]-'\t' <= '\r'-'\t') {
		w.i++
	}
}

// appendUnquoted resolves \' and \\.
func appendUnquoted(dst, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		dst = append(dst, text[i])
	}
	return dst
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func isWord(c byte) bool { return c-'0' <= 9 || (c|0x20)-'a' < 26 || c == '_' || c >= 0x80 }

// ConstantValues are the values that a constant in a pattern is looked up by when it
// is compared for equality with what an object path leads to: the path's type and
// the names of its steps, without indexes. None when nobody looks that up.
func ConstantValues(typ string, steps []string, constant string) []Value {
	p := NewValuePath(typ, steps)
	return p.Values(constant)
}

// ValuePath is an object path of patterns, as far as it says what constants are that are
// compared with what it leads to.
type ValuePath struct {
	walk patternWalk
	kind ValueKind
}

// NewValuePath makes one of a path's type and the names of its steps, without indexes.
func NewValuePath(typ string, steps []string) ValuePath {
	p := ValuePath{walk: patternWalk{typ: []byte(typ)}}
	for _, s := range steps {
		p.walk.step([]byte(s))
	}
	p.kind = p.walk.kind()
	return p
}

// Values are those that a constant is looked up by, as of ConstantValues.
func (p *ValuePath) Values(constant string) []Value {
	if p.kind == 0 {
		return nil
	}
	kind, also := p.walk.kinds(p.kind, []byte(constant))
	values := make([]Value, 0, 1)
	if v, ok := NewValue(kind, constant); ok {
		values = append(values, v)
	}
	if also != 0 {
		if v, ok := NewValue(also, constant); ok {
			values = append(values, v)
		}
	}
	return values
}

// AppendOnly appends to dst the text of the only value that a constant is looked up by;
// false when there is none, or another.
func (p *ValuePath) AppendOnly(dst, constant []byte) (_ []byte, kind ValueKind, ok bool) {
	if p.kind == 0 {
		return dst, 0, false
	}
	kind, also := p.walk.kinds(p.kind, constant)
	if also != 0 {
		return dst, 0, false
	}
	return appendNormal(dst, kind, constant)
}
