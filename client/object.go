package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const ndjson = "application/x-ndjson"

// Query says which objects of a collection are asked for. The zero value is the
// latest version of each.
type Query struct {
	Types      []string
	IDs        []string
	AddedAfter time.Time
	All        bool     // all versions
	Fields     []string // properties to give; what comes then is no object's bytes
}

func (q Query) encode() string {
	v := url.Values{}
	for name, list := range map[string][]string{"type": q.Types, "id": q.IDs, "fields": q.Fields} {
		if len(list) > 0 {
			v.Set(name, strings.Join(list, ","))
		}
	}
	if !q.AddedAfter.IsZero() {
		v.Set("added_after", q.AddedAfter.UTC().Format(time.RFC3339Nano))
	}
	if q.All {
		v.Set("versions", "all")
	}
	return "?" + v.Encode()
}

// Objects streams what the account may see of a collection, in order of date
// added. The bytes of an object are valid until the next; line breaks within it
// are spaces.
func (c *Client) Objects(ctx context.Context, collection string, q Query) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		r, err := c.send(ctx, http.MethodGet, "/collections/"+url.PathEscape(collection)+"/objects"+q.encode(), ndjson, "", nil)
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Body.Close()
		for line, err := range lines(r.Body) {
			if !yield(line, err) {
				return
			}
		}
	}
}

// lines reads lines of any length. An input that ends within one is cut.
func lines(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		b := bufio.NewReaderSize(r, 64<<10)
		var long []byte
		for {
			part, err := b.ReadSlice('\n')
			if errors.Is(err, bufio.ErrBufferFull) {
				long = append(long, part...)
				continue
			}
			if errors.Is(err, io.EOF) && len(part) == 0 && len(long) == 0 {
				return
			}
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				yield(nil, fmt.Errorf("the answer ended early: %w", err))
				return
			}
			if len(long) > 0 {
				part = append(long, part...)
				long = part[:0]
			}
			if !yield(part[:len(part)-1], nil) {
				return
			}
			long = long[:0]
		}
	}
}

// Object gives the latest version of an object that the account may see, as its
// producer wrote it.
func (c *Client) Object(ctx context.Context, id string) ([]byte, error) {
	r, err := c.send(ctx, http.MethodGet, "/objects/"+url.PathEscape(id), "application/stix+json", "", nil)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("object %s: read the answer: %w", id, err)
	}
	return b, nil
}

// Versions gives the versions of an object that the account may see, oldest
// first.
func (c *Client) Versions(ctx context.Context, id string) ([]Version, error) {
	list, err := get[List[Version]](ctx, c, http.MethodGet, "/objects/"+url.PathEscape(id)+"/versions", nil)
	return list.Items, err
}

// DeleteObject takes an object out of a collection, in all its versions.
func (c *Client) DeleteObject(ctx context.Context, collection, id string) error {
	return c.Do(ctx, http.MethodDelete, "/collections/"+url.PathEscape(collection)+"/objects/"+url.PathEscape(id), nil, nil)
}

// AddObjects brings the objects of body into a collection: JSON Lines, a bundle,
// an envelope or an array. each, if not nil, is told what became of each object,
// in order. An error that is an *[Error] beside a tally is why the rest was not
// taken; what was told is kept.
func (c *Client) AddObjects(ctx context.Context, collection string, body io.Reader, each func(Result)) (Tally, error) {
	r, err := c.send(ctx, http.MethodPost, "/collections/"+url.PathEscape(collection)+"/objects", ndjson, ndjson, body)
	if err != nil {
		return Tally{}, err
	}
	defer r.Body.Close()
	for b, err := range lines(r.Body) {
		var line ResultLine
		if err == nil {
			err = json.Unmarshal(b, &line)
		}
		if err != nil {
			return Tally{}, fmt.Errorf("add objects: %w", err)
		}
		if t := line.Tally; t != nil && t.Error != nil {
			return *t, t.Error
		} else if t != nil {
			return *t, nil
		}
		if each != nil && line.Result != nil {
			each(*line.Result)
		}
	}
	return Tally{}, fmt.Errorf("add objects: the answer ended early: %w", io.ErrUnexpectedEOF)
}

// Import brings a file into a collection by a job, which is the answer.
func (c *Client) Import(ctx context.Context, collection string, body io.Reader) (j Job, err error) {
	r, err := c.send(ctx, http.MethodPost, "/collections/"+url.PathEscape(collection)+"/imports", "application/json", ndjson, body)
	if err != nil {
		return j, err
	}
	defer r.Body.Close()
	return j, json.NewDecoder(r.Body).Decode(&j)
}
