package conformance

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
)

// crowd: section 3.5 beside writers who do not wait for each other. A poller
// who goes on from X-TAXII-Date-Added-Last, in small pages, gets each object
// once, however many came at the same time.
func (s *suite) crowd(t *testing.T) {
	const writers, posts, each = 8, 12, 5
	c := s.take(t)
	type news struct {
		ids []string
		err error
	}
	arriving := make(chan news, writers*posts)
	for range writers {
		go func() {
			for range posts {
				objects, ids := indicators(each)
				arriving <- news{ids, s.send(t, c, envelope(objects...))}
			}
		}()
	}
	var got, sent []string
	after := ""
	poll := func() {
		for query := "limit=7"; query != ""; {
			a := s.get(t, objectsOf(c), query+after)
			p := a.page(t)
			got = append(got, p.ids(t)...)
			if query = ""; p.More {
				query = "limit=7&next=" + p.Next
			} else if last := a.header.Get("X-TAXII-Date-Added-Last"); last != "" {
				after = "&added_after=" + last
			}
		}
	}
	for range writers * posts {
		n := <-arriving
		if n.err != nil {
			t.Error(n.err)
			continue
		}
		sent = append(sent, n.ids...)
		poll()
	}
	poll()
	t.Run("3.5 a poller beside eight writers gets each object once", func(t *testing.T) {
		slices.Sort(got)
		slices.Sort(sent)
		equal(t, "ids", got, sent)
	})
}

// send posts as Ana, from any goroutine.
func (s *suite) send(t *testing.T, c Collection, body []byte) error {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+objectsOf(c), bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Accept", media)
	r.Header.Set("Content-Type", media)
	r.Header.Set("Authorization", basic(s.Ana))
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("a POST beside others is answered %d: %w", resp.StatusCode, err)
	}
	return nil
}
