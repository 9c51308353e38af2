package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// StreamQuery says what a stream gives. The zero value is all that the account may
// see in all its collections, from the start, the latest version of each object.
type StreamQuery struct {
	Collections []string
	Types       []string
	IDs         []string
	All         bool      // all versions
	Fields      []string  // properties to give; what comes then is no object's bytes
	AddedAfter  time.Time // only what was added later
	Now         bool      // only what comes from now on
	Cursor      string    // goes on behind the event that had it, whatever AddedAfter and Now say
	Limit       int       // ends after so many objects; never when 0
	Once        bool      // ends when all that is there has come
}

// StreamEvent is an object out of a stream, and the cursor to go on behind it.
type StreamEvent struct {
	StreamedObject
	Cursor string
}

func (q StreamQuery) encode() string {
	v := url.Values{}
	for name, list := range map[string][]string{"collection": q.Collections, "type": q.Types, "id": q.IDs, "fields": q.Fields} {
		if len(list) > 0 {
			v.Set(name, strings.Join(list, ","))
		}
	}
	if q.All {
		v.Set("versions", "all")
	}
	if !q.AddedAfter.IsZero() {
		v.Set("added_after", q.AddedAfter.UTC().Format(time.RFC3339Nano))
	}
	if q.Now {
		v.Set("from", "now")
	}
	if q.Cursor != "" {
		v.Set("cursor", q.Cursor)
	}
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Once {
		v.Set("wait", "0")
	}
	return "?" + v.Encode()
}

// How long a stream waits before it connects again.
const (
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// Stream gives objects as they come. When the connection is lost, or the server
// cuts it, it connects again and goes on behind the last object, so that each comes
// once; a program that ends and begins anew gives the Cursor of the last event it has
// dealt with. It ends when the context does, with its error; when the query's Limit
// or Once is reached, without one; and with an *[Error] when the account may not
// read on.
func (c *Client) Stream(ctx context.Context, q StreamQuery) iter.Seq2[StreamEvent, error] {
	return func(yield func(StreamEvent, error) bool) {
		pause := firstPause
		for {
			before := q.Cursor
			goOn, err := c.streamOnce(ctx, &q, yield)
			if !goOn {
				if err != nil {
					yield(StreamEvent{}, err)
				}
				return
			}
			if q.Cursor != before {
				pause = firstPause
			}
			select {
			case <-ctx.Done():
				yield(StreamEvent{}, ctx.Err())
				return
			case <-time.After(pause):
			}
			pause = min(2*pause, longestPause)
		}
	}
}

// streamOnce gives what one connection brings; goOn asks for another one.
func (c *Client) streamOnce(ctx context.Context, q *StreamQuery, yield func(StreamEvent, error) bool) (goOn bool, err error) {
	r, err := c.send(ctx, http.MethodGet, "/stream"+q.encode(), "text/event-stream", "", nil)
	if refused, ok := errors.AsType[*Error](err); ok {
		return refused.Status == http.StatusTooManyRequests || refused.Status >= 500, err
	}
	if err != nil {
		return ctx.Err() == nil, err
	}
	defer r.Body.Close()
	for e, err := range serverEvents(r.Body) {
		if err != nil {
			return ctx.Err() == nil, ctx.Err()
		}
		if e.id != "" {
			q.Cursor = e.id
		}
		switch e.name {
		case "object":
			out := StreamEvent{Cursor: e.id}
			if err := json.Unmarshal(e.data, &out.StreamedObject); err != nil {
				return false, fmt.Errorf("stream: an event is not as it should be: %w", err)
			}
			if q.Limit--; !yield(out, nil) || q.Limit == 0 {
				return false, nil
			}
		case "end":
			return false, nil
		case "cut":
			return cutBy(e.data)
		}
	}
	return ctx.Err() == nil, ctx.Err()
}

// cutBy tells whether a stream may be gone on with that the server has cut.
func cutBy(data []byte) (goOn bool, err error) {
	var end StreamEnd
	if err := json.Unmarshal(data, &end); err != nil {
		return false, fmt.Errorf("stream: an event is not as it should be: %w", err)
	}
	switch end.Code {
	case "slow", "stopping", "internal":
		return true, nil
	}
	return false, &Error{Status: http.StatusForbidden, Code: end.Code, Title: "The stream was ended", Detail: end.Detail}
}

// serverEvent is one of an event stream; it is valid until the next.
type serverEvent struct {
	name, id string
	data     []byte
}

// serverEvents reads an event stream as far as this API writes one: each field
// on one line. What ends within an event is lost.
func serverEvents(r io.Reader) iter.Seq2[serverEvent, error] {
	return func(yield func(serverEvent, error) bool) {
		var e serverEvent
		for line, err := range lines(r) {
			if err != nil {
				yield(e, err)
				return
			}
			name, value, _ := bytes.Cut(line, []byte(":"))
			value = bytes.TrimPrefix(value, []byte(" "))
			switch string(name) {
			case "event":
				e.name = string(value)
			case "id":
				e.id = string(value)
			case "data":
				e.data = append(e.data[:0], value...)
			}
			if len(line) == 0 {
				if !yield(e, nil) {
					return
				}
				e = serverEvent{data: e.data[:0]}
			}
		}
	}
}
