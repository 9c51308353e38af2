package events

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func framesOf(r io.Reader) (all []string, cut int, err error) {
	f := frames{in: bufio.NewReaderSize(r, 64), cut: func() { cut++ }}
	for {
		b, err := f.next()
		if err != nil {
			return all, cut, err
		}
		all = append(all, string(b))
	}
}

// However messages are framed, mixed, and come in pieces, they are those that were sent.
func TestMessagesAreThoseThatWereSent(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var sent bytes.Buffer
		var want []string
		for range rapid.IntRange(0, 12).Draw(r, "messages") {
			text := "<13>" + rapid.StringMatching(`[a-z0-9 .]{0,90}`).Draw(r, "text")
			switch rapid.IntRange(0, 2).Draw(r, "framing") {
			case 0:
				text += "\nsecond line"
				fmt.Fprintf(&sent, "%d %s", len(text), text)
			case 1:
				sent.WriteString(text + "\n")
			case 2:
				sent.WriteString(text + "\x00")
			}
			want = append(want, text)
		}
		got, cut, err := framesOf(iotest.OneByteReader(&sent))
		if !errors.Is(err, io.EOF) || cut > 0 {
			r.Fatalf("%d cut, %v", cut, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatal(diff)
		}
	})
}

func TestMessagesThatAreNone(t *testing.T) {
	long := strings.Repeat("x", longestLine+1000)
	for _, c := range []struct {
		sent string
		want []string
		cut  int
		err  error
	}{
		{long + "\n<13>next\n", []string{long[:longestLine], "<13>next"}, 1, io.EOF},
		{fmt.Sprintf("%d %s5 hello", len(long), long), []string{long[:longestLine], "hello"}, 1, io.EOF},
		{"99999999 x", nil, 0, errFrame},
		{"9999999999999999999 x\n", []string{"9999999999999999999 x"}, 0, io.EOF},
		{"2026-11-27 a line\n007 another\n", []string{"2026-11-27 a line", "007 another"}, 0, io.EOF},
		{"10 abc", []string{"abc"}, 0, io.ErrUnexpectedEOF},
		{"no end", []string{"no end"}, 0, io.EOF},
		{"", nil, 0, io.EOF},
	} {
		got, cut, err := framesOf(strings.NewReader(c.sent))
		if diff := cmp.Diff(c.want, got); diff != "" || cut != c.cut || !errors.Is(err, c.err) && !errors.Is(err, io.EOF) {
			t.Errorf("%.30q: %.200s; %d cut, %v", c.sent, diff, cut, err)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte("5 hello<13>x\n\x00123456789 y"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, _, err := framesOf(bytes.NewReader(b))
		if err == nil {
			t.Fatal("it does not end")
		}
		n := 0
		for _, one := range got {
			n += len(one)
		}
		if n > len(b) {
			t.Fatalf("%d bytes were read of %d", n, len(b))
		}
	})
}

// What waits is bounded: over it, what may not wait is dropped and counted.
func TestAFloodIsDroppedAndCounted(t *testing.T) {
	b := newBasin(-1, nil)
	line := bytes.Repeat([]byte("x"), 1000)
	for range 5000 {
		b.offer(line)
	}
	kept := bytes.Count(b.take(nil), []byte("\n"))
	if dropped := b.dropped.Load(); dropped == 0 || int(dropped)+kept != 5000 || kept*1001 > mostWaiting {
		t.Errorf("%d kept, %d dropped", kept, dropped)
	}
	slow := newBasin(10, nil)
	for range 1000 {
		slow.offer(line)
	}
	if dropped := slow.dropped.Load(); dropped < 900 {
		t.Errorf("at ten a second, %d of 1000 are dropped", dropped)
	}
	done := make(chan bool)
	for range 1100 {
		b.offer(line)
	}
	go func() { done <- b.wait(t.Context(), line) }()
	b.take(nil)
	if !<-done {
		t.Error("there was room again")
	}
	b.close()
	if b.wait(t.Context(), line) {
		t.Error("it is closed")
	}
}

// What is lost is told: at once the first time, then with all that followed, and nothing twice.
func TestLossesAreTold(t *testing.T) {
	var told bytes.Buffer
	b := newBasin(10, slog.New(slog.NewTextHandler(&told, nil)))
	for range 1000 {
		b.offer([]byte("x"))
	}
	if got := told.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "dropped=1 cut=0 refused=0") {
		t.Errorf("after the first: %s", got)
	}
	told.Reset()
	b.tell()
	if want := fmt.Sprintf("dropped=%d ", b.dropped.Load()); strings.Count(told.String(), want) != 1 {
		t.Errorf("at the end: %s, want %s", told.String(), want)
	}
	told.Reset()
	b.tell()
	if told.Len() > 0 {
		t.Errorf("told again: %s", told.String())
	}
}
