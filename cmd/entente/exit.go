package main

import (
	"errors"
	"strings"

	"entente/internal/door/admin"
	"entente/internal/exchange"
	"entente/internal/format/backup"
	"entente/internal/node"
	"entente/internal/trust/account"
)

// Exit codes.
const (
	exitDone   = 0
	exitNo     = 1 // the answer is no: invalid, not found, no match, refused
	exitUndone = 2 // could not be done
)

// saysNo is the error of a verb whose answer is no. With nothing to say, the
// verb has said it.
type saysNo struct{ err error }

func (n saysNo) Error() string {
	if n.err == nil {
		return "no"
	}
	return n.err.Error()
}

func (n saysNo) Unwrap() error { return n.err }

// notAsked is the error of a question that the node refused, of a verb whose "no" says
// that there is nothing: it has not been looked for.
type notAsked struct{ error }

func (n notAsked) Unwrap() error { return n.error }

// asking marks a refusal as one of the question.
func asking(err error) error {
	if _, ok := errors.AsType[*admin.Refusal](err); ok {
		return notAsked{err}
	}
	return err
}

// no is the error of a verb that has told its answer.
func no() error { return saysNo{} }

// exit tells an error and gives its code; the one place where both is decided.
func (c *cli) exit(err error) int {
	if err == nil {
		return exitDone
	}
	if told, ok := errors.AsType[saysNo](err); ok && told.err == nil {
		return exitNo
	}
	lines := strings.Split(strings.TrimPrefix(err.Error(), "entente: "), "\n")
	for i := range lines {
		lines[i] = printable(lines[i]) // it may tell names of files, and what others sent
	}
	c.tell("entente: %s", strings.Join(lines, "\n"))
	if saidNo(err) {
		return exitNo
	}
	return exitUndone
}

// saidNo tells errors that are an answer from those that prevented one.
func saidNo(err error) bool {
	if _, ok := errors.AsType[notAsked](err); ok {
		return false
	}
	if _, ok := errors.AsType[saysNo](err); ok {
		return true
	}
	if _, ok := errors.AsType[*admin.Refusal](err); ok {
		return true
	}
	for _, answer := range []error{account.ErrNotFound, account.ErrExists, account.ErrInvalid,
		exchange.ErrNotFound, exchange.ErrExists, exchange.ErrInvalid, exchange.ErrForbidden,
		node.ErrExists, backup.ErrNotBackup, backup.ErrDamaged, backup.ErrCut, errWrongKey} {
		if errors.Is(err, answer) {
			return true
		}
	}
	return false
}
