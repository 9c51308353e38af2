package device

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// least writes up to a number of bytes, and fails at the first beyond.
type least struct {
	bytes.Buffer
	most int
	err  error
}

func (l *least) Write(p []byte) (int, error) {
	if l.Len()+len(p) > l.most {
		return 0, l.err
	}
	return l.Buffer.Write(p)
}

// What is written behind somebody is what he has written, in its order, and either's error
// is told once.
func TestBehindIsTheSame(t *testing.T) {
	his, ours := errors.New("his"), errors.New("ours")
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, behindBytes+behindBytes/2), 0, 12).Draw(t, "sizes")
		fails := rapid.Bool().Draw(t, "fails")
		w := &least{most: rapid.IntRange(0, 12*behindBytes).Draw(t, "most"), err: ours}
		var want []byte
		err := behind(w, func(w io.Writer) error {
			for i, n := range sizes {
				p := bytes.Repeat([]byte{byte(i)}, n)
				want = append(want, p...)
				if _, err := w.Write(p); err != nil {
					return fmt.Errorf("list: %w", err)
				}
				clear(p) // it is the caller's again
			}
			if fails {
				return his
			}
			return nil
		})
		switch {
		case err == nil && (fails || !bytes.Equal(w.Bytes(), want)):
			t.Fatalf("%d bytes of %d, and no error", w.Len(), len(want))
		case err != nil && !bytes.HasPrefix(want, w.Bytes()):
			t.Fatal("what was written before the error is another")
		case errors.Is(err, his) && !fails, errors.Is(err, ours) && len(want) <= w.most:
			t.Fatalf("an error that nobody had: %v", err)
		case err != nil && strings.Count(err.Error(), "ours")+strings.Count(err.Error(), "his") != 1:
			t.Fatalf("told %v", err)
		}
	})
}

func TestBehindAPanic(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "lost") {
			t.Errorf("a panic came out as %q", got)
		}
	}()
	_ = behind(lost{}, func(w io.Writer) error {
		for {
			if _, err := w.Write(make([]byte, behindBytes)); err != nil {
				return err
			}
		}
	})
}

type lost struct{}

func (lost) Write([]byte) (int, error) { panic("lost") }
