package exchange_test

import (
	"errors"
	"testing"

	"entente/internal/exchange"
)

// Titles are shown on terminals, which obey control characters.
func TestTitlesPrint(t *testing.T) {
	h := build(t)
	for _, c := range []exchange.Collection{
		{Alias: "d", Title: "red\x1b[31m"},
		{Alias: "d", Title: "two\nlines"},
		{Alias: "d", Title: "right \u202eto left"},
		{Alias: "d", Description: "a bell\a"},
		{Alias: "d", Description: "not UTF-8 \xff"},
	} {
		if _, err := h.x.AddCollection(t.Context(), h.operator, c); !errors.Is(err, exchange.ErrInvalid) {
			t.Errorf("title %q, description %q: %v", c.Title, c.Description, err)
		}
	}
	if _, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "d", Title: "Ångström – 水"}); err != nil {
		t.Error(err)
	}
}
