package account

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"hash/crc32"
	"strings"
)

// Shape of a token; the package comment has the grammar.
const (
	tokenPrefix = "ent_"
	tokenLetter = 'a' // an account's
	secretLen   = 30
	sumLen      = 6
	tokenLen    = len(tokenPrefix) + 2 + secretLen + sumLen
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// Digest is what is kept of a token.
type Digest [sha256.Size]byte

// errToken is what a text is that cannot be a token of any account.
var errToken = errors.New("not a token: it must be ent_, a letter, _ and 36 letters or digits that fit together; was it copied whole?")

// newToken makes a token that nobody has seen.
func newToken() string {
	var b strings.Builder
	b.Grow(tokenLen)
	b.WriteString(tokenPrefix)
	b.WriteByte(tokenLetter)
	b.WriteByte('_')
	for n := 0; n < secretLen; {
		var random [64]byte
		rand.Read(random[:]) // never fails (crypto/rand)
		for _, r := range random {
			// Values from 248 on would make the first letters more likely.
			if r < 248 && n < secretLen {
				b.WriteByte(base62[r%62])
				n++
			}
		}
	}
	b.WriteString(checksum(b.String()))
	return b.String()
}

// CheckToken tells whether a text has the form of a token, checksum included.
// It says nothing of whether any account has it.
func CheckToken(s string) error {
	if len(s) != tokenLen || !strings.HasPrefix(s, tokenPrefix) || s[len(tokenPrefix)+1] != '_' {
		return errToken
	}
	if s[tokenLen-sumLen:] != checksum(s[:tokenLen-sumLen]) {
		return errToken
	}
	return nil
}

// digest is what is kept of a token.
func digest(token string) Digest { return sha256.Sum256([]byte(token)) }

// checksum is the CRC-32 (IEEE) of s in six base62 digits, highest first.
func checksum(s string) string {
	sum := crc32.ChecksumIEEE([]byte(s))
	var out [sumLen]byte
	for i := sumLen - 1; i >= 0; i-- {
		out[i] = base62[sum%62]
		sum /= 62
	}
	return string(out[:])
}
