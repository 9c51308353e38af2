package taxii

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// HTTPError is an answer other than success.
type HTTPError struct {
	Method  string
	URL     string
	Code    int
	Reply   Error  // the server's own account of it; empty when it sent none
	Excerpt string // the beginning of a body that is no TAXII error, e.g. of a proxy's HTML page
}

func (e *HTTPError) Error() string {
	b := new(strings.Builder)
	fmt.Fprintf(b, "%s %s answered %d", e.Method, e.URL, e.Code)
	switch {
	case e.Reply.Title != "" && e.Reply.Description != "":
		fmt.Fprintf(b, ": %s: %s", excerpt(e.Reply.Title), excerpt(e.Reply.Description))
	case e.Reply.Title != "":
		fmt.Fprintf(b, ": %s", excerpt(e.Reply.Title))
	case e.Excerpt != "":
		fmt.Fprintf(b, ": %s", e.Excerpt)
	}
	if hint := hints[e.Code]; hint != "" {
		fmt.Fprintf(b, " (%s)", hint)
	}
	return b.String()
}

var hints = map[int]string{
	401: "check the account and its password or token",
	403: "the account may not do this here; ask the server's operator for a grant",
	404: "nothing is there, or the account may not see it",
	406: "the server may speak another version of TAXII than 2.1",
	415: "the server may speak another version of TAXII than 2.1",
}

// ServerFault is something that a server does against the specification. As a
// problem of a Batch it was got around; as an error it could not be.
type ServerFault struct {
	URL    string
	Fault  string // what it does
	Effect string // what follows, and what to do
}

func (e *ServerFault) Error() string {
	return fmt.Sprintf("%s: server fault: %s; %s", e.URL, e.Fault, e.Effect)
}

// BadObjectError reports an element of a page that is no STIX object. The
// others of its page were delivered.
type BadObjectError struct {
	Page string // URL of the page
	Err  error  // what is wrong, and where
}

func (e *BadObjectError) Error() string {
	return fmt.Sprintf("object left out of %s: %v", e.Page, e.Err)
}
func (e *BadObjectError) Unwrap() error { return e.Err }

// tooLargeError is an answer beyond the limit of bytes.
type tooLargeError struct {
	url  string
	most int64
}

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("the answer of %s is larger than %d bytes", e.url, e.most)
}
func (e *tooLargeError) Permanent() bool { return true }

// unreadableError is an answer that is no TAXII 2.1; asking again is no use.
type unreadableError struct{ url, reason string }

func (e *unreadableError) Error() string   { return fmt.Sprintf("answer of %s: %s", e.url, e.reason) }
func (e *unreadableError) Permanent() bool { return true }

// brokenError is an answer that ends or breaks in its middle; asking again may
// help.
type brokenError struct {
	url string
	err error
}

func (e *brokenError) Error() string {
	return fmt.Sprintf("answer of %s is cut or broken: %v", e.url, e.err)
}
func (e *brokenError) Unwrap() error { return e.err }

// explain reads the body of a refusal.
func (e *HTTPError) explain(body []byte) {
	if json.Unmarshal(body, &e.Reply) == nil && e.Reply.Title != "" {
		return
	}
	e.Reply = Error{}
	e.Excerpt = excerpt(string(body))
}

// excerpt makes a foreign text fit for a line of output: tags and control
// characters go, white space shrinks, and it ends after 200 characters.
func excerpt(s string) string {
	const most = 200
	b := new(strings.Builder)
	n, tag, space := 0, false, false
	for _, r := range s {
		switch {
		case r == '<':
			tag, space = true, true
		case r == '>' && tag:
			tag = false
		case tag:
		case unicode.IsSpace(r):
			space = true
		case !unicode.IsPrint(r):
		default:
			if n == most {
				return b.String() + "..."
			}
			if space && n > 0 {
				b.WriteByte(' ')
			}
			b.WriteRune(r)
			n, space = n+1, false
		}
	}
	return b.String()
}

// reason is what the server says, without where it said it.
func (e *HTTPError) reason() string {
	for _, s := range []string{e.Reply.Description, e.Reply.Title, e.Excerpt} {
		if s != "" {
			return excerpt(s)
		}
	}
	return fmt.Sprintf("the server answered %d", e.Code)
}
