package stix

import (
	"bytes"
	"slices"
	"strings"
)

// appendURL appends a URL in the normal form of RFC 3986 section 6.2: scheme and
// host in lower case, the host as A-labels without its final dot, no port that
// the scheme has anyway, a path of at least "/" without dot segments, unreserved
// characters as they are and other encoded ones by digits in upper case. A
// scheme and dots that were made harmless, as hxxp and [.], are made good. The
// rest stays as it is: servers may tell its letters apart.
func appendURL(dst, text []byte) []byte {
	n := bytes.Index(text, []byte("://"))
	if n <= 0 {
		return append(dst, text...)
	}
	start, port := len(dst), ""
	dst = appendLower(dst, text[:n])
	if meant := refangScheme(string(dst[start:])); meant != "" {
		dst = append(dst[:start], meant...)
	}
	switch string(dst[start:]) {
	case "http":
		port = ":80"
	case "https":
		port = ":443"
	case "ftp":
		port = ":21"
	}
	dst = append(dst, "://"...)
	rest := decodeUnreserved(text[n+3:])
	host, path, query := rest, []byte(nil), []byte(nil)
	if end := bytes.IndexAny(rest, "/?#"); end >= 0 {
		host, path = rest[:end], rest[end:]
	}
	if end := bytes.IndexAny(path, "?#"); end >= 0 {
		path, query = path[:end], path[end:]
	}
	if at := bytes.LastIndexByte(host, '@'); at >= 0 {
		dst = append(dst, host[:at+1]...)
		host = host[at+1:]
	}
	for before := -1; before != len(host); {
		before = len(host)
		if bytes.Contains(host, []byte("[.]")) {
			host = bytes.ReplaceAll(host, []byte("[.]"), []byte("."))
		}
		host = bytes.TrimSuffix(bytes.TrimRight(host, afterName), []byte(port))
	}
	if name, ok := appendDomain(dst, host); ok {
		dst = name
	}
	return append(appendPath(dst, path), query...)
}

// appendPath appends a path without its dot segments (RFC 3986 section 5.2.4).
func appendPath(dst, path []byte) []byte {
	if len(path) == 0 {
		return append(dst, '/')
	}
	for start := len(dst); len(path) > 0; {
		segment := path
		if end := bytes.IndexByte(path[1:], '/'); end >= 0 {
			segment = path[:end+1]
		}
		path = path[len(segment):]
		switch string(segment) {
		case "/..":
			dst = dst[:max(start, bytes.LastIndexByte(dst, '/'))]
		case "/.":
		default:
			dst = append(dst, segment...)
			continue
		}
		if len(path) == 0 {
			dst = append(dst, '/')
		}
	}
	return dst
}

// decodeUnreserved writes unreserved characters without percent encoding, and
// the digits of the others in upper case (RFC 3986 section 6.2.2). What comes
// out of one may end another, as in %%34%31; in what is returned, none is left.
func decodeUnreserved(text []byte) []byte {
	if bytes.IndexByte(text, '%') < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for _, c := range text {
		out = append(out, c)
		for n := len(out); n >= 3 && out[n-3] == '%'; n = len(out) {
			high, ok := hexValue(out[n-2])
			low, also := hexValue(out[n-1])
			if !ok || !also {
				break
			}
			if c := high<<4 | low; unreserved(c) {
				out = append(out[:n-3], c)
				continue
			}
			out[n-2], out[n-1] = upperHex[high], upperHex[low]
			break
		}
	}
	return out
}

const upperHex = "0123456789ABCDEF"

func hexValue(c byte) (value byte, ok bool) {
	switch {
	case c-'0' <= 9:
		return c - '0', true
	case c|0x20-'a' <= 5:
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// unreserved are the characters of RFC 3986 section 2.3.
func unreserved(c byte) bool {
	return c-'0' <= 9 || c|0x20-'a' < 26 || c == '-' || c == '.' || c == '_' || c == '~'
}

// BareURLs are the forms of a URL, which is a look-up value, without its
// fragment, which no server is told, without the user that it names, and without
// both: those that differ from it.
func BareURLs(url string) (forms []Value) {
	if !strings.Contains(url, "://") {
		return nil
	}
	page, _, _ := strings.Cut(url, "#")
	for _, text := range []string{page, withoutUser(url), withoutUser(page)} {
		if v, ok := NewValue(ValueURL, text); ok && v.Text != url && !slices.Contains(forms, v) {
			forms = append(forms, v)
		}
	}
	return forms
}

// withoutUser is a URL without what stands before the @ of its host.
func withoutUser(url string) string {
	scheme, rest, _ := strings.Cut(url, "://")
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	return scheme + "://" + rest[strings.LastIndexByte(rest[:end], '@')+1:]
}
