package pattern

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Constant is a literal value (STIX 2.1 section 9.2).
type Constant struct {
	Pos  int
	Kind ConstantKind

	// Text is the value in one form for each kind: a String without quotes
	// and escapes, an Integer or Float without '+' and needless zeros before
	// it, "true" or "false", what stands between the quotes of the others,
	// line feeds in base64 left out.
	Text string
}

// ConstantKind is the data type of a Constant.
type ConstantKind uint8

// The data types of constants.
const (
	String ConstantKind = iota
	Integer
	Float
	Bool
	Hex
	Binary
	Timestamp
)

func (k ConstantKind) String() string {
	return [...]string{"string", "integer", "float", "boolean", "hex", "binary", "timestamp"}[k]
}

// Int64 is the value of an Integer.
func (c Constant) Int64() (int64, error) {
	n, err := strconv.ParseInt(c.Text, 10, 64)
	if err != nil || c.Kind != Integer {
		return 0, fmt.Errorf("constant %s is no 64-bit integer", c)
	}
	return n, nil
}

// Float64 is the value of an Integer or a Float.
func (c Constant) Float64() (float64, error) {
	f, err := strconv.ParseFloat(c.Text, 64)
	if err != nil || c.Kind != Integer && c.Kind != Float {
		return 0, fmt.Errorf("constant %s is no number", c)
	}
	return f, nil
}

// Bytes is the value of a Hex or Binary constant, and the UTF-8 of a String.
func (c Constant) Bytes() ([]byte, error) {
	switch c.Kind {
	case Hex:
		return hex.DecodeString(c.Text)
	case Binary:
		return base64.StdEncoding.DecodeString(c.Text)
	case String:
		return []byte(c.Text), nil
	}
	return nil, fmt.Errorf("constant %s has no bytes", c)
}

// Time is the value of a Timestamp. The grammar lets through days that no
// calendar has (30 February), which are an error here. A leap second is the
// instant after it; digits beyond the nanosecond are cut off.
func (c Constant) Time() (time.Time, error) {
	if c.Kind != Timestamp {
		return time.Time{}, fmt.Errorf("constant %s is no timestamp", c)
	}
	text, leap := c.Text, time.Duration(0)
	if strings.HasPrefix(text[len("2006-01-02T15:04:"):], "60") {
		text = text[:len("2006-01-02T15:04:")] + "59" + text[len("2006-01-02T15:04:05"):]
		leap = time.Second
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("timestamp %s is no day of the calendar", c)
	}
	return t.Add(leap), nil
}

// before compares the fixed-width text of two timestamps, so that neither
// precision nor the calendar matters.
func (c Constant) before(d Constant) bool {
	const seconds = len("2006-01-02T15:04:05")
	a, b := c.Text[:len(c.Text)-1], d.Text[:len(d.Text)-1]
	if a[:seconds] != b[:seconds] {
		return a[:seconds] < b[:seconds]
	}
	return strings.TrimRight(a[seconds:], ".0") < strings.TrimRight(b[seconds:], ".0")
}
