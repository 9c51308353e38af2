package main

import "strings"

// didYouMean suggests the nearest of the names that are known, if one is near
// enough to be meant.
func didYouMean[V any](name string, known map[string]V, prefix string) string {
	best, least := "", max(2, len(name)/3)+1
	if len(name) <= 3 { // a short name is near to many
		least = 2
	}
	for k := range known {
		d := edits(strings.ToLower(name), strings.ToLower(k))
		if d < least || d == least && best != "" && k < best {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + prefix + best + "?"
}

// edits is how many letters to insert, leave out or change lead from a to b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above+1, row[j]+1, diagonal+cost)
			diagonal = above
		}
	}
	return row[len(b)]
}
