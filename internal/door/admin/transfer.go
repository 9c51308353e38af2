package admin

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"

	"entente/internal/practice/intake"
	"entente/internal/trust/account"
)

// importFiles takes the parts of a multipart body as files, in order, and
// answers with the summary. It answers 200 also when objects were refused: the
// summary says so; and when the import ended early, with the reason in it.
func (n Node) importFiles(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	c, err := n.Exchange.View(n.By).Collection(q.Get("collection"))
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	var limits intake.Limits
	if limits.MaxBytes, err = limitOf(q, "max-bytes"); err != nil {
		return err
	}
	largest, err := limitOf(q, "max-object")
	if err != nil {
		return err
	}
	limits.MaxObject = int(min(largest, intake.LargestObject))
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return invalid(errors.New("import: the body is not multipart"))
	}
	im := intake.Import{Exchange: n.Exchange, By: n.By, Collection: c.ID, Source: q.Get("source"), Limits: limits}
	summary, err := im.Run(r.Context(), parts(multipart.NewReader(r.Body, params["boundary"])))
	summary.Collection = c.Alias
	if err != nil {
		summary.Error = err.Error()
	}
	answer(w, http.StatusOK, summary)
	return nil
}

// limitOf is a number of bytes in a query; 0 when it is not said.
func limitOf(q url.Values, name string) (int64, error) {
	text := q.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, invalid(fmt.Errorf("import: %s of %q; give a number of bytes above 0", name, text))
	}
	return n, nil
}

// parts gives the files of a multipart body.
func parts(m *multipart.Reader) iter.Seq2[intake.Input, error] {
	return func(yield func(intake.Input, error) bool) {
		for {
			part, err := m.NextRawPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(intake.Input{}, fmt.Errorf("import: what was sent ended early: %w", err))
				return
			}
			_, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
			if !yield(intake.Input{Name: params["filename"], Reader: part}, nil) {
				return
			}
		}
	}
}

// export streams what the operator, or an account, may see. An error after the
// first byte ends the answer without its proper end, which the verb notices.
func (n Node) export(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	reader, err := n.as(q.Get("as"))
	if err != nil {
		return err
	}
	out := &lateHeader{w: w, mediaType: "application/stix+json;version=2.1"}
	e := Export{Form: q.Get("form"), Collections: q["collection"], Latest: q.Get("latest") == "true", Reviewed: q.Get("reviewed") == "true",
		Kinds: q["kind"], Tell: w.Header().Set}
	if e.MinConfidence, err = number(q, "min-confidence", 100); err != nil {
		return err
	}
	if e.MinScore, err = number(q, "min-score", 100); err != nil {
		return err
	}
	if e.Limit, err = number(q, "limit", math.MaxInt32); err != nil {
		return err
	}
	return n.finish(w, r, out, n.Export(r.Context(), out, reader, e))
}

// number is one of a query, up to most; 0 when it is not said.
func number(q url.Values, name string, most int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return 0, invalid(fmt.Errorf("export: %s of %q; give a number from 0 to %d", name, text, most))
	}
	return n, nil
}

// maxBase is the size of the manifest of an earlier backup.
const maxBase = 64 << 20

// backup streams a backup of the node. The body is the manifest of an earlier
// one, or empty.
func (n Node) backup(w http.ResponseWriter, r *http.Request) error {
	base, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBase))
	if err != nil {
		return invalid(fmt.Errorf("backup: the earlier backup's manifest: %w", err))
	}
	out := &lateHeader{w: w, mediaType: "application/x-tar"}
	return n.finish(w, r, out, n.Backup(r.Context(), out, base))
}

// finish ends an answer that was streamed. An error after its first byte ends
// it without its proper end, which the verb notices.
func (n Node) finish(w http.ResponseWriter, r *http.Request, out *lateHeader, err error) error {
	if err != nil && !out.begun {
		return err
	}
	if err != nil {
		if r.Context().Err() == nil { // else its reader has seen enough
			n.Logger.Warn("an answer was cut short", "path", r.URL.Path, "err", err)
		}
		if cause, ok := r.Context().Value(cutCause{}).(*error); ok {
			*cause = err
		}
		panic(http.ErrAbortHandler)
	}
	if !out.begun {
		w.WriteHeader(http.StatusOK)
	}
	return nil
}

// as is who reads: the operator, or the account that is named.
func (n Node) as(name string) (account.Principal, error) {
	if name == "" {
		return n.By, nil
	}
	a, err := n.Accounts.Get(name)
	if err != nil {
		return account.Principal{}, err
	}
	return n.Accounts.Principal(&a)
}

// lateHeader says what comes when the first byte does, so that an error before
// it can still be answered as one.
type lateHeader struct {
	w         http.ResponseWriter
	mediaType string
	begun     bool
}

func (l *lateHeader) Write(p []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.w.Header().Set("Content-Type", l.mediaType)
	}
	return l.w.Write(p)
}
