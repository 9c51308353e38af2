package client

import "fmt"

// Error is an answer of no, as RFC 9457 (problem details) has it. Code is what a
// program decides on; it never changes its meaning. The others are for people.
type Error struct {
	Type   string   `json:"type" doc:"Path of the page that explains the code."`
	Title  string   `json:"title" doc:"What the code means, in a few words."`
	Status int      `json:"status" doc:"HTTP status."`
	Code   string   `json:"code" doc:"Stable name of the problem; the reference of errors lists all."`
	Detail string   `json:"detail" doc:"What went wrong here, and what to do."`
	Errors []Detail `json:"errors,omitempty" doc:"Each place of a request that is wrong, where there are several."`

	// Request is the answer's X-Request-Id, by which the server's log has the request.
	Request string `json:"request,omitempty" doc:"The X-Request-Id, by which the server's log has the request."`

	// Instance names one failure of the server in its log.
	Instance string `json:"instance,omitempty" doc:"Names a failure of the server in its log."`
}

// Detail is one place of a request that is wrong.
type Detail struct {
	Location string `json:"location,omitempty" doc:"As query.limit or body.grants[0].access."`
	Message  string `json:"message"`
}

// Error is the detail, with each place that is wrong.
func (e *Error) Error() string {
	text := e.Detail
	if text == "" {
		text = fmt.Sprintf("the server answered %d %s", e.Status, e.Title)
	}
	for _, d := range e.Errors {
		text += fmt.Sprintf("; %s: %s", d.Location, d.Message)
	}
	return text
}
