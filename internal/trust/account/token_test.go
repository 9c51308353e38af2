package account

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTokensHaveTheirForm(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token := newToken()
		if err := CheckToken(token); err != nil {
			t.Fatalf("%s: %v", token, err)
		}
		if !strings.HasPrefix(token, "ent_a_") || len(token) != 42 {
			t.Fatalf("token %s is not ent_a_ and 36 characters", token)
		}
		if seen[token] {
			t.Fatalf("token %s came twice", token)
		}
		seen[token] = true
	}
}

func TestMistypedTokenIsNoToken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		token := []byte(newToken())
		i := rapid.IntRange(0, len(token)-1).Draw(t, "place")
		c := rapid.SampledFrom([]byte(base62)).Draw(t, "character")
		if token[i] == c || i == len(tokenPrefix) { // the letter is covered by the checksum as well, but may be another's
			return
		}
		token[i] = c
		if CheckToken(string(token)) == nil {
			t.Errorf("%s passes with a wrong character at %d", token, i)
		}
	})
}

func TestChecksumIsPublic(t *testing.T) {
	// CRC-32 (IEEE) of "123456789" is 0xCBF43926, as every table of CRCs has it.
	if got, want := checksum("123456789"), "3jZRME"; got != want {
		t.Errorf("checksum is %s, want %s", got, want)
	}
}
