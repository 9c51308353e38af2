package stix

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// This file checks the data types of section 2, each as a valueCheck.

func text(c *checker, n int32) { c.is(n, stringNode, "a string") }

func boolean(c *checker, n int32) { c.is(n, boolNode, "true or false") }

func float(c *checker, n int32) { c.is(n, numberNode, "a number") }

func integer(c *checker, n int32) { c.integer(n) }

// integer reads a whole number; 5.0 is one.
func (c *checker) integer(n int32) (v int64, ok bool) {
	if !c.is(n, numberNode, "an integer") {
		return 0, false
	}
	if c.nodes[n].whole {
		v, err := strconv.ParseInt(c.nodes[n].text, 10, 64)
		return v, err == nil
	}
	f, _ := strconv.ParseFloat(c.nodes[n].text, 64)
	if f != float64(int64(f)) || f > 1<<53-1 || f < -(1<<53-1) {
		c.must(n, ruleWrongType, "2.10", shorten(c.nodes[n].text)+" is not an integer", "write a whole number within 2^53")
		return 0, false
	}
	return int64(f), true
}

// between is an integer within the bounds, both included.
func between(least, most int64) valueCheck {
	return func(c *checker, n int32) {
		if v, ok := c.integer(n); ok && (v < least || v > most) {
			c.must(n, ruleRange, "", fmt.Sprintf("%d is out of range", v), fmt.Sprintf("give a number from %d to %d", least, most))
		}
	}
}

// notNegative is an integer from 0 on.
func notNegative(c *checker, n int32) {
	if v, ok := c.integer(n); ok && v < 0 {
		c.must(n, ruleRange, "", fmt.Sprintf("%d is negative", v), "give 0 or more")
	}
}

// degrees is a float within the bounds, both included.
func degrees(least, most float64) valueCheck {
	return func(c *checker, n int32) {
		if !c.is(n, numberNode, "a number") {
			return
		}
		if v, _ := strconv.ParseFloat(c.nodes[n].text, 64); v < least || v > most {
			c.must(n, ruleRange, "", shorten(c.nodes[n].text)+" is out of range", fmt.Sprintf("give degrees from %g to %g", least, most))
		}
	}
}

// metres is a distance.
func metres(c *checker, n int32) {
	if !c.is(n, numberNode, "a number") {
		return
	}
	if v, _ := strconv.ParseFloat(c.nodes[n].text, 64); v < 0 {
		c.must(n, ruleRange, "", shorten(c.nodes[n].text)+" is negative, which no distance is", "give metres from 0")
	}
}

// timestamp is an instant of section 2.16.
func timestamp(c *checker, n int32) { c.timestamp(n) }

func (c *checker) timestamp(n int32) bool {
	if !c.is(n, stringNode, "a timestamp") {
		return false
	}
	if fault := timestampFault(c.nodes[n].text); fault != "" {
		c.must(n, ruleTimestamp, "2.16", quoted(c.nodes[n].text)+" is not a timestamp: "+fault, "write it as 2006-01-02T15:04:05.000Z")
		return false
	}
	return true
}

// millis is a timestamp with at least three digits after the point.
func millis(c *checker, n int32) {
	if c.timestamp(n) && len(c.nodes[n].text) < len("2006-01-02T15:04:05.000Z") {
		c.must(n, ruleMillis, "3.2", quoted(c.nodes[n].text)+" is not precise to the millisecond", "write three digits after the point")
	}
}

// seconds is a timestamp without a fraction.
func seconds(c *checker, n int32) {
	if c.timestamp(n) && len(c.nodes[n].text) > len("2006-01-02T15:04:05Z") {
		c.must(n, ruleMillis, "", quoted(c.nodes[n].text)+" must be precise to the second, no more", "leave out the fraction")
	}
}

// binaryData is base64 (section 2.1).
func binaryData(c *checker, n int32) {
	if !c.is(n, stringNode, "a base64 string") {
		return
	}
	s := c.nodes[n].text
	if len(s)%4 != 0 || strings.ContainsAny(s, "\r\n") {
		c.notBase64(n)
		return
	}
	var out [3072]byte // decoded piece by piece: payloads are large
	for len(s) > 0 {
		piece := s[:min(len(s), 4096)]
		s = s[len(piece):]
		if _, err := base64.StdEncoding.Decode(out[:], []byte(piece)); err != nil || s != "" && piece[len(piece)-1] == '=' {
			c.notBase64(n)
			return
		}
	}
}

func (c *checker) notBase64(n int32) {
	c.must(n, ruleBinary, "2.1", "this is not base64", "encode the bytes by RFC 4648 section 4")
}

// hexadecimal is an even number of lower-case hexadecimal digits (section 2.8).
// The specification's own examples have capitals, which therefore only warn.
func hexadecimal(c *checker, n int32) {
	if !c.is(n, stringNode, "a hexadecimal string") {
		return
	}
	s := c.nodes[n].text
	switch {
	case len(s)%2 != 0:
		c.must(n, ruleHex, "2.8", quoted(s)+" has an odd number of digits", "write two for each byte")
	case !isHex(s):
		c.must(n, ruleHex, "2.8", quoted(s)+" is not hexadecimal", "write 0-9 and a-f only")
	case hasUpper(s):
		c.should(n, ruleHexCase, "2.8", quoted(s)+" has capital letters", "write "+quoted(strings.ToLower(s)))
	}
}

func isHex(s string) bool {
	for i := range len(s) {
		if b := s[i] | 0x20; s[i]-'0' > 9 && b-'a' > 5 {
			return false
		}
	}
	return true
}

// each is a list of at least one value (section 2.12).
func each(check valueCheck) valueCheck {
	return func(c *checker, n int32) {
		if c.is(n, listNode, "a list") {
			c.list(n, check)
		}
	}
}

func (c *checker) list(n int32, check valueCheck) {
	if c.nodes[n].size == 0 {
		c.emptyList(n)
	}
	at := int32(0)
	for i := c.nodes[n].child; i != 0 && !c.full(); i = c.nodes[i].next {
		c.pushIndex(at)
		check(c, i)
		c.pop()
		at++
	}
}

func (c *checker) emptyList(n int32) {
	c.must(n, ruleEmptyList, "2.12", "the list is empty", "leave the property out, or give the list a value")
}

// keys says how the keys of a dictionary are to be written.
type keys uint8

const (
	lowerKeys keys = iota // lower case, as section 2.3 recommends
	namedKeys             // names that other standards give, case and all
)

// dictionary is a dictionary of section 2.3 whose values pass the check.
func dictionary(k keys, check valueCheck) valueCheck {
	return func(c *checker, n int32) {
		if c.is(n, objectNode, "a dictionary") {
			c.dictionary(n, k, check)
		}
	}
}

func (c *checker) dictionary(n int32, k keys, check valueCheck) {
	if c.nodes[n].size == 0 {
		c.must(n, ruleEmptyDict, "2.3", "the dictionary is empty", "leave the property out, or give it a key")
	}
	for i := c.nodes[n].child; i != 0 && !c.full(); i = c.nodes[i].next {
		c.push(c.nodes[i].name)
		c.dictionaryKey(i, k)
		if c.nodes[i].kind == nullNode {
			c.null(i)
		} else {
			check(c, i)
		}
		c.pop()
	}
}

func (c *checker) dictionaryKey(n int32, k keys) {
	key := c.nodes[n].name
	switch {
	case key == "" || len(key) > 250:
		c.must(n, ruleDictKey, "2.3", fmt.Sprintf("the key has %d characters", len(key)), "use 1 to 250")
	case !isKey(key):
		c.must(n, ruleDictKey, "2.3", "the key "+quoted(key)+" has other characters than a-z, A-Z, 0-9, hyphen and underscore", "rename it")
	case k == lowerKeys && hasUpper(key):
		c.should(n, ruleDictKeyCase, "2.3", "the key "+quoted(key)+" is not in lower case", "write it in lower case")
	}
}

func isKey(s string) bool {
	for i := range len(s) {
		if b := s[i]; b != '-' && b != '_' && b-'0' > 9 && b|0x20-'a' > 25 {
			return false
		}
	}
	return true
}

func hasUpper(s string) bool {
	for i := range len(s) {
		if s[i]-'A' < 26 {
			return true
		}
	}
	return false
}

// anyValue is a value of any STIX type: lists and dictionaries in it are not
// empty, keys are those of dictionaries, and nothing is null.
func anyValue(c *checker, n int32) {
	switch c.nodes[n].kind {
	case nullNode:
		c.null(n)
	case listNode:
		c.list(n, anyValue)
	case objectNode:
		c.dictionary(n, namedKeys, anyValue)
	}
}
