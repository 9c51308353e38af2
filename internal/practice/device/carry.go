package device

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/trust/account"
)

// Languages are those of rules that are carried as they came, each with what ends a
// file's name.
var Languages = map[string]string{"sigma": ".yml", "yara": ".yar"}

// Rules are the patterns of indicators in another language. Close them.
type Rules struct {
	Len    int
	Left   []Left // by reason: what organisations tell to be false positives, what is not reviewed
	suffix string

	reviewed bool // without what a machine made and no person has reviewed
	sorted   *sorter
}

// Carry gathers the rules in a language that an account may read: of each indicator the
// newest version, when it is valid now and not revoked; with reviewed, without what a
// machine made and no person has reviewed. Errors: as of Choose.
func (c *Chooser) Carry(ctx context.Context, by account.Principal, language string, collections []string, reviewed bool) (*Rules, error) {
	view, at := c.Exchange.View(by), c.Now()
	read, err := view.ReadableOf(collections)
	if err != nil {
		return nil, err
	}
	said, err := c.opinionsFor(ctx, by, view)
	if err != nil {
		return nil, err
	}
	r := &Rules{suffix: Languages[language], sorted: &sorter{dir: c.Temp}, reviewed: reviewed}
	for _, in := range read {
		q := exchange.Query{Types: []string{"indicator"}, Limit: pageSize, MaxBytes: pageBytes, Bodies: true, Once: true}
		for page, err := range view.Pages(ctx, in.ID, q) {
			if err == nil {
				err = r.take(ctx, c, said, page, language, at)
			}
			if err != nil {
				r.Close()
				return nil, fmt.Errorf("collection %q: %w", in.Alias, err)
			}
		}
	}
	left := leftOut{}
	for one, err := range r.newest() {
		switch {
		case err != nil:
			r.Close()
			return nil, err
		case one.wrong != "":
			left.leave(one.wrong, one.id, 1)
		default:
			r.Len++
		}
	}
	r.Left = left.list()
	return r, nil
}

// take takes a page. A version that carries nothing is taken, too: it may be the newest.
func (r *Rules) take(ctx context.Context, c *Chooser, opinions *opinions, page *exchange.Page, language string, at time.Time) error {
	var said Reading
	for i := range page.Len() {
		c.Hear(&said, page.Bytes(i))
		row := newestFirst(page.ID(i), page.Version(i))
		valid := !said.Since.After(at) && (said.Until.IsZero() || at.Before(said.Until))
		if said.Language == language && valid && said.Pattern != "" { // which it is when it was revoked
			wrong, err := opinions.against(ctx, page, i)
			if err != nil {
				return err
			}
			if r.reviewed && page.Class(i).Unreviewed {
				wrong = leftUnreviewed
			}
			row = append(append(append(row, wrong...), 0), said.Pattern...)
		}
		if err := r.sorted.add(row); err != nil {
			return err
		}
	}
	return nil
}

// rule is one of them.
type rule struct {
	id, text string
	wrong    string // why it is left out; empty when it is not
}

// newest gives them, also what is left out, by the ids of their indicators.
func (r *Rules) newest() iter.Seq2[rule, error] {
	return func(yield func(rule, error) bool) {
		last := ""
		for row, err := range r.sorted.all() {
			if err != nil {
				yield(rule{}, err)
				return
			}
			id, rest, _ := strings.Cut(string(row), "\x00")
			if id == last {
				continue // an older version
			}
			last = id
			if wrong, text, is := strings.Cut(rest[8:], "\x00"); is && !yield(rule{id, text, wrong}, nil) {
				return
			}
		}
	}
}

// Write writes an archive (tar) with a file for each rule, to the byte as it came, so that
// no rule can reach into another: its name is the reference.
func (r *Rules) Write(w io.Writer) error {
	t := tar.NewWriter(w)
	for one, err := range r.newest() {
		if err != nil {
			return err
		}
		if one.wrong != "" {
			continue
		}
		h := &tar.Header{Name: reference(one.id) + r.suffix, Mode: 0o644, Size: int64(len(one.text)), ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}
		if err := t.WriteHeader(h); err != nil {
			return fmt.Errorf("rules: %w", err)
		}
		if _, err := io.WriteString(t, one.text); err != nil {
			return fmt.Errorf("rules: %w", err)
		}
	}
	return t.Close()
}

// Close lets go of them.
func (r *Rules) Close() { r.sorted.Close() }
