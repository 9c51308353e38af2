package spelling

import (
	"iter"
	"strings"
)

// longestWord is the longest, in octets, that is compared letter by letter.
const longestWord = 64

// Nearest is the word of those that are known that was probably meant, whatever its
// case, of equals the one that begins like it for longer; empty when none is near
// enough: one letter apart for words of up to three, two up to eight, then a third.
func Nearest(word string, known iter.Seq[string]) string {
	most := max(2, len(word)/3)
	if len(word) <= 3 { // a short word is near to many
		most = 1
	}
	word = strings.ToLower(word)
	best, least, alike := "", most+1, 0
	for k := range known {
		d, same := Apart(word, strings.ToLower(k)), begin(word, strings.ToLower(k))
		if d < least || d == least && best != "" && (same > alike || same == alike && k < best) {
			best, least, alike = k, d, same
		}
	}
	return best
}

// begin is how many octets two words begin with alike.
func begin(a, b string) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// Apart is how many letters to put in, leave out or change lead from a word to another.
// Long ones are as far apart as the longer has letters.
func Apart(a, b string) int {
	if len(a) > longestWord || len(b) > longestWord {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(diagonal+1, row[j]+1, change)
		}
	}
	return row[len(b)]
}

// Meant asks at the end of a sentence whether the nearest of the words that are known was
// meant; empty when none is near enough.
func Meant(word string, known iter.Seq[string]) string {
	nearest := Nearest(word, known)
	if nearest == "" {
		return ""
	}
	return "; did you mean " + nearest + "?"
}
