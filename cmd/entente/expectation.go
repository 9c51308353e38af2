package main

import (
	"fmt"
	"strings"

	"entente/client"
	"entente/internal/trust/handling"
)

// expectation is a line of a file of expectations.
type expectation struct {
	line int
	client.PolicyCase
	allow bool
}

// parseExpectations reads a table of readers, classes and answers.
func parseExpectations(text string) ([]expectation, error) {
	var all []expectation
	lines := strings.Split(text, "\n")
	dashes := func(i int) bool {
		return i < len(lines) && strings.Contains(lines[i], "-") && strings.Trim(lines[i], "|-: \t\r") == ""
	}
	for i, line := range lines {
		n := i + 1
		line = strings.Trim(strings.TrimSpace(line), "|")
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if dashes(i) || dashes(i+1) && len(all) == 0 || strings.Trim(line, "|-: ") == "" || len(cells) == 3 && cells[0] == "reader" && cells[2] == "answer" {
			continue // the head of the table
		}
		// Release lists within a class have bars as well.
		if len(cells) < 3 || cells[0] == "" || cells[len(cells)-1] != "yes" && cells[len(cells)-1] != "no" {
			return nil, fmt.Errorf("line %d: write reader | class | yes or no, as: hub | tlp:amber | no", n)
		}
		asked := client.PolicyCase{As: cells[0], Class: strings.Join(cells[1:len(cells)-1], "|")}
		if in, ok := strings.CutPrefix(asked.Class, "in:"); ok {
			asked.Collection, asked.Class, _ = strings.Cut(in, " ")
		}
		if _, err := handling.ReadClass(asked.Class); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		all = append(all, expectation{n, asked, cells[len(cells)-1] == "yes"})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("it has no line of the form reader | class | yes or no")
	}
	return all, nil
}
