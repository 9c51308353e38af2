package detect

import (
	"regexp/syntax"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"entente/stix/pattern"
)

// A pattern without any value that stands in a text (a command line by LIKE, a user agent, a
// registry key) is asked of the lines that hold a piece of what it compares with: letters and
// digits that stand in a line as they do in the field, in whatever case.

// shortestPiece is how long a piece is at least: what is shorter stands in too many lines.
// Of a longer one than longestPiece the beginning tells as much.
const (
	shortestPiece = 5
	longestPiece  = 64
)

// piecesOf are pieces of which each text that passes a comparison holds one; none when that
// is not known.
func piecesOf(p *pattern.Comparison, k pattern.Constant) []string {
	if k.Kind != pattern.String || !standsAsSaid(p.Path) {
		return nil
	}
	text, of := norm.NFC.String(k.Text), piecing{keys: p.Path.Type == "windows-registry-key"}
	var pieces []string
	switch p.Op {
	case pattern.Equal, pattern.In:
		if v, ok := normalValue(p.Path.Type, names(p.Path.Steps), k); ok {
			text = v.Text
		}
		pieces = of.longest(text)
	case pattern.Like:
		of.wild = "_"
		pieces = of.longest(text)
	case pattern.Matches:
		if e, err := syntax.Parse(text, syntax.Perl); err == nil {
			pieces = of.expression(e)
		}
	}
	for i := range pieces {
		pieces[i] = strings.ToLower(pieces[i])
	}
	return pieces
}

// piecing says what no piece holds, or is.
type piecing struct {
	wild string
	keys bool // of registries: logs write their hives short
}

// standsAsSaid tells whether fields have what a path leads to as they say it: not its type,
// which nobody writes, nor the digits of certificates, between which there may be colons.
func standsAsSaid(p pattern.ObjectPath) bool {
	last := p.Steps[len(p.Steps)-1].Name
	return last != "type" && (p.Type != "x509-certificate" || last == "subject" || last == "issuer")
}

func isOfHive(piece string) bool {
	const names = "HKEY_LOCAL_MACHINE HKEY_USERS HKEY_CLASSES_ROOT HKEY_CURRENT_USER"
	return strings.Contains(names, strings.ToUpper(piece))
}

// longest is the longest run of characters that stand in a line as they are meant,
// whatever its log escapes; none when it is too short.
func (of piecing) longest(text string) []string {
	longest := ""
	for piece := range strings.FieldsFuncSeq(text, func(r rune) bool { return !isPieceRune(r) || strings.ContainsRune(of.wild, r) }) {
		if piece = strings.Trim(piece, " "); len(piece) > len(longest) && !(of.keys && isOfHive(piece)) {
			longest = piece
		}
	}
	if len(longest) < shortestPiece {
		return nil
	}
	return []string{longest[:min(len(longest), longestPiece)]}
}

func isPieceRune(r rune) bool {
	return r < 0x80 && (r-'0' <= 9 && r >= '0' || r|0x20 >= 'a' && r|0x20 <= 'z' || strings.ContainsRune(" _-.", r))
}

// expression gives those of a regular expression: of a choice one of each side.
func (of piecing) expression(e *syntax.Regexp) (best []string) {
	switch e.Op {
	case syntax.OpLiteral:
		return of.longest(string(e.Rune))
	case syntax.OpCapture, syntax.OpPlus:
		return of.expression(e.Sub[0])
	case syntax.OpRepeat:
		if e.Min > 0 {
			return of.expression(e.Sub[0])
		}
	case syntax.OpConcat:
		for _, sub := range e.Sub {
			if pieces := of.expression(sub); shortest(pieces) > shortest(best) {
				best = pieces
			}
		}
	case syntax.OpAlternate:
		for _, sub := range e.Sub {
			pieces := of.expression(sub)
			if len(pieces) == 0 || len(best)+len(pieces) > most {
				return nil
			}
			best = append(best, pieces...)
		}
	}
	return best
}

// shortest is how long the shortest piece is; 0 without any.
func shortest(pieces []string) int {
	if len(pieces) == 0 {
		return 0
	}
	return len(slices.MinFunc(pieces, func(a, b string) int { return len(a) - len(b) }))
}
