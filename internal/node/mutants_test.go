package node_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The holes are broken into copies of the sources, which go test -overlay reads
// in the place of the product's. All are in one program and closed; the
// environment of a run opens one.
const holes = `package hole

import "os"

var open = os.Getenv("ENTENTE_HOLE")

// Is tells whether a hole is open, Any whether one is.
func Is(name string) bool { return open == name }
func Any() bool           { return open != "" }

// Or gives the first where a hole is open.
func Or[T any](open bool, leaky, tight T) T {
	if open {
		return leaky
	}
	return tight
}
`

// mutated gives the sources with all holes in them, by file.
func mutated(t *testing.T) map[string]string {
	t.Helper()
	sources := map[string]string{}
	put := func(e edit, name string) {
		path := filepath.Join("..", "..", e.file)
		text, ok := sources[e.file]
		if !ok {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text = string(raw)
			line, rest, _ := strings.Cut(text[strings.Index("\n"+text, "\npackage "):], "\n")
			text = text[:len(text)-len(line)-len(rest)-1] + line + "\n\nimport \"entente/internal/hole\"\n" + rest + "\nvar _ = hole.Any\n"
		}
		if n := strings.Count(text, e.old); n != 1 {
			t.Errorf("mutant %s: %q stands %d times in %s, and not once; mend its edit in mutants_table_test.go", name, e.old, n, e.file)
			return
		}
		to := strings.NewReplacer("HOLE", fmt.Sprintf("hole.Is(%q)", name), "ANY", "hole.Any()").Replace(e.new)
		sources[e.file] = strings.Replace(text, e.old, to, 1)
	}
	for _, e := range everywhere {
		put(e, "everywhere")
	}
	for _, m := range mutants {
		for _, e := range m.edits {
			put(e, m.name)
		}
	}
	return sources
}

// TestMutantsFitTheProduct: a hole whose place is gone proves nothing any more.
func TestMutantsFitTheProduct(t *testing.T) {
	mutated(t)
	names := map[string]bool{}
	for _, m := range mutants {
		if names[m.name] {
			t.Errorf("two mutants are called %s", m.name)
		}
		names[m.name] = true
	}
}

// TestMutantsAreFound: each hole, broken into the product by itself, is found by
// a test within a minute; with all closed, none is. `make mutants` runs it, or
// some of them: make mutants ONLY=etag,cursor.
func TestMutantsAreFound(t *testing.T) {
	if os.Getenv("ENTENTE_MUTANTS") == "" {
		t.Skip("not run: make mutants runs it, in about five minutes (ENTENTE_MUTANTS=1)")
	}
	dir := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	write := func(file, text string) {
		copied := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[filepath.Join(root, file)] = copied
	}
	sources := mutated(t)
	if t.Failed() {
		return
	}
	for _, file := range slices.Sorted(maps.Keys(sources)) {
		write(file, sources[file])
	}
	write("internal/hole/hole.go", holes)
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	m := mutator{dir: dir, root: root, overlay: filepath.Join(dir, "overlay.json"), built: map[string]string{}}
	if err := os.WriteFile(m.overlay, list, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, _, err := m.run(t, mutant{}, 15*time.Second); err != nil {
		t.Fatalf("with all holes closed the test fails: %v\n%s", err, out)
	}
	only := os.Getenv("ENTENTE_MUTANTS")
	for _, hole := range mutants {
		if only != "1" && !slices.Contains(strings.Split(only, ","), hole.name) {
			continue
		}
		out, took, err := m.run(t, hole, 55*time.Second)
		if err == nil {
			t.Errorf("%-18s was not found in %v: %s", hole.name, took.Round(time.Second), hole.leaks)
			continue
		}
		if strings.Contains(out, "panic: ") {
			t.Errorf("%s: the program broke, which is no answer:\n%.2000s", hole.name, out)
			continue
		}
		t.Logf("%-18s found in %4.1fs: %s", hole.name, took.Seconds(), finding(out))
	}
}

// mutator builds and runs tests with holes in the product.
type mutator struct {
	dir, root, overlay string
	built              map[string]string // test binaries, by package
}

// run tests with one hole open. An error is that the test failed; one that has
// not been built ends everything.
func (m *mutator) run(t *testing.T, hole mutant, longest time.Duration) (out string, took time.Duration, err error) {
	pkg, test := hole.pkg, hole.test
	if pkg == "" {
		pkg, test = "internal/node", "TestNothingUnseenChangesAnAnswer"
	}
	binary, ok := m.built[pkg]
	if !ok {
		binary = filepath.Join(m.dir, strings.ReplaceAll(pkg, "/", "_")+".test")
		build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", m.overlay, "-o", binary, "./"+pkg)
		build.Dir = m.root
		if text, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build %s with holes: %v\n%s", pkg, err, text)
		}
		m.built[pkg] = binary
	}
	args := []string{"-test.run", "^" + test + "$", "-test.timeout", "3m"}
	if pkg == "internal/node" || pkg == "internal/store/pebble" { // whose tests have rapid's flags
		args = append(args, "-rapid.nofailfile", "-rapid.shrinktime=0s", "-rapid.checks=1000")
	}
	run := exec.CommandContext(t.Context(), binary, args...)
	run.Dir = filepath.Join(m.root, pkg)
	run.Env = append(os.Environ(), "ENTENTE_HOLE="+hole.name, "ENTENTE_SILENCE="+longest.String())
	began := time.Now()
	text, err := run.CombinedOutput()
	return string(text), time.Since(began), err
}

// finding is the line of a test's output that says what was found.
func finding(out string) string {
	for _, mark := range []string{"request ", "a fault: ", "--- FAIL"} {
		for line := range strings.Lines(out) {
			if i := strings.Index(line, mark); i >= 0 {
				return fmt.Sprintf("%.140s", strings.TrimSpace(line[i:]))
			}
		}
	}
	return fmt.Sprintf("%.140s", out)
}
