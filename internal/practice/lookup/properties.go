package lookup

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// properties of an object that are told to people. Of other types than they
// should have, they are as if they were not there.
type properties []property

// property is one with its value as its producer wrote it.
type property struct {
	name  []byte
	value []byte
}

// read splits an object into its properties, which are parts of raw. It was
// valid JSON when it was taken in and is not proved again, since an answer may
// hold hundreds; of what is not, the properties before the fault are given.
func read(raw []byte) properties {
	raw = space(raw)
	if len(raw) == 0 || raw[0] != '{' {
		return properties{}
	}
	o := make(properties, 0, 24)
	for rest := space(raw[1:]); len(rest) > 0 && rest[0] == '"'; {
		name := value(rest)
		rest = space(rest[len(name):])
		if len(rest) == 0 || rest[0] != ':' {
			break
		}
		rest = space(rest[1:])
		v := value(rest)
		if len(v) == 0 {
			break
		}
		o = append(o, property{key(name), v})
		if rest = space(rest[len(v):]); len(rest) == 0 || rest[0] != ',' {
			break
		}
		rest = space(rest[1:])
	}
	return o
}

// space is b without the white space before it.
func space(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\n' || b[0] == '\t' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

// value is the JSON value that b begins with; empty when it has no end.
func value(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	switch b[0] {
	case '"':
		return b[:quoted(b)]
	case '{', '[':
		return b[:nested(b)]
	}
	if end := bytes.IndexAny(b, ",}] \n\t\r"); end >= 0 {
		return b[:end]
	}
	return nil
}

// quoted is the length of the string that b begins with, 0 without an end.
func quoted(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return 0
}

// nested is the length of the object or array that b begins with, 0 without an
// end.
func nested(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			n := quoted(b[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
		}
	}
	return 0
}

// plain is what stands in a JSON string, if that is what it means.
func plain(raw []byte) (text []byte, ok bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return nil, false
	}
	text = raw[1 : len(raw)-1]
	return text, bytes.IndexByte(text, '\\') < 0 && utf8.Valid(text)
}

// key reads the name of a property, without a copy where it stands as it is.
func key(raw []byte) []byte {
	if text, ok := plain(raw); ok {
		return text
	}
	return []byte(unquote(raw))
}

// unquote reads a JSON string; it is empty when raw is none.
func unquote(raw []byte) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	if text, ok := plain(raw); ok {
		return string(text)
	}
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

// raw is the value of a property; nil when it is not there. Of one that is
// there twice it is the last.
func (o properties) raw(name string) []byte {
	for i := len(o) - 1; i >= 0; i-- {
		if string(o[i].name) == name {
			return o[i].value
		}
	}
	return nil
}

func (o properties) text(name string) string { return unquote(o.raw(name)) }

func (o properties) texts(name string) []string {
	raw := o.raw(name)
	if raw == nil {
		return nil
	}
	if list, ok := plainTexts(raw); ok {
		return list
	}
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// plainTexts reads an array of strings of which each stands as it is; false for
// any other.
func plainTexts(raw []byte) (list []string, ok bool) {
	if raw[0] != '[' {
		return nil, false
	}
	for rest := space(raw[1:]); len(rest) > 0 && rest[0] == '"'; rest = space(rest[1:]) {
		v := value(rest)
		text, ok := plain(v)
		if !ok {
			return nil, false
		}
		list = append(list, string(text))
		if rest = space(rest[len(v):]); len(rest) == 0 || rest[0] != ',' {
			return list, len(rest) == 1 && rest[0] == ']'
		}
	}
	return nil, false
}

func (o properties) number(name string) (n int, ok bool) {
	raw := o.raw(name)
	if len(raw) == 0 {
		return 0, false
	}
	if len(raw) < 10 && raw[0] >= '1' && only(string(raw), 1, 9, isDigit) {
		for _, c := range raw {
			n = 10*n + int(c-'0')
		}
		return n, true
	}
	return n, json.Unmarshal(raw, &n) == nil
}

// first is the first of some properties that is there.
func (o properties) first(names ...string) string {
	for _, name := range names {
		if s := o.text(name); s != "" {
			return s
		}
	}
	return ""
}
