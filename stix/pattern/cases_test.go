package pattern

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// cases reads the patterns of a file in testdata.
func cases(t testing.TB, file string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && line[0] != '#' {
			patterns = append(patterns, line)
		}
	}
	return patterns
}

func errorsOf(problems []Problem) (errors []Problem) {
	for _, p := range problems {
		if p.Severity == SeverityError {
			errors = append(errors, p)
		}
	}
	return errors
}

func TestValidPatterns(t *testing.T) {
	for _, text := range cases(t, "valid.txt") {
		for _, problem := range errorsOf(Check(text)) {
			t.Errorf("%s\n%v", text, problem)
		}
		p, err := Parse(text)
		if err != nil {
			continue // said above
		}
		again, err := Parse(p.String())
		if err != nil {
			t.Errorf("%s\nprints %s: %v", text, p, err)
			continue
		}
		if errorsOf(again.Check()) != nil || again.String() != p.String() {
			t.Errorf("%s\nprints %s, then %s", text, p, again)
		}
	}
}

// TestInvalidPatterns keeps every message that people can meet in a golden
// file, where they can be read one after the other.
func TestInvalidPatterns(t *testing.T) {
	var got strings.Builder
	for _, text := range cases(t, "invalid.txt") {
		problems := errorsOf(Check(text))
		if problems == nil {
			t.Errorf("%s\npasses", text)
			continue
		}
		for _, problem := range problems {
			line, column, content := locate(text, problem.Offset)
			if line != problem.Line || column != problem.Column {
				t.Errorf("%s\noffset %d is %d:%d, not %d:%d", text, problem.Offset, line, column, problem.Line, problem.Column)
			}
			fmt.Fprintf(&got, "%s\n%s\n\n", caret(content, column), problem)
		}
	}
	golden(t, "invalid.golden", got.String())
}

// TestWarnings does the same for what is valid and yet doubtful.
func TestWarnings(t *testing.T) {
	var got strings.Builder
	for _, text := range cases(t, "doubtful.txt") {
		problems := Check(text)
		if len(problems) == 0 || errorsOf(problems) != nil {
			t.Errorf("%s\nhas problems %v, want warnings only", text, problems)
		}
		for _, problem := range problems {
			_, column, content := locate(text, problem.Offset)
			fmt.Fprintf(&got, "%s\n%s\n\n", caret(content, column), problem)
		}
	}
	golden(t, "doubtful.golden", got.String())
}

func TestNothingToSay(t *testing.T) {
	for _, text := range cases(t, "plain.txt") {
		for _, problem := range Check(text) {
			t.Errorf("%s\n%v", text, problem)
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	file = "testdata/" + file
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run go test -update and read the difference", file)
	}
}
