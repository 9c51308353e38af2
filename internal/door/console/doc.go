// Package console is the door for people with a browser. It has two pages: the
// front, which says what is here and where, and the one-time set-up, where the
// holder of an invitation's code names the first account and is shown its token
// once.
//
// Pages are html/template, work without script, and are sent with a policy that
// begins with nothing allowed. Nothing changes on GET.
package console
