package console

import (
	"errors"
	"net/http"

	"entente/internal/trust/account"
)

// form is what the set-up page asks for, and what was wrong with it last time.
type form struct {
	Name  string
	Fault string
}

// setup asks for the account's name. Looking at the page does not use the code up.
func (c *console) setup(w http.ResponseWriter, r *http.Request) {
	if err := c.invitations.Invited(r.Context(), r.PathValue("code")); err != nil {
		c.gone(w, err)
		return
	}
	c.show(w, http.StatusOK, "setup", form{})
}

// accept opens the account and shows its token, this once.
func (c *console) accept(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	name := r.PostFormValue("name")
	acc, token, err := c.invitations.Accept(r.Context(), r.PathValue("code"), name)
	switch {
	case errors.Is(err, account.ErrInvalid), errors.Is(err, account.ErrExists):
		c.show(w, http.StatusUnprocessableEntity, "setup", form{Name: name, Fault: err.Error()})
	case err != nil:
		c.gone(w, err)
	default:
		c.opts.Logger.Info("an account was set up by invitation", "account", acc.Name, "role", acc.Role)
		c.show(w, http.StatusOK, "token", struct {
			Account account.Account
			Token   string
		}{acc, token})
	}
}

// gone answers for a code that is unknown, used or too old, all alike.
func (c *console) gone(w http.ResponseWriter, err error) {
	if errors.Is(err, account.ErrNotFound) {
		c.show(w, http.StatusNotFound, "gone", nil)
		return
	}
	c.opts.Logger.Error("set-up", "err", err)
	http.Error(w, "the node could not answer; look at its log", http.StatusInternalServerError)
}
