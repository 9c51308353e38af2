package months

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Errors that a caller decides on, found by errors.Is.
var (
	ErrGone    = errors.New("the key of that month is destroyed")
	ErrDamaged = errors.New("what is sealed under a month's key is damaged, or of another key")
)

// Month is a month of a year, in UTC: the number of months since the year 0.
type Month int

// Of is the month of a time.
func Of(t time.Time) Month {
	t = t.UTC()
	return Month(t.Year()*12 + int(t.Month()) - 1)
}

// Year is the year of a month.
func (m Month) Year() int { return int(m) / 12 }

// String is a month as 2026-12.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year(), m%12+1) }

// Parse reads what String wrote.
func Parse(text string) (Month, error) {
	t, err := time.Parse("2006-01", text)
	if err != nil {
		return 0, fmt.Errorf("%q is no month: write one as 2026-12", text)
	}
	return Of(t), nil
}

// Key is the key of a month.
type Key struct {
	Month  Month
	secret [32]byte
}

// NewKey is a random key.
func NewKey(m Month) Key {
	k := Key{Month: m}
	rand.Read(k.secret[:]) // never fails (crypto/rand)
	return k
}

// mostSteps is how far ahead keys are worked out: 8,000 years.
const mostSteps = 96_000

// At is the key of a later month, or of this one; ErrGone of an earlier one.
func (k Key) At(m Month) (Key, error) {
	if m < k.Month {
		return Key{}, fmt.Errorf("%s: %w (the oldest that is left is of %s)", m, ErrGone, k.Month)
	}
	if m-k.Month > mostSteps {
		return Key{}, fmt.Errorf("%s is too far ahead for a key", m)
	}
	for ; k.Month < m; k.Month++ {
		k.secret = k.derive("entente month")
	}
	return k, nil
}

func (k *Key) derive(what string) (out [32]byte) {
	mac := hmac.New(sha256.New, k.secret[:])
	mac.Write([]byte(what))
	mac.Sum(out[:0])
	return out
}

// ID tells keys apart and says nothing of them.
func (k Key) ID() string {
	id := k.derive("entente month id")
	return hex.EncodeToString(id[:8])
}

const secretIntro = "entente-months-1 "

// Text is a key as a file keeps it, which ReadKey reads. Whoever has it has the keys of
// all later months.
func (k Key) Text() []byte {
	return fmt.Appendf(nil, "# Opens what backups keep apart until %s or later. Never put it into a backup.\n%s%s %x\n", k.Month, secretIntro, k.Month, k.secret)
}

// ReadKey reads what Text wrote.
func ReadKey(text []byte) (Key, error) {
	for line := range bytes.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(string(line)), secretIntro)
		if !ok {
			continue
		}
		month, secret, _ := strings.Cut(rest, " ")
		m, err := Parse(month)
		if err != nil {
			return Key{}, fmt.Errorf("the key of months: %w", err)
		}
		k := Key{Month: m}
		if raw, err := hex.DecodeString(secret); err != nil || copy(k.secret[:], raw) != len(k.secret) || len(raw) != len(k.secret) {
			return Key{}, errors.New("the key of months: its secret is not 32 bytes in hexadecimal")
		}
		return k, nil
	}
	return Key{}, fmt.Errorf("the key of months: no line begins with %q", secretIntro)
}

// String never shows the secret.
func (k Key) String() string { return "key of " + k.Month.String() }

// GoString does not, either.
func (k Key) GoString() string { return k.String() }
