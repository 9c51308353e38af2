package export

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"entente/internal/exchange"
	"entente/internal/practice/device"
	"entente/internal/trust/guard"
)

// Root is where devices fetch their lists: with the token in a header, or behind it.
const Root = "/export/v1"

// AnswerHeader says to who asked for changes since a version what the answer is: changes,
// or whole, when that version is not known any more or the format says no changes.
const AnswerHeader = "Entente-Answer"

// Lists answers devices that fetch their lists (docs/reference/lists.md). What they may
// not have is not in them; a list that has not changed is answered by 304.
func Lists(d *device.Devices, g *guard.Guard, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "private, no-cache")
		h.Set("Vary", "Authorization")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer") // the address may hold the token
		// Some devices want a file's name at the end: what follows a dot is theirs.
		token, _, _ := strings.Cut(r.PathValue("token"), ".")
		who, err := g.Device(r, token)
		if err != nil {
			refuse(w, r, token != "", err)
			return
		}
		since := r.URL.Query().Get("since")
		var c *device.Copy
		var changes *device.Changes
		if since == "" {
			c, err = d.Fetch(r.Context(), who)
		} else {
			c, changes, err = d.FetchSince(r.Context(), who, since)
		}
		if err != nil {
			if !errors.Is(err, exchange.ErrNotFound) && r.Context().Err() == nil {
				log.ErrorContext(r.Context(), "a device's list could not be made", "device", who.Account, "err", err)
			}
			refuse(w, r, token != "", err)
			return
		}
		defer c.Close()
		var content io.ReadSeeker = c
		media := c.Media
		if file := r.PathValue("file"); file != "" {
			if content, err = c.Part(file); err != nil {
				refuse(w, r, true, err)
				return
			}
			if media = "application/json"; strings.HasSuffix(file, ".csv") {
				media = "text/csv"
			}
		}
		h.Set("Content-Type", contentType(media))
		h.Set("ETag", c.ETag)
		if changes != nil {
			h.Set(AnswerHeader, "changes")
			if err := changes.Write(w); err != nil && r.Context().Err() == nil {
				log.ErrorContext(r.Context(), "changes of a device's list could not be told to the end", "device", who.Account, "err", err)
				panic(http.ErrAbortHandler) // so that nobody takes it for all
			}
			return
		}
		if since != "" {
			h.Set(AnswerHeader, "whole")
		}
		http.ServeContent(w, r, "", c.Changed, content)
	})
}

func contentType(media string) string {
	if strings.HasPrefix(media, "text/") {
		return media + "; charset=utf-8"
	}
	return media
}

// refuse turns an error into an answer. A path with a wrong token leads nowhere.
func refuse(w http.ResponseWriter, r *http.Request, inPath bool, err error) {
	switch {
	case errors.Is(err, guard.ErrTooMany):
		w.Header().Set("Retry-After", "1")
		http.Error(w, err.Error(), http.StatusTooManyRequests)
	case errors.Is(err, guard.ErrUnauthorized) && !inPath:
		w.Header().Set("WWW-Authenticate", `Basic realm="Entente", charset="UTF-8"`)
		http.Error(w, "the account and the token of a device are needed", http.StatusUnauthorized)
	case errors.Is(err, guard.ErrUnauthorized), errors.Is(err, exchange.ErrNotFound):
		http.Error(w, "there is no list here", http.StatusNotFound)
	case r.Context().Err() != nil:
	default:
		http.Error(w, "the list could not be made; the node's log says why", http.StatusInternalServerError)
	}
}
