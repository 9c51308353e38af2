package warninglist

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// needles are texts that are looked for within values, by their first bytes, so that a
// value costs what it is long, whatever their number.
type needles struct {
	begin   map[[minNeedle]byte][]int // how long those are that begin so
	members map[string]chain
}

func (n *needles) add(text string, list uint16, c *chains) {
	if n.begin == nil {
		*n = needles{map[[minNeedle]byte][]int{}, map[string]chain{}}
	}
	key := [minNeedle]byte([]byte(text[:minNeedle]))
	if !slices.Contains(n.begin[key], len(text)) {
		n.begin[key] = append(n.begin[key], len(text))
	}
	c.put(n.members, text, list)
}

// in gives the needles that stand in a text, and the lists that have them.
func (n *needles) in(text string, yield func(needle string, lists chain)) {
	if n.begin == nil {
		return
	}
	for i := 0; i+minNeedle <= len(text); i++ {
		for _, length := range n.begin[[minNeedle]byte([]byte(text[i:i+minNeedle]))] {
			if i+length > len(text) {
				continue
			}
			if lists := n.members[text[i:i+length]]; lists != 0 {
				yield(text[i:i+length], lists)
			}
		}
	}
}

// expression is one regular expression of a list.
type expression struct {
	*regexp.Regexp
	source string
	list   uint16
}

// compile reads a regular expression, with the delimiters and flags that PHP has
// around it or bare.
func compile(source string) (*regexp.Regexp, error) {
	text, flags := source, ""
	if end := strings.LastIndexByte(source, source[0]); strings.IndexByte("/#~%!@", source[0]) >= 0 && end > 0 && strings.Trim(source[end+1:], "gimsuUxADSXJ") == "" {
		text, flags = source[1:end], source[end+1:]
	}
	set := ""
	for _, f := range flags {
		switch f {
		case 'i', 'm', 's', 'U':
			set += string(f)
		case 'A':
			text = `\A(?:` + text + ")"
		case 'x', 'X', 'J':
			return nil, errors.New("an expression with the flag " + string(f) + " is not understood")
		}
	}
	if set != "" {
		text = "(?" + set + ")" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, errors.New("an expression that RE2 does not understand (" + err.Error() + ")")
	}
	if re.MatchString("") {
		return nil, errors.New("an expression that matches everything")
	}
	return re, nil
}
