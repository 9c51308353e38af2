package detect

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// What most indicators say is compiled as any pattern is, only sooner.
func TestPlainPatternsAreCompiledAsAll(t *testing.T) {
	taken := 0
	for _, text := range []string{"[domain-name:value = 'evil.example']", "[file:hashes.'MD5' = 'AABBCCDDEEFF00112233445566778899']", "[ipv4-addr:value = '198.51.100.0/24']"} {
		held(t, text, &taken)
	}
	if taken != 3 {
		t.Errorf("%d of 3 were taken for plain", taken)
	}
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom([]string{"domain-name", "ipv4-addr", "url", "file", "x509-certificate", "email-addr", "x-own", "9x", "Domain", "windows-registry-key", ""}).Draw(t, "type")
		path := rapid.SampledFrom([]string{"value", "hashes.MD5", "hashes.'SHA-256'", "name", "a.b.c", "'value'", "resolves_to_refs[*].value", "value.", "serial_number", "x y", "values-x", "_x"}).Draw(t, "path")
		value := rapid.SampledFrom([]string{"evil.example", "198.51.100.7", "198.51.100.0/24", "com", "http://evil.example/a?b=c", "d41d8cd98f00b204e9800998ecf8427e",
			"AABBCCDDEEFF00112233445566778899", "", "it\\'s", "a'b", "B\u00fccher.example", "a\\\\b", "evil.exe", "x@evil.example", "0.0.0.0/0", "a b", "2001:db8::1"}).Draw(t, "value")
		form := rapid.SampledFrom([]string{"[%s:%s = '%s']", "[%s:%s='%s']", "[ %s:%s = '%s' ]", "[%s:%s = '%s'] ", "[%s:%s != '%s']", "[%s:%s = '%s' OR a:b = 'c']", "[%s:%s = '%s'] OR [a:b = 'c']", "[%s:%s =  '%s']", "[[%s:%s = '%s']]"}).Draw(t, "form")
		held(t, fmt.Sprintf(form, typ, path, value), &taken)
	})
}

func held(t interface{ Fatalf(string, ...any) }, text string, taken *int) {
	got, ok := compilePlain([]byte(text))
	if !ok {
		return
	}
	*taken++
	if want := compileAny(text); got.left != want.left || len(got.any)+len(want.any) > 0 && !reflect.DeepEqual(got.any, want.any) {
		t.Fatalf("%q: %+v, and as any pattern %+v", text, got, want)
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("[domain-name:value = 'evil.example']")
	f.Add("[file:hashes.'SHA-256' = 'aa']")
	f.Fuzz(func(t *testing.T, text string) {
		taken := 0
		held(t, text, &taken)
	})
}
