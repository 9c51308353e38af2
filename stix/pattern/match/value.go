package match

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"entente/stix/pattern"
)

// constant is a constant of a pattern in the form that it is compared in.
type constant struct {
	kind  pattern.ConstantKind
	text  string
	bytes []byte // of Hex and Binary; of String, its code points when all are below 256
	plain bool   // bytes of a String are valid
	num   number
	truth bool
	at    instant
}

// number is an integer or a float; integers are compared exactly.
type number struct {
	whole bool
	i     int64
	f     float64
}

func constantOf(c pattern.Constant) (constant, error) {
	out := constant{kind: c.Kind, text: c.Text}
	var err error
	switch c.Kind {
	case pattern.String:
		out.bytes, out.plain = narrow(c.Text)
	case pattern.Integer, pattern.Float:
		out.num, _ = numberOf(json.Number(c.Text))
	case pattern.Bool:
		out.truth = c.Text == "true"
	case pattern.Hex, pattern.Binary:
		out.bytes, err = c.Bytes()
	case pattern.Timestamp:
		var t time.Time
		t, err = c.Time()
		out.at = instantOf(t)
	}
	return out, err
}

// compare orders a value and the constant; false when their types have no
// order between them (STIX 2.1 section 9.6.1).
func (c *constant) compare(value any) (int, bool) {
	switch c.kind {
	case pattern.String:
		switch v := value.(type) {
		case string:
			return strings.Compare(v, c.text), true
		case []byte:
			return bytes.Compare(v, c.bytes), c.plain
		}
	case pattern.Hex, pattern.Binary:
		switch v := value.(type) {
		case string:
			b, ok := narrow(v)
			return bytes.Compare(b, c.bytes), ok
		case []byte:
			return bytes.Compare(v, c.bytes), true
		}
	case pattern.Integer, pattern.Float:
		if v, ok := numberOf(value); ok {
			return v.compare(c.num), true
		}
	case pattern.Bool:
		if v, ok := value.(bool); ok && v == c.truth {
			return 0, true
		}
	case pattern.Timestamp:
		switch v := value.(type) {
		case time.Time:
			return instantOf(v).compare(c.at), true
		case string:
			t, ok := parseTime(v)
			return instantOf(t).compare(c.at), ok
		}
	}
	return 0, false
}

// equal tells whether a value equals the constant. Digests are numbers written
// in hexadecimal digits: their case means nothing.
func (c *constant) equal(value any, digest bool) bool {
	if text, ok := value.(string); ok && digest && c.kind == pattern.String && len(text) == len(c.text) && isHex(text) {
		return strings.EqualFold(text, c.text)
	}
	order, ok := c.compare(value)
	return ok && order == 0
}

func isHex(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil
}

func (a number) compare(b number) int {
	if a.whole && b.whole {
		return cmp.Compare(a.i, b.i)
	}
	return cmp.Compare(a.f, b.f)
}

// numberOf reads a number of any of Go's types that Object allows.
func numberOf(value any) (number, bool) {
	switch v := value.(type) {
	case json.Number:
		if i, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return number{true, i, float64(i)}, true
		}
		f, err := strconv.ParseFloat(string(v), 64)
		return number{f: f}, err == nil || math.IsInf(f, 0)
	case int:
		return number{true, int64(v), float64(v)}, true
	case int64:
		return number{true, v, float64(v)}, true
	case float64:
		return number{f: v}, !math.IsNaN(v)
	}
	return number{}, false
}

// narrow is a text as bytes, one for each code point; false when one of them
// is above 255 (STIX 2.1 section 9.6.3).
func narrow(text string) ([]byte, bool) {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 255 {
			return nil, false
		}
		out = append(out, byte(r))
	}
	return out, true
}

// widen is the opposite: a code point for each byte.
func widen(b []byte) string {
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
}

// parseTime reads a timestamp of STIX 2.1 section 3.16: in UTC, upper case. A
// leap second is the instant after it.
func parseTime(text string) (time.Time, bool) {
	const seconds = len("2006-01-02T15:04:05")
	if len(text) <= seconds || text[len(text)-1] != 'Z' || text[seconds] == ',' {
		return time.Time{}, false
	}
	t, err := pattern.Constant{Kind: pattern.Timestamp, Text: text}.Time()
	return t, err == nil
}

// decoded is the bytes that a property named *_hex or *_bin holds; a text that
// is not encoded so stays a text.
func decoded(value any, coding coding) any {
	text, ok := value.(string)
	if !ok || coding == plain {
		return value
	}
	var b []byte
	var err error
	if coding == inHex {
		b, err = hex.DecodeString(text)
	} else {
		b, err = base64.StdEncoding.DecodeString(text)
	}
	if err != nil {
		return value
	}
	return b
}

// coding is how a property holds bytes.
type coding uint8

const (
	plain coding = iota
	inHex
	inBase64
)

func codingOf(name string) coding {
	switch {
	case strings.HasSuffix(name, "_hex"):
		return inHex
	case strings.HasSuffix(name, "_bin"):
		return inBase64
	}
	return plain
}
