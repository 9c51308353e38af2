package taxii

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
)

// split finds the parts of an envelope's body without reading the objects:
// the objects are read one by one, from these same bytes.
type split struct {
	objects   []byte // the array, brackets included; nil when there is none
	count     int    // elements of objects
	more      bool
	moreGiven bool
	next      string
}

// splitEnvelope reads the top level of a body. An empty body is an envelope
// without anything. Its errors mean that the body is cut off or no JSON.
func splitEnvelope(body []byte) (split, error) {
	var s split
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	i := skipSpace(body, 0)
	if i == len(body) {
		return s, nil
	}
	if body[i] != '{' {
		return s, fmt.Errorf("byte %d: an envelope begins with {, not %q", i, body[i])
	}
	i = skipSpace(body, i+1)
	if i < len(body) && body[i] == '}' {
		return s, onlySpace(body, i+1)
	}
	for {
		nameEnd, err := skipValue(body, i)
		if err != nil {
			return s, err
		}
		if body[i] != '"' {
			return s, fmt.Errorf("byte %d: a name is missing", i)
		}
		name := body[i:nameEnd]
		i = skipSpace(body, nameEnd)
		if i == len(body) || body[i] != ':' {
			return s, fmt.Errorf("byte %d: a colon is missing", i)
		}
		i = skipSpace(body, i+1)
		end, err := skipValue(body, i)
		if err != nil {
			return s, err
		}
		if err := s.member(string(name), body[i:end]); err != nil {
			return s, fmt.Errorf("byte %d: %w", i, err)
		}
		i = skipSpace(body, end)
		switch {
		case i == len(body):
			return s, errCut
		case body[i] == '}':
			return s, onlySpace(body, i+1)
		case body[i] != ',':
			return s, fmt.Errorf("byte %d: a comma is missing", i)
		}
		i = skipSpace(body, i+1)
	}
}

// member takes one property of the envelope. Servers write more as a text and
// next as a number, too.
func (s *split) member(name string, value []byte) error {
	switch name {
	case `"objects"`:
		if string(value) == "null" {
			return nil
		}
		if value[0] != '[' {
			return errors.New("objects is not a list")
		}
		if s.objects != nil {
			return errors.New("objects is there twice")
		}
		s.objects = value
		for _, err := range s.elements() {
			if err != nil {
				return err
			}
			s.count++
		}
	case `"more"`:
		text := strings.ToLower(strings.Trim(string(value), `"`))
		s.more, s.moreGiven = text == "true", text != "null"
	case `"next"`:
		if value[0] != '"' {
			s.next = strings.TrimPrefix(string(value), "null")
			return nil
		}
		if err := json.Unmarshal(value, &s.next); err != nil {
			return fmt.Errorf("next: %w", err)
		}
	}
	return nil
}

// elements yields the values of the objects array, each as it was written.
func (s *split) elements() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		b := s.objects
		if len(b) == 0 {
			return
		}
		i := skipSpace(b, 1)
		if b[i] == ']' {
			return
		}
		for {
			end, err := skipValue(b, i)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(b[i:end], nil) {
				return
			}
			i = skipSpace(b, end)
			switch {
			case i == len(b):
				yield(nil, errCut)
				return
			case b[i] == ']':
				return
			case b[i] != ',':
				yield(nil, fmt.Errorf("a comma is missing between two objects"))
				return
			}
			i = skipSpace(b, i+1)
		}
	}
}

var errCut = errors.New("it ends in the middle")

func onlySpace(b []byte, i int) error {
	if i = skipSpace(b, i); i < len(b) {
		return fmt.Errorf("byte %d: something follows the envelope", i)
	}
	return nil
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// skipValue returns the end of the value that begins at i. It looks at quotes
// and brackets alone: whether what is between them is JSON is for the reader
// of the object to say.
func skipValue(b []byte, i int) (int, error) {
	if i >= len(b) {
		return i, errCut
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	start := i
	for i < len(b) && !strings.ContainsRune(" \n\r\t,:{}[]\"", rune(b[i])) {
		i++
	}
	if i == start {
		return i, fmt.Errorf("byte %d: a value is missing", i)
	}
	return i, nil
}

func skipString(b []byte, i int) (int, error) {
	for i++; ; i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return len(b), errCut
		}
		i += n
		backslashes := 0
		for b[i-1-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return i + 1, nil
		}
	}
}

func skipNested(b []byte, i int) (int, error) {
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			end, err := skipString(b, i)
			if err != nil {
				return end, err
			}
			i = end - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, nil
			}
		}
	}
	return len(b), errCut
}
