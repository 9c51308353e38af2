package sealed

import (
	"errors"
	"fmt"
	"log/slog"
)

// ErrSealed is what marshalling a sealed value answers.
var ErrSealed = errors.New("sealed: content has not passed a handling decision")

// Body is one object's bytes before any decision. The zero Body is empty.
type Body struct {
	bytes []byte
}

// Seal wraps bytes that a store engine has read. The bytes are not copied.
func Seal(b []byte) Body { return Body{bytes: b} }

// Open gives the bytes back; for handling's gate alone.
func Open(s Body) []byte { return s.bytes }

// Len is the number of bytes, which a page's size limit may depend on.
func (s Body) Len() int { return len(s.bytes) }

// String never shows content.
func (s Body) String() string { return "[sealed]" }

// GoString never shows content.
func (s Body) GoString() string { return "[sealed]" }

// Format never shows content, whatever the verb.
func (s Body) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[sealed]")) }

// LogValue never shows content.
func (s Body) LogValue() slog.Value { return slog.StringValue("[sealed]") }

// MarshalJSON always fails.
func (s Body) MarshalJSON() ([]byte, error) { return nil, ErrSealed }

// MarshalText always fails.
func (s Body) MarshalText() ([]byte, error) { return nil, ErrSealed }

// MarshalBinary always fails.
func (s Body) MarshalBinary() ([]byte, error) { return nil, ErrSealed }

// GobEncode always fails.
func (s Body) GobEncode() ([]byte, error) { return nil, ErrSealed }
