package taxii

import (
	"fmt"
	"mime"
	"strconv"
	"strings"
)

// The media types of TAXII 2.1 and STIX 2.1 (sections 1.6.8 and 3.2).
const (
	MediaTAXII   = "application/taxii+json;version=2.1"
	MediaSTIX    = "application/stix+json;version=2.1"
	taxiiAnyName = "application/taxii+json" // without a version: the latest
)

// MediaType is a media type with the one parameter that TAXII gives meaning.
type MediaType struct {
	Name    string // type/subtype in lower case; "*/*" and "type/*" in an Accept header
	Version string // empty when not given, which means the latest
}

// ParseMediaType reads the value of a Content-Type header. White space around
// parameters, quoted values and any case of names are allowed. A charset other
// than UTF-8 and a parameter nobody defined are refused, so that what is
// unknown is not taken for what is known.
func ParseMediaType(s string) (MediaType, error) {
	m, _, err := parseRange(s)
	if err != nil {
		return MediaType{}, err
	}
	if strings.Contains(m.Name, "*") {
		return MediaType{}, fmt.Errorf("media type %.80q is a range, not a type", s)
	}
	return m, nil
}

// String writes m as a header value.
func (m MediaType) String() string {
	if m.Version == "" {
		return m.Name
	}
	return m.Name + ";version=" + m.Version
}

// Matches reports whether m, a type or a range, stands for offer. A missing
// version stands for the offered one.
func (m MediaType) Matches(offer MediaType) bool {
	if m.Version != "" && m.Version != offer.Version {
		return false
	}
	if m.Name == offer.Name || m.Name == "*/*" {
		return true
	}
	major, ok := strings.CutSuffix(m.Name, "/*")
	return ok && strings.HasPrefix(offer.Name, major+"/")
}

// specificity orders ranges: the most specific one that matches decides the
// quality of an offer (RFC 9110 section 12.5.1).
func (m MediaType) specificity() int {
	switch {
	case m.Name == "*/*":
		return 1
	case strings.HasSuffix(m.Name, "/*"):
		return 2
	case m.Version == "":
		return 3
	}
	return 4
}

// IsTAXII21 reports whether a Content-Type announces a TAXII 2.1 body: the
// type itself, or without a version.
func IsTAXII21(contentType string) bool {
	if contentType == MediaTAXII {
		return true
	}
	m, err := ParseMediaType(contentType)
	return err == nil && m.Matches(MediaType{Name: taxiiAnyName, Version: "2.1"})
}

// Negotiate chooses among offers, media types in the server's order of
// preference, by the values of the Accept headers of a request. No header
// accepts everything; an element that cannot be read accepts nothing. It
// returns false when no offer is acceptable (406).
func Negotiate(accept []string, offers ...string) (string, bool) {
	if len(accept) == 0 && len(offers) > 0 {
		return offers[0], true
	}
	if len(accept) == 1 && len(offers) > 0 && accept[0] == offers[0] {
		return offers[0], true
	}
	ranges := parseAccept(accept)
	best, bestQuality := "", 0.0
	for _, offer := range offers {
		if q := quality(ranges, offer); q > bestQuality {
			best, bestQuality = offer, q
		}
	}
	return best, bestQuality > 0
}

// acceptable is one element of an Accept header.
type acceptable struct {
	media   MediaType
	quality float64
}

func parseAccept(headers []string) []acceptable {
	const most = 64 // elements beyond are not read
	var ranges []acceptable
	for _, header := range headers {
		for element := range elements(header) {
			if len(ranges) == most {
				return ranges
			}
			if m, q, err := parseRange(element); err == nil {
				ranges = append(ranges, acceptable{m, q})
			}
		}
	}
	return ranges
}

func quality(ranges []acceptable, offer string) float64 {
	m, _, err := parseRange(offer)
	if err != nil {
		return 0
	}
	q, specific := 0.0, 0
	for _, r := range ranges {
		if s := r.media.specificity(); r.media.Matches(m) && s > specific {
			q, specific = r.quality, s
		}
	}
	return q
}

// elements splits a header at its commas, those in quotes excepted.
func elements(header string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start, quoted := 0, false
		for i := 0; i < len(header); i++ {
			switch c := header[i]; {
			case quoted && c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case c == ',' && !quoted:
				if !yield(header[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(header[start:])
	}
}

// parseRange reads a media type or range and its quality, 1 when not given.
func parseRange(s string) (MediaType, float64, error) {
	name, params, err := mime.ParseMediaType(s)
	if err != nil || !strings.Contains(name, "/") {
		return MediaType{}, 0, fmt.Errorf("media type %.80q cannot be read; TAXII 2.1 has %s", s, MediaTAXII)
	}
	m, q := MediaType{Name: name}, 1.0
	for key, value := range params {
		switch {
		case key == "version":
			m.Version = value
		case key == "q":
			if q, err = strconv.ParseFloat(value, 64); err != nil || !(q >= 0 && q <= 1) {
				return MediaType{}, 0, fmt.Errorf("media type %.80q has quality %.10q; it must be from 0 to 1", s, value)
			}
		case key == "charset" && strings.EqualFold(value, "utf-8"):
		default:
			return MediaType{}, 0, fmt.Errorf("media type %.80q has an unknown parameter %.20q", s, key)
		}
	}
	return m, q, nil
}
