package handling

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The page of reference lists every word that markings and agreements may use.
func TestReferenceHasEveryWord(t *testing.T) {
	b, err := os.ReadFile("../../../docs/reference/handling.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for _, g := range grounds {
		yes := "no"
		if g.Personal {
			yes = "yes"
		}
		if row := fmt.Sprintf("| `%s` | %s | %s | %s |\n", g.ID, g.Law, yes, g.Asks); !strings.Contains(page, row) {
			t.Errorf("docs/reference/handling.md has no row\n%s", row)
		}
		if g.Transfer == 0 {
			continue
		}
		var says, may []string
		for _, word := range []struct {
			is   need
			name string
		}{{needCountry, "`to`"}, {needEnd, "`until`"}, {needBasis, "`basis`"}, {needAssessment, "`assessed`"}} {
			switch {
			case g.Transfer&word.is != 0:
				says = append(says, word.name)
			case word.is != needAssessment:
				may = append(may, word.name)
			}
		}
		cell := strings.Join(says, ", ")
		if cell != "" {
			cell += " "
		}
		if row := fmt.Sprintf("| `%s` | %s| %s |\n", g.ID, cell, strings.Join(may, ", ")); !strings.Contains(page, row) {
			t.Errorf("docs/reference/handling.md has no row\n%s", row)
		}
	}
	for _, names := range [][]string{termNames[:], purposeNames} {
		for _, name := range names {
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("docs/reference/handling.md does not say what %s is", name)
			}
		}
	}
	for id := range readers {
		if !strings.Contains(page, strings.TrimPrefix(id, "extension-definition--")) {
			t.Errorf("docs/reference/handling.md does not name %s", id)
		}
	}
}
