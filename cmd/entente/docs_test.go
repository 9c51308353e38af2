package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDocs runs what the README and docs show. In a page,
//
//	```console         is a session: it is run, and must answer what it shows
//	```json NAME       is put into the file NAME before (any language)
//	```sh              is for machines that no test has (systemctl, apt): of it,
//	                   only verbs and flags are checked
//
// All sessions of a page are one, in a fresh directory, in which the files of
// testdata/docs/PAGE lie, too. "$ " begins a command, "> " continues it; the
// lines after it are what it says on standard output and error. What changes
// from run to run (times, ids, digests, tokens) need not agree, "..." stands
// for any text, and a line of it for any lines. A command that ends in
// "# exit 1" exits so, any other with 0; after one that ends in "&" the next
// waits until it has said a line on standard output. Addresses on 127.0.0.1
// become free ones.
func TestDocs(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("sessions are for a POSIX shell, and none is here")
	}
	sessions := 0
	for _, path := range pages(t) {
		p := readPage(t, path)
		if p.name == "README" && len(p.commands) < 8 {
			t.Errorf("the README's session has %d commands; it has lost some", len(p.commands))
		}
		for _, line := range p.unrun {
			if err := checkVerb(line); err != nil {
				t.Errorf("%s: %s: %v", path, line, err)
			}
		}
		if len(p.commands) == 0 {
			continue
		}
		sessions++
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.run(t, shell)
		})
	}
	if sessions == 0 {
		t.Error("no page shows a session")
	}
}

// The README's two commands to begin with are those that CI runs.
func TestReadmeSetsUp(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"go run ./cmd/entente demo", "go test ./..."} {
		if !strings.Contains(string(b), command) {
			t.Errorf("the README does not name %q", command)
		}
	}
}

// pages are the README and every page of docs.
func pages(t *testing.T) []string {
	t.Helper()
	all := []string{"../../README.md"}
	err := filepath.WalkDir("../../docs", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// page is what of a page of documentation can be tested.
type page struct {
	path, name string
	files      map[string]string
	commands   []command
	unrun      []string // commands of this program on other machines
}

// command is one command of a session and what the page says of it.
type command struct {
	line       int
	text, says string
	exit       string
	background bool
}

func readPage(t *testing.T, path string) *page {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := &page{path: path, name: strings.TrimSuffix(filepath.Base(path), ".md"), files: map[string]string{}}
	var block []string
	fence, begun := "", 0
	for i, line := range strings.Split(string(b), "\n") {
		line = strings.TrimRight(line, " \r")
		switch {
		case fence == "" && strings.HasPrefix(line, "```"):
			fence, block, begun = strings.TrimPrefix(line, "```")+" ", nil, i+2
		case fence != "" && line == "```":
			p.take(fence, block, begun)
			fence = ""
		default:
			block = append(block, line)
		}
	}
	if fence != "" {
		t.Errorf("%s:%d: the block does not end", path, begun-1)
	}
	return p
}

// take takes one block of a page, which begins at a line.
func (p *page) take(info string, block []string, at int) {
	language, name, _ := strings.Cut(info, " ")
	switch name = strings.TrimSpace(name); {
	case name != "":
		p.files[name] = strings.Join(block, "\n") + "\n"
	case language == "sh":
		for _, line := range block {
			const program = " entente "
			if i := strings.LastIndex(" "+line, program); i >= 0 && !strings.HasPrefix(line, "#") {
				p.unrun = append(p.unrun, (" " + line)[i+len(program):])
			}
		}
	case language == "console":
		for i, line := range block {
			if text, ok := strings.CutPrefix(line, "$ "); ok {
				p.commands = append(p.commands, newCommand(text, at+i))
			} else if len(p.commands) > 0 {
				p.commands[len(p.commands)-1].follow(line)
			}
		}
	}
}

func newCommand(text string, line int) command {
	c := command{line: line, text: text, exit: "0"}
	if before, code, ok := strings.Cut(text, "# exit "); ok {
		c.text, c.exit = before, code
	}
	c.text, c.background = strings.CutSuffix(c.text, "&")
	return c
}

// follow takes a line after the command: more of it, or what it says.
func (c *command) follow(line string) {
	if more, ok := strings.CutPrefix(line, "> "); ok && c.says == "" {
		c.text += "\n" + more
		return
	}
	c.says += line + "\n"
}

// checkVerb checks verbs and flags of a command line without running it.
func checkVerb(line string) error {
	words := strings.Fields(line)
	for i, w := range words {
		if strings.ContainsAny(w[:1], "|>&;#\\") {
			words = words[:i]
			break
		}
	}
	root := (&cli{env: os.LookupEnv, environ: os.Environ}).root()
	cmd, rest, err := root.Find(words)
	if err == nil && cmd.HasSubCommands() && cmd.RunE == nil {
		err = fmt.Errorf("unknown verb")
	}
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	return err
}

func (p *page) run(t *testing.T, shell string) {
	for _, c := range p.commands {
		if program := strings.Fields(c.text)[0]; program == "curl" || program == "python3" || program == "jq" {
			if _, err := exec.LookPath(program); err != nil {
				t.Skipf("%s:%d: %s is not here", p.path, c.line, program)
			}
		}
	}
	dir, private := t.TempDir(), t.TempDir()
	local := freePorts(t)
	p.lay(t, dir, local)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, shell)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "LC_ALL=C", "TALK="+private, "NO_COLOR=1")
	cmd.Stdin = strings.NewReader(local.replace(p.script()))
	cmd.WaitDelay = 5 * time.Second
	said, err := cmd.CombinedOutput()
	for i, c := range p.commands {
		got, readErr := os.ReadFile(filepath.Join(private, fmt.Sprint(i)))
		code, _ := os.ReadFile(filepath.Join(private, fmt.Sprint(i, ".exit")))
		switch {
		case readErr != nil:
			t.Fatalf("%s:%d: %s\nwas not reached (%v): %s", p.path, c.line, c.text, err, said)
		case strings.TrimSpace(string(code)) != c.exit:
			t.Errorf("%s:%d: %s\nexited with %sand not %s:\n%s%s", p.path, c.line, c.text, code, c.exit, got, said)
		case c.says != "" && !agrees(local.replace(c.says), string(got)):
			t.Errorf("%s:%d: %s\nshows\n%sand it is\n%s", p.path, c.line, c.text, c.says, got)
		}
	}
}

// lay puts the page's files where its session begins.
func (p *page) lay(t *testing.T, dir string, local *ports) {
	t.Helper()
	from := filepath.Join("testdata", "docs", p.name)
	if _, err := os.Stat(from); err == nil {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range p.files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(local.replace(content)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// script is the session as a script of one shell, so that directories and
// variables last. Each command's output and exit code go to files in $TALK.
func (p *page) script() string {
	var s strings.Builder
	s.WriteString("servers=\ntrap 'kill $servers 2>/dev/null; wait' EXIT\n")
	for i, c := range p.commands {
		out := fmt.Sprintf(`"$TALK/%d"`, i)
		if !c.background {
			fmt.Fprintf(&s, "{ %s\n} >%s 2>&1 </dev/null\necho $? >\"$TALK/%d.exit\"\n", c.text, out, i)
			continue
		}
		// A server says on standard output that it is ready; it holds the pipe
		// open for both ends, so that nothing it says later breaks it.
		fmt.Fprintf(&s, "mkfifo \"$TALK/pipe%[1]d\"\n%[2]s 3<>\"$TALK/pipe%[1]d\" >&3 2>\"$TALK/log%[1]d\" </dev/null &\n", i, c.text)
		fmt.Fprintf(&s, "servers=\"$servers $!\"\nread -r line <\"$TALK/pipe%d\"\necho $? >\"$TALK/%[1]d.exit\"\necho \"$line\" >%s\n", i, out)
	}
	return s.String()
}
