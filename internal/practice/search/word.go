package search

import (
	"strings"
	"unicode/utf8"
)

// takeWords adds a word or a phrase.
func (q *Query) takeWords(i item) error {
	if err := q.add(i, false); err != nil || i.not {
		return err
	}
	q.pieces = append(q.pieces, spelled(i.text)...)
	q.begins = q.begins || !i.quoted && strings.HasSuffix(i.text, "*")
	return nil
}

// add adds what an item's text looks for.
func (q *Query) add(i item, label bool) error {
	words, err := wordsOf(i.text, i.quoted)
	if err != nil {
		return err
	}
	if len(words) == 0 && i.quoted {
		return wrong("there is no word in %q to look for", i.text)
	}
	for n := range words {
		words[n].label = label
	}
	if !i.not {
		q.words = append(q.words, words...)
		return nil
	}
	if len(words) == 0 {
		return nil
	}
	// What is left out as one item must be there as one.
	not := word{label: label, phrase: spelled(i.text)}
	if len(words) == 1 {
		not.any, not.begin = words[0].any, words[0].begin
		if !i.quoted {
			not.phrase = nil
		}
	} else {
		not.any = [][]string{nil}
		for _, w := range words {
			not.any = cross(not.any, w.any)
		}
	}
	q.without = append(q.without, not)
	return nil
}

// wordsOf gives what a text looks for, one word for each of its own; a phrase
// is to be found in the last of them.
func wordsOf(text string, quoted bool) (words []word, err error) {
	begin := false
	if !quoted {
		text, begin = strings.CutSuffix(text, "*")
		if strings.Contains(text, "*") {
			return nil, wrong("%q: a star stands at the end of a word and means all that begin so", text)
		}
	}
	var all []compound
	compounds(text, func(c compound) { all = append(all, c) })
	for n, c := range all {
		if !begin || n < len(all)-1 {
			words = append(words, c.word())
			continue
		}
		last, err := c.beginning()
		if err != nil {
			return nil, err
		}
		words = append(words, last...)
	}
	if begin && len(all) == 0 {
		return nil, wrong("there are no letters before the star in %q", text+"*")
	}
	if pieces := spelled(text); quoted && len(pieces) > 1 {
		words[len(words)-1].phrase = pieces
	}
	return words, nil
}

// word is what finds a compound, however the text joins it.
func (c compound) word() word {
	if c.paired {
		return pairedWord(c.text)
	}
	labels := c.labels()
	switch {
	case allDigits(labels):
		return word{any: [][]string{{shorten(c.text)}}}
	case numbered(labels):
		return word{any: [][]string{{shorten(strings.Join(parts(c.text), ""))}}}
	}
	w := word{any: [][]string{nil}}
	for _, label := range labels {
		parts := parts(label)
		alternatives := [][]string{{shorten(strings.Join(parts, ""))}}
		if len(parts) > 1 && apartToo(parts) {
			alternatives = append(alternatives, parts)
		}
		w.any = cross(w.any, alternatives)
	}
	return w
}

// apartToo tells whether the parts may stand as words of their own: a number
// or a letter alone says too little.
func apartToo(parts []string) bool {
	for _, p := range parts {
		if utf8.RuneCountInString(p) < 2 || strings.ContainsAny(p, "0123456789") || len(p) > longestTerm {
			return false
		}
	}
	return len(parts) < 4
}

// cross gives each of the one together with each of the other.
func cross(a, b [][]string) (all [][]string) {
	for _, x := range a {
		for _, y := range b {
			all = append(all, append(append([]string(nil), x...), y...))
		}
	}
	const most = 16 // more alternatives than names have
	return all[:min(len(all), most)]
}

// pairedWord is all pairs of a text; a character alone begins one.
func pairedWord(text string) word {
	if utf8.RuneCountInString(text) == 1 {
		return word{begin: text}
	}
	var terms []string
	pairs(text, func(pair string) { terms = append(terms, pair) })
	return word{any: [][]string{terms[:len(terms)-1]}} // the last character may have one behind it
}

// beginning is what finds words that begin as the compound does.
func (c compound) beginning() ([]word, error) {
	if c.paired {
		return []word{pairedWord(c.text)}, nil
	}
	var before []word
	labels := c.labels()
	begin := strings.Join(parts(c.text), "")
	switch last := len(labels) - 1; {
	case allDigits(labels):
		begin = c.text
	case last > 0 && !numbered(labels):
		before = []word{compound{text: strings.Join(labels[:last], ".")}.word()}
		begin = strings.Join(parts(labels[last]), "")
	}
	if utf8.RuneCountInString(begin) < 2 {
		return nil, wrong("%q: give at least two letters before a star", c.text+"*")
	}
	return append(before, word{begin: shorten(begin)}), nil
}
