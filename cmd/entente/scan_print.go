package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"entente/internal/practice/detect"
	"entente/internal/practice/intake"
	"entente/stix"
)

// scanHit is a hit as machines read it.
type scanHit struct {
	File   string     `json:"file"`
	Line   int64      `json:"line"`
	Column int64      `json:"column"` // in bytes, from 1
	Value  string     `json:"value"`  // as it stands
	How    string     `json:"how"`
	Field  string     `json:"field,omitempty"` // as the log names it
	Time   *time.Time `json:"time,omitempty"`  // as the line says
	scanWhat
	With  []string    `json:"with,omitempty"`
	After []scanAfter `json:"after,omitempty"`
}

// scanAfter is another line that serves in a pattern of several observations.
type scanAfter struct {
	scanPlace
	Value string     `json:"value"`
	Time  *time.Time `json:"time,omitempty"`
}

// scanWhat says what was looked for, and on whose word.
type scanWhat struct {
	Kind       string     `json:"kind"`
	Matched    string     `json:"matched"` // what the indicator asks for
	Indicator  string     `json:"indicator"`
	Name       string     `json:"name,omitempty"`
	By         string     `json:"by,omitempty"`
	ByRef      string     `json:"created_by_ref,omitempty"`
	Since      *time.Time `json:"valid_from,omitempty"`
	Until      *time.Time `json:"valid_until,omitempty"`
	Confidence *int       `json:"confidence,omitempty"`
	scanWorth
}

// scanRow is an indicator in the summary.
type scanRow struct {
	scanWhat
	Hits  int64     `json:"hits"`
	First scanPlace `json:"first"`
	Last  scanPlace `json:"last"`

	value stix.Value // of the first hit
}

type scanPlace struct {
	File string `json:"file"`
	Line int64  `json:"line"`
}

func (s *scan) hit(log *scanLog, h *detect.Hit) error {
	if s.set.Damaged() {
		return s.spoiled()
	}
	file := log.name
	at := scanPlace{file, h.Line}
	var seen time.Time
	if s.sight || s.json || s.drawn.wanted {
		seen, _ = detect.LineTime(h.Start, s.sights.now)
	}
	s.drawn.take(seen, s.total.Lines+h.Line)
	if s.sight {
		when := seen
		if when.IsZero() && s.goOn {
			when = time.Now()
		}
		log.note(h, when)
	}
	row := s.rows[h.Indicator.ID]
	if row == nil {
		row = &scanRow{scanWhat: whatOf(h), First: at, value: h.Matched}
		s.rows[h.Indicator.ID] = row
		s.order = append(s.order, row)
	}
	row.Hits++
	row.Last = at
	if s.summary {
		return nil
	}
	if s.json {
		out := &scanHit{File: file, Line: h.Line, Column: h.Column, Value: h.Value, How: h.How.String(), Field: h.Field, scanWhat: whatOf(h)}
		if !seen.IsZero() {
			out.Time = &seen
		}
		for _, w := range h.With {
			out.With = append(out.With, w.Text)
		}
		for _, p := range h.After {
			after := scanAfter{scanPlace: scanPlace{p.Text, p.Line}, Value: p.Value}
			if !p.Time.IsZero() {
				after.Time = &p.Time
			}
			out.After = append(out.After, after)
		}
		return s.later(&out.scanWhat, h.Matched, func() error { return s.writeHit(out) })
	}
	what, place, value := whatOf(h), fmt.Sprintf("%s:%d:%d: ", printable(file), h.Line, h.Column), valueWords(h)
	return s.later(&what, h.Matched, func() error {
		if _, err := fmt.Fprintf(s.out, "%s%s: %s\n", place, value, what.words()); err != nil {
			return err
		}
		return s.flushed()
	})
}

// writeHit writes a hit for machines.
func (s *scan) writeHit(out *scanHit) error {
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	if _, err := s.out.Write(append(visible(b), '\n')); err != nil {
		return err
	}
	return s.flushed()
}

// flushed lets out what is written, where somebody waits for it.
func (s *scan) flushed() error {
	if s.prompt {
		return s.out.Flush()
	}
	return nil
}

func whatOf(h *detect.Hit) scanWhat {
	i := &h.Indicator
	w := scanWhat{Kind: h.Matched.Kind.String(), Matched: h.Matched.Text, Indicator: i.ID, Name: i.Name, By: i.ByName, ByRef: i.By}
	if !i.Since.IsZero() {
		w.Since = &i.Since
	}
	if !i.Until.IsZero() {
		w.Until = &i.Until
	}
	if i.Confidence >= 0 {
		w.Confidence = &i.Confidence
	}
	return w
}

// valueWords says a hit's value to people, and what it stands for.
func valueWords(h *detect.Hit) string {
	text := shortened(printable(h.Value))
	meant := shortened(printable(h.Matched.Text))
	switch {
	case h.How != detect.Exact:
		text += " " + h.How.String() + " " + meant
	case !sameValue(h):
		text += " is " + meant
	}
	for _, w := range h.With {
		text += " with " + shortened(printable(w.Text))
	}
	if h.Field != "" {
		text += ", field " + shortened(printable(h.Field))
	}
	for i, p := range h.After {
		if i == mostAfter {
			return text + fmt.Sprintf(" and %d more", len(h.After)-i)
		}
		text += fmt.Sprintf(", after %s in %s:%d", shortened(printable(p.Value)), printable(p.Text), p.Line)
	}
	return text
}

// mostAfter is how many other lines a hit is told with to people.
const mostAfter = 3

// sameValue tells that a value stands as it is looked for, but for its case.
func sameValue(h *detect.Hit) bool {
	v, ok := stix.NewValue(h.Matched.Kind, h.Value)
	return ok && v == h.Matched && len(h.Value) == len(v.Text)
}

// words are the indicator's name, who says so, since when, and how sure.
func (w *scanWhat) words() string {
	text := w.Indicator
	if w.Name != "" {
		text = shortened(w.Name)
	}
	switch {
	case w.By != "":
		text += ", by " + w.By
	case w.ByRef != "":
		text += ", by someone who is not known here"
	}
	if w.Since != nil {
		text += ", since " + w.Since.Format(time.DateOnly)
	}
	if w.Confidence != nil {
		text += fmt.Sprintf(", confidence %d", *w.Confidence)
	}
	text += w.scanWorth.words()
	if w.Name != "" {
		text += ", " + w.Indicator
	}
	return printable(text)
}

// printSummary writes one row for each indicator, in the order of their first hits.
func (s *scan) printSummary() error {
	if s.json {
		b, err := json.MarshalIndent(struct {
			Lines      int64      `json:"lines"`
			Bytes      int64      `json:"bytes"`
			Hits       int64      `json:"hits"`
			Indicators []*scanRow `json:"indicators"`
			LeftOut    []leftOut  `json:"left_out"`
		}{s.total.Lines, s.total.Bytes, s.total.Hits, s.order, s.leftOut()}, "", "  ")
		if err != nil {
			return err
		}
		_, err = s.out.Write(append(visible(b), '\n'))
		return err
	}
	for _, r := range s.order {
		places := fmt.Sprintf("%s:%d", r.First.File, r.First.Line)
		if r.Last != r.First {
			places += fmt.Sprintf(" to %s:%d", r.Last.File, r.Last.Line)
		}
		if _, err := fmt.Fprintf(s.out, "%s, %s: %s: %s\n", intake.Count(int(r.Hits), "hit"), printable(places), shortened(printable(r.Matched)), r.words()); err != nil {
			return err
		}
	}
	return nil
}

// visible escapes in JSON what a terminal might obey, or read in another direction.
func visible(b []byte) []byte {
	if !bytes.ContainsFunc(b, obeyed) {
		return b
	}
	var out []byte
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if obeyed(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, b[:n]...)
		}
		b = b[n:]
	}
	return out
}

func obeyed(r rune) bool {
	return r >= 0x7f && r < 0xa0 || unicode.Is(unicode.Bidi_Control, r)
}
