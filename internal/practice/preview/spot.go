package preview

import (
	"iter"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"entente/stix"
)

// spotted is a value that stands in a text.
type spotted struct {
	stix.Value
	below bool // behind a slash, where a name may be one of a file
}

// spot gives the addresses, prefixes, URLs, mail addresses, names of hosts, autonomous
// systems and fingerprints that stand in a text, also where they are defanged.
func spot(text string) iter.Seq[spotted] {
	return func(yield func(spotted) bool) {
		for token := range strings.FieldsFuncSeq(stix.Refang(text), apart) {
			for v := range spotToken(stix.Refang(token)) {
				if !yield(v) {
					return
				}
			}
		}
	}
}

// apart tells what stands around values without being of them. Brackets are among
// it: Refang has taken away those within, but an IPv6 address's in a URL.
func apart(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"'`<>,;|(){}[]=*“”„‘’«»–—…、，", r)
}

var (
	scheme      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*$`)
	fingerprint = regexp.MustCompile(`^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){15,63}$`)
	asn         = regexp.MustCompile(`^(?i:as)[0-9]{1,10}$`)
)

const longestToken = 4096 // bytes; what is longer is no value

// spotToken gives what a run of characters without spaces holds.
func spotToken(token string) iter.Seq[spotted] {
	return func(yield func(spotted) bool) {
		token = strings.TrimPrefix(strings.TrimRight(token, ".!?"), "mailto:")
		if !strings.HasSuffix(token, "::") { // which ends a prefix of IPv6
			token = strings.TrimRight(token, ":")
		}
		if len(token) > longestToken {
			return
		}
		before, _, isURL := strings.Cut(token, "://")
		whole := stix.ValueIP
		switch {
		case isURL && scheme.MatchString(before):
			whole = stix.ValueURL
		case fingerprint.MatchString(token):
			whole = stix.ValueCert
		case strings.Contains(token, "@") && !strings.ContainsAny(token, `/\`):
			whole = stix.ValueEmail
		}
		if v, ok := stix.NewValue(whole, token); ok {
			yield(spotted{Value: v})
			return
		}
		token = strings.TrimPrefix(token, `\\`) // a share's host comes first, too
		for below := false; ; below = true {
			end := strings.IndexAny(token, `/\?#&@`)
			piece := token
			if end >= 0 {
				piece = token[:end]
			}
			for v := range spotPiece(piece) {
				if !yield(spotted{v, below}) {
					return
				}
			}
			if end < 0 {
				return
			}
			token = token[end+1:]
		}
	}
}

// spotPiece gives what stands between slashes: a host with its port, a range of
// addresses, something with a word before it.
func spotPiece(piece string) iter.Seq[stix.Value] {
	between := ":"
	if strings.Trim(piece, "0123456789.-") == "" {
		between = "-"
	}
	return func(yield func(stix.Value) bool) {
		if v, ok := stix.NewValue(stix.ValueIP, piece); ok {
			yield(v)
			return
		}
		for part := range strings.SplitSeq(piece, between) {
			part = strings.Trim(part, ".")
			kind := stix.ValueDomain
			switch {
			case asn.MatchString(part):
				kind = stix.ValueASN
			case !hostName(part):
				continue
			}
			if v, ok := stix.NewValue(kind, part); ok && !yield(v) {
				return
			}
		}
	}
}

// hostName tells what has the form of an address or of a name of at least two labels.
func hostName(text string) bool {
	if len(text) > 253 || !strings.Contains(text, ".") || strings.Contains(text, "..") {
		return false
	}
	if strings.Trim(text, "0123456789.") == "" {
		return strings.Count(text, ".") == 3
	}
	if first, _ := utf8.DecodeRuneInString(text[strings.LastIndexByte(text, '.')+1:]); !unicode.IsLetter(first) {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}
