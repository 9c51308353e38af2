package handling

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The text of a class is its fields in this order, a space between, and those
// left out that limit nothing:
//
//	tlp:LEVEL           always there
//	pap:LEVEL
//	terms:TERM,...
//	to:NAME|NAME,...    release lists, '|' within and ',' between them
//	not:NAME|...        excluded
//	forbidden:PURPOSE,...
//	unfit:GROUND,...
//	personal
//	unreviewed
//	opens:MINUTE
//	closes:MINUTE
//	unexplained:ID,...
//
// Names are escaped as parts of a URL's path. ParseClass takes nothing but what
// Canonical writes, so that equal classes have equal text and the reverse.

// unexplainedWord begins the last part of a text, of classes that wait for a
// definition.
const unexplainedWord = "unexplained:"

// Canonical is the class as text. The store interns it.
func (c Class) Canonical() string {
	if len(c.Unexplained) == 0 && c.only() {
		return plainText[min(c.TLP, Red)]
	}
	return c.text()
}

// only tells whether the class, markings that nothing explains apart, is a TLP
// label and nothing more.
func (c *Class) only() bool {
	return c.PAP == 0 && c.Terms == 0 && len(c.Audience.To) == 0 && len(c.Audience.Not) == 0 && c.Forbidden == 0 && c.Unfit == 0 &&
		!c.Personal && !c.Unreviewed && c.Opens == 0 && c.Closes == 0
}

// plainText is the text of classes that are a TLP label.
var plainText = [...]string{"tlp:none", "tlp:clear", "tlp:green", "tlp:amber", "tlp:amber+strict", "tlp:red"}

// text writes the fields; limits of a marking have no tlp where they say none.
func (c *Class) text() string {
	var b strings.Builder
	field := func(name, value string) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(name)
		b.WriteString(value)
	}
	if c.TLP != 0 {
		field("tlp:", c.TLP.String())
	}
	if c.PAP != 0 {
		field("pap:", c.PAP.String())
	}
	if c.Terms != 0 {
		field("terms:", c.Terms.String())
	}
	if len(c.Audience.To) > 0 {
		field("to:", appendLists(c.Audience.To))
	}
	if len(c.Audience.Not) > 0 {
		field("not:", appendLists([][]Name{c.Audience.Not}))
	}
	if c.Forbidden != 0 {
		field("forbidden:", c.Forbidden.String())
	}
	if c.Unfit != 0 {
		field("unfit:", c.Unfit.String())
	}
	if c.Personal {
		field("personal", "")
	}
	if c.Unreviewed {
		field("unreviewed", "")
	}
	if c.Opens != 0 {
		field("opens:", c.Opens.String())
	}
	if c.Closes != 0 {
		field("closes:", c.Closes.String())
	}
	if len(c.Unexplained) > 0 {
		field(unexplainedWord, strings.Join(c.Unexplained, ","))
	}
	return b.String()
}

// ParseClass reads what Canonical wrote, and nothing else.
func ParseClass(s string) (Class, error) {
	c, err := parseLimits(s)
	if settled := c.normal(); err == nil && (c.TLP == 0 || c.text() != s || settled.text() != s) {
		err = fmt.Errorf("it has no TLP label, or is not in its one form")
	}
	if err != nil {
		return Class{}, fmt.Errorf("handling class %.200q is not of this program's form: %w", s, err)
	}
	return c, nil
}

// ReadClass reads a class as people write it: the fields of its text in any
// order, and not in their one form.
func ReadClass(s string) (Class, error) {
	c, err := parseLimits(strings.Join(strings.Fields(s), " "))
	if err == nil && c.TLP == 0 {
		err = fmt.Errorf("it has no TLP label; begin as in tlp:green")
	}
	if err != nil {
		return Class{}, fmt.Errorf("class %.200q: %w", s, err)
	}
	c = c.settled(c.TLP)
	return c, c.check()
}

// parseLimits reads the text of a class or of a marking's limits.
func parseLimits(s string) (Class, error) {
	var c Class
	for s != "" {
		if ids, last := strings.CutPrefix(s, unexplainedWord); last { // ids may hold anything but spaces
			c.Unexplained = strings.Split(ids, ",")
			break
		}
		var field string
		field, s, _ = strings.Cut(s, " ")
		name, value, _ := strings.Cut(field, ":")
		if err := c.set(name, value); err != nil {
			return Class{}, err
		}
	}
	return c, nil
}

// set reads one field.
func (c *Class) set(name, value string) (err error) {
	switch name {
	case "tlp":
		c.TLP, err = ParseLevel(value)
	case "pap":
		c.PAP, err = ParsePAP(value)
	case "terms":
		c.Terms, err = ParseTerms(value)
	case "to":
		c.Audience.To, err = parseLists(value)
	case "not":
		var lists [][]Name
		if lists, err = parseLists(value); err == nil {
			c.Audience.Not = slices.Concat(lists...)
		}
	case "forbidden":
		c.Forbidden, err = ParsePurposes(value)
	case "unfit":
		c.Unfit, err = ParseGrounds(value)
	case "purposes": // as people write it, who say what is allowed
		var allowed Purposes
		allowed, err = ParsePurposes(value)
		c.Forbidden |= allPurposes &^ allowed
	case "grounds":
		var fit Grounds
		fit, err = ParseGrounds(value)
		c.Unfit |= allGrounds &^ fit
	case "personal":
		c.Personal = true
	case "unreviewed":
		c.Unreviewed = true
	case "opens":
		c.Opens, err = parseMinute(value)
	case "closes":
		c.Closes, err = parseMinute(value)
	default:
		err = fmt.Errorf("%.80q is no field of a class", name)
	}
	return err
}

func parseMinute(s string) (Minute, error) {
	t, err := time.Parse(minuteForm, s)
	if err != nil {
		return 0, fmt.Errorf("%.40q is no minute", s)
	}
	return minuteOf(t), nil
}
