package pebble_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"

	"entente/internal/store/pebble"
)

// killDir makes the test binary the writer that is killed.
const killDir = "ENTENTE_TEST_KILL_DIR"

// killRounds is how often a writer is killed on one directory.
const killRounds = 5

// A process that writes is killed at random moments, on the real disk. The
// next one finds all that was acknowledged, and no batch by half.
func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	if dir := os.Getenv(killDir); dir != "" {
		writeUntilKilled(t, dir)
		return
	}
	dir := t.TempDir()
	rounds := killRounds
	if every {
		rounds *= 20
	}
	var acknowledged []int
	for round := range rounds {
		acknowledged = append(acknowledged, killedWriter(t, dir, 100_000*(round+1))...)
		s, err := pebble.Open(context.Background(), dir, pebble.Options{CacheBytes: 1 << 20})
		if err != nil {
			t.Fatalf("after kill %d: %v", round, err)
		}
		judge(t, s, acknowledged)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			t.Fatalf("after kill %d, with %d batches acknowledged", round, len(acknowledged))
		}
	}
	t.Logf("%d batches acknowledged before %d kills", len(acknowledged), rounds)
}

// killedWriter starts a writer, kills it after some of its batches were
// acknowledged, and gives those that it had told by then.
func killedWriter(t *testing.T, dir string, from int) (acknowledged []int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestWhatWasAcknowledgedSurvivesAKill$", "-test.v")
	cmd.Env = append(os.Environ(), killDir+"="+dir, "ENTENTE_TEST_KILL_FROM="+strconv.Itoa(from))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	enough := 1 + rand.IntN(60)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var n int
		if _, err := fmt.Sscanf(lines.Text(), "acknowledged %d", &n); err != nil {
			continue // what the test binary says of itself
		}
		if acknowledged = append(acknowledged, n); len(acknowledged) == enough {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(acknowledged) < enough {
		t.Fatalf("the writer ended by itself after %d batches: %v", len(acknowledged), err)
	}
	return acknowledged
}

// writeUntilKilled has four writers share commits, and tells each batch that
// was acknowledged.
func writeUntilKilled(t *testing.T, dir string) {
	from, err := strconv.Atoi(os.Getenv("ENTENTE_TEST_KILL_FROM"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := pebble.Open(context.Background(), dir, pebble.Options{MemTable: 256 << 10, CacheBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			l := newLedger()
			for n := from + 10_000*w; n < from+10_000*(w+1); n++ {
				if err := l.write(s, n); err != nil {
					t.Error(err)
					return
				}
				fmt.Fprintf(os.Stdout, "acknowledged %d\n", n)
			}
		})
	}
	writers.Wait()
}
