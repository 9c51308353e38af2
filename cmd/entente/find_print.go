package main

import (
	"fmt"
	"io"
	"strings"

	"entente/internal/practice/lookup"
)

// printAnswer tells what is known of one value.
func printAnswer(w io.Writer, a *lookup.Answer) {
	asked := printable(a.Asked)
	note := ""
	if a.Note != "" {
		note = " (" + printable(a.Note) + ")"
	}
	switch {
	case len(a.Readings) == 0:
		fmt.Fprintf(w, "%s: this is no value that can be looked up%s\n", shortened(asked), note)
		return
	case len(a.Findings) == 0:
		fmt.Fprintf(w, "%s: nothing is known%s\n", shortened(asked), note)
		printListed(w, a.Lists)
		return
	}
	fmt.Fprintf(w, "%s%s\n", asked, note)
	for _, o := range a.Told {
		fmt.Fprintf(w, "  %s\n", printable(ownedBy(o, len(a.Told) > 1)))
	}
	printListed(w, a.Lists)
	heading := ""
	for i := range a.Findings {
		f := &a.Findings[i]
		if h := headingOf(f); h != heading {
			heading = h
			fmt.Fprintf(w, "  %s:\n", printable(h))
		}
		printFinding(w, f)
	}
	if a.More {
		fmt.Fprintln(w, "  and more; ask with a higher --limit")
	}
}

// mostListed is how many warninglists are told of one value.
const mostListed = 5

// printListed tells which warninglists a value is on.
func printListed(w io.Writer, lists []lookup.Listed) {
	for _, l := range lists[:min(len(lists), mostListed)] {
		fmt.Fprintf(w, "  On the warninglist %s\n", printable(l.Words))
	}
	if more := len(lists) - mostListed; more > 0 {
		fmt.Fprintf(w, "  and on %d more; see entente warninglist check\n", more)
	}
}

// ownedBy says whose something is, as told.
func ownedBy(o lookup.Owner, contested bool) string {
	is := "of"
	if o.Kind == "product" {
		is = "run by"
	}
	s := fmt.Sprintf("Told to be %s %s (%s %s)", is, o.Org, o.Kind, o.Value)
	if contested {
		s += ", which others contest"
	}
	return s
}

// headingOf says what a finding and its like mean for the value.
func headingOf(f *lookup.Finding) string {
	switch f.Wider {
	case lookup.Inside:
		return "Inside this network"
	case lookup.OnIt:
		return "URLs on this host"
	case lookup.Prefix:
		return "Of a network that holds it"
	case lookup.ParentDomain:
		return "Of a domain above it"
	case lookup.BareURL:
		return "Of the URL without its fragment or user"
	case lookup.Host:
		return "Of its host"
	case lookup.MailDomain:
		return "Of its mail domain"
	}
	switch {
	case !f.Holds():
		return "No longer holds"
	case f.Group == lookup.Judgement:
		return "What is said of it"
	case f.Group == lookup.Report:
		return "Written about it"
	case f.Group == lookup.Sighting:
		return "Seen"
	}
	return "On record"
}

func printFinding(w io.Writer, f *lookup.Finding) {
	line := func(indent int, text string) { fmt.Fprintf(w, "%*s%s\n", indent, "", printable(text)) }
	line(4, headline(f))
	line(6, details(f))
	if s := f.Sightings; s != nil {
		line(6, timesSeen(s))
	}
	for _, m := range f.About {
		line(6, m.Words())
	}
	if f.MoreAbout {
		line(6, "and more; see entente neighbours "+f.ID)
	}
	line(6, f.ID)
}

// headline says what a finding is.
func headline(f *lookup.Finding) string {
	s := lookup.TypeWords(f.Type)
	if f.Name != "" {
		s += " " + f.Name
	}
	if says := strings.ReplaceAll(strings.Join(f.Says, ", "), "-", " "); says != "" && f.Type == "indicator" {
		s = says + ": " + f.Name
	} else if says != "" {
		s += " (" + says + ")"
	}
	if f.Wider != "" && f.Wider != lookup.OnIt && f.Name != f.Matched {
		s += ", about " + f.Matched
	}
	return s
}

// details says who, since when, how sure, whether it holds, and to whom it may go.
func details(f *lookup.Finding) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if strings.HasPrefix(f.By, "identity--") {
		add("by someone who is not known here")
	} else if f.By != "" {
		add("by %s", f.By)
	}
	switch {
	case f.State == lookup.Revoked:
		add("taken back")
	case f.State == lookup.Expired:
		add("was valid %s to %s", day(f.Since), day(f.Until))
	case f.State == lookup.NotYet:
		add("valid only from %s on", day(f.Since))
	case f.State == lookup.Valid && f.Until != "":
		add("valid since %s until %s", day(f.Since), day(f.Until))
	case f.State == lookup.Valid:
		add("valid since %s", day(f.Since))
	case f.Since != "" && f.Until != "":
		add("%s to %s", day(f.Since), day(f.Until))
	case f.Since != "":
		add("%s", day(f.Since))
	}
	if f.Confidence != nil {
		add("%s (%d of 100)", lookup.Sure(*f.Confidence), *f.Confidence)
	}
	if f.Score != nil && f.Holds() {
		add("score %d", *f.Score)
	}
	if f.Doubts > 0 {
		add("doubted by %d", f.Doubts)
	}
	add("TLP:%s", strings.ToUpper(f.TLP))
	if f.PAP != "" {
		add("PAP:%s", strings.ToUpper(f.PAP))
	}
	add("in %s", strings.Join(f.Collections, ", "))
	return strings.Join(parts, ", ")
}

// timesSeen sums sightings up.
func timesSeen(s *lookup.Sighted) string {
	text := fmt.Sprintf("seen %d times", s.Count)
	if s.Count == 1 {
		text = "seen once"
	}
	if s.Last != "" {
		text += ", last on " + day(s.Last)
	}
	if len(s.By) > 0 {
		text += ", by " + strings.Join(s.By, ", ")
	}
	return text
}

// day is the date of a timestamp.
func day(timestamp string) string {
	day, _, _ := strings.Cut(timestamp, "T")
	return day
}

// shortened keeps a long value from filling the screen.
func shortened(s string) string {
	const most = 100
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
