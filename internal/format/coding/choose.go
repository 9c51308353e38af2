package coding

import (
	"strconv"
	"strings"
)

// The content codings offered.
const (
	Gzip = "gzip"
	Zstd = "zstd"
)

// Choose is the coding that an Accept-Encoding header likes best, zstd of
// equals (RFC 9110 section 12.5.3); empty when plain is as good or nothing that
// is offered is taken.
func Choose(accept []string) string {
	zstdQ, gzipQ, plainQ, anyQ := -1.0, -1.0, -1.0, -1.0
	for _, line := range accept {
		for _, element := range strings.Split(line, ",") {
			name, params, _ := strings.Cut(element, ";")
			q := quality(params)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "zstd":
				zstdQ = q
			case "gzip", "x-gzip":
				gzipQ = q
			case "identity":
				plainQ = q
			case "*":
				anyQ = q
			}
		}
	}
	if zstdQ < 0 {
		zstdQ = anyQ
	}
	if gzipQ < 0 {
		gzipQ = anyQ
	}
	switch {
	case max(zstdQ, gzipQ) <= 0 || plainQ > max(zstdQ, gzipQ):
		return ""
	case zstdQ >= gzipQ:
		return Zstd
	}
	return Gzip
}

func quality(params string) float64 {
	name, value, ok := strings.Cut(strings.TrimSpace(params), "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
