package main

import (
	"maps"

	"entente/internal/spelling"
)

// didYouMean suggests the nearest of the names that are known, if one is near
// enough to be meant.
func didYouMean[V any](name string, known map[string]V, prefix string) string {
	best := spelling.Nearest(name, maps.Keys(known))
	if best == "" {
		return ""
	}
	return "; did you mean " + prefix + best + "?"
}
