package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"entente": main, "pen": pen})
}

// pen is an editor for scripts: pen TEXT... FILE. Each time it is run it keeps
// what it is shown in shown.txt and puts the next of the texts in the place of
// it; when none is left, it leaves the file as it is.
func pen() {
	last := len(os.Args) - 1
	shown, err := os.ReadFile(os.Args[last])
	if err == nil {
		err = os.WriteFile("shown.txt", shown, 0o600)
	}
	for _, text := range os.Args[1:last] {
		if written, e := os.ReadFile(text); e == nil {
			err = errors.Join(err, os.WriteFile(os.Args[last], written, 0o600), os.Remove(text))
			break
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var update = flag.Bool("update", false, "rewrite what scripts compare with")

// TestScripts runs the stories of testdata/script, one user's day each.
// Beside testscript's own commands there are
//
//	serve NAME [FLAGS]  start a server on data directory NAME; its address is $NAME
//	stop NAME           end it as an operator would, and wait
//	kill NAME           end it as the power would
//	get URL [FILE]      expect 200 of a URL; what it says is in stdout, or in FILE
//	send ACCOUNT TOKEN URL FILE  POST a file; status and answer are in stdout
//	keep NAME           put the line that the last command printed into $NAME
//	token NAME FILE     put the token that the last command printed into a file and $NAME
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Values[serversKey{}] = map[string]*server{}
			e.Defer(func() {
				for _, s := range e.Values[serversKey{}].(map[string]*server) {
					s.kill()
				}
			})
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": cmdServe, "stop": cmdStop, "kill": cmdKill, "get": cmdGet, "send": cmdSend, "keep": cmdKeep, "token": cmdToken, "flip": cmdFlip,
		},
	})
}

type serversKey struct{}

func servers(ts *testscript.TestScript) map[string]*server {
	return ts.Value(serversKey{}).(map[string]*server)
}

// server is a running entente serve.
type server struct {
	cmd    *exec.Cmd
	url    string
	stderr bytes.Buffer
}

var readyLine = regexp.MustCompile(`^serving .* at (https?://\S+)$`)

// startServer starts a server and waits until it says that it is ready.
func startServer(program, dir string, env []string, flags ...string) (*server, error) {
	args := append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, flags...)
	s := &server{cmd: exec.Command(program, args...)}
	s.cmd.Env = env
	s.cmd.Stderr = &s.stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	m := readyLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
	if err != nil || m == nil {
		s.kill()
		return nil, fmt.Errorf("serve said %q (%v), and on standard error: %s", line, err, &s.stderr)
	}
	s.url = m[1]
	return s, nil
}

// stop asks the server to end and waits for it.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, &s.stderr)
	}
	return nil
}

func (s *server) kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	_ = s.cmd.Wait()
}

func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: serve NAME [FLAGS]")
	}
	program, err := exec.LookPath("entente")
	ts.Check(err)
	env := append(os.Environ(), "HOME="+ts.Getenv("HOME"))
	s, err := startServer(program, ts.MkAbs(args[0]), env, args[1:]...)
	ts.Check(err)
	servers(ts)[args[0]] = s
	ts.Setenv(args[0], s.url)
}

func cmdStop(ts *testscript.TestScript, neg bool, args []string) {
	s := servers(ts)[args[0]]
	if s == nil {
		ts.Fatalf("no server %s", args[0])
	}
	delete(servers(ts), args[0])
	ts.Check(s.stop())
	if _, err := os.Stat(filepath.Join(ts.MkAbs(args[0]), "admin.sock")); err == nil {
		ts.Fatalf("the admin socket is there after the server has stopped")
	}
}

func cmdKill(ts *testscript.TestScript, neg bool, args []string) {
	servers(ts)[args[0]].kill()
	delete(servers(ts), args[0])
}

func cmdGet(ts *testscript.TestScript, neg bool, args []string) {
	client := &http.Client{Timeout: 10 * time.Second}
	resp, err := client.Get(args[0])
	ts.Check(err)
	defer resp.Body.Close()
	var body bytes.Buffer
	_, err = body.ReadFrom(resp.Body)
	ts.Check(err)
	if (resp.StatusCode == http.StatusOK) == neg {
		ts.Fatalf("%s answered %s: %s", args[0], resp.Status, body.String())
	}
	if len(args) > 1 {
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), body.Bytes(), 0o600))
		return
	}
	_, err = ts.Stdout().Write(body.Bytes())
	ts.Check(err)
}

// lastToken finds a token that stands alone.
var lastToken = regexp.MustCompile(`^ent_a_[0-9A-Za-z]{36}\n$`)

func cmdKeep(ts *testscript.TestScript, neg bool, args []string) {
	line := strings.TrimSuffix(ts.ReadFile("stdout"), "\n")
	if neg || len(args) != 1 || line == "" || strings.Contains(line, "\n") {
		ts.Fatalf("keep NAME takes the one line that was printed, not %q", line)
	}
	ts.Setenv(args[0], line)
}

func cmdToken(ts *testscript.TestScript, neg bool, args []string) {
	token := ts.ReadFile("stdout")
	if !lastToken.MatchString(token) {
		ts.Fatalf("stdout is not a token alone: %q", token)
	}
	ts.Setenv(args[0], strings.TrimSpace(token))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(token), 0o600))
}

// cmdSend sends a file to a server, for an account.
func cmdSend(ts *testscript.TestScript, _ bool, args []string) {
	r, err := http.NewRequest(http.MethodPost, args[2], strings.NewReader(ts.ReadFile(args[3])))
	ts.Check(err)
	r.SetBasicAuth(args[0], args[1])
	answer, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d %s", answer.StatusCode, body)
}

// cmdFlip changes a bit in each 8 KiB of the middle of the largest file that matches.
func cmdFlip(ts *testscript.TestScript, _ bool, args []string) {
	names, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	var largest []byte
	var name string
	for _, n := range names {
		b, err := os.ReadFile(n)
		ts.Check(err)
		if len(b) > len(largest) {
			largest, name = b, n
		}
	}
	for at := len(largest) / 10; at < len(largest)*6/10; at += 8 << 10 {
		largest[at] ^= 4
	}
	ts.Check(os.WriteFile(name, largest, 0o600))
}
