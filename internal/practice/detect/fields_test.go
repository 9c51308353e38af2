package detect_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"entente/internal/practice/detect"
)

// inFields are what is found in a text, each as "line field: value".
func inFields(t testing.TB, s *detect.Set, text string) []string {
	t.Helper()
	var scanned, fed []string
	tell := func(all *[]string) func(detect.Hit) error {
		return func(h detect.Hit) error {
			*all = append(*all, fmt.Sprintf("%d %s: %s", h.Line, h.Field, h.Value))
			return nil
		}
	}
	if _, err := s.Scan(t.Context(), "log", strings.NewReader(text), tell(&scanned)); err != nil {
		t.Fatal(err)
	}
	f := s.NewFeed("log", tell(&fed))
	for rest := text; rest != ""; rest = rest[min(len(rest), 100):] {
		if err := f.Add([]byte(rest[:min(len(rest), 100)])); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.End(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(scanned, fed); diff != "" {
		t.Errorf("in pieces: %s", diff)
	}
	return scanned
}

// What a log calls the field of a hit is told, and a URL that it keeps in two is found.
func TestFieldsOfLogs(t *testing.T) {
	s := setOf(t, "[domain-name:value = 'evil.example']", "[ipv4-addr:value = '198.51.100.7']",
		"[url:value = 'http://bad.example/drop/x.php?id=7']", "[url:value = 'http://203.0.113.9:8080/gate']", "[url:value = 'https://tls.example/']")
	for name, log := range map[string]struct {
		text string
		want []string
	}{
		"Zeek": {"#separator \\x09\n#set_separator\t,\n#path\thttp\n#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\thost\turi\n#types\ttime\taddr\taddr\tport\tstring\tstring\n" +
			"1331901000.2\t10.0.0.1\t198.51.100.7\t80\tbad.example\t/drop/x.php?id=7\n" +
			"1331901000.3\t10.0.0.1\t192.0.2.1\t80\tbad.example\t/drop/y.php\n" +
			"1331901000.4\t10.0.0.1\t192.0.2.1\t8080\t203.0.113.9\t/gate\n" +
			"#close\tx\n#fields\tts\tquery\n1331901000.5\twww.evil.example\n",
			[]string{"6 id.resp_h: 198.51.100.7", "6 host uri: bad.example/drop/x.php?id=7", "8 host uri: 203.0.113.9/gate", "11 query: www.evil.example"}},
		"Zeek JSON": {`{"ts":1.5,"id.resp_h":"198.51.100.7","id.resp_p":80,"host":"BAD.example","uri":"/drop/x.php?id=7","tags":["evil.example"]}`,
			[]string{"1 id.resp_h: 198.51.100.7", "1 host uri: BAD.example/drop/x.php?id=7", "1 tags: evil.example"}},
		"Suricata": {`{"timestamp":"2026-11-20T10:00:00.1+0000","dest_ip":"198.51.100.7","dest_port":8080,"http":{"hostname":"203.0.113.9","url":"\/gate"},"dns":{"answers":[{"rdata":"a.evil.example"}]}}` + "\n" +
			`{"http":{"hostname":"tls.example","url":"\/"},"tls":{"sni":"evil.example"}}`,
			[]string{"1 dest_ip: 198.51.100.7", `1 http.hostname http.url: 203.0.113.9\/gate`, "1 dns.answers.rdata: a.evil.example", `2 http.hostname http.url: tls.example\/`, "2 tls.sni: evil.example"}},
		"Windows": {`{"Event":{"System":{"TimeCreated":"2026"},"EventData":{"QueryName":"evil.example","Data":["x","198.51.100.7"]}}}`,
			[]string{"1 Event.EventData.QueryName: evil.example", "1 Event.EventData.Data: 198.51.100.7"}},
		"CSV": {"time,client,host,uri\r\n1,\"198.51.100.7\",bad.example,\"/drop/x.php?id=7\"\r\n2,\"a,b\",evil.example,/\r\n",
			[]string{"2 client: 198.51.100.7", "2 host uri: bad.example/drop/x.php?id=7", "3 host: evil.example"}},
		"W3C": {"#Version: 1.0\n#Fields: date time c-ip cs-host cs-uri-stem cs-uri-query\n2026-11-20 10:00:00 198.51.100.7 bad.example /drop/x.php id=7\n",
			[]string{"3 c-ip: 198.51.100.7", "3 cs-host cs-uri-stem: bad.example/drop/x.php"}},
		"none":      {"a, b\nevil.example, c, d\n", []string{"2 : evil.example"}},
		"no header": {"10.0.0.1,evil.example\n10.0.0.1,198.51.100.7\n", []string{"1 : evil.example", "2 : 198.51.100.7"}},
		"broken":    {`{"a":"evil.example","b":{"c":"198.51.100.7` + "\n{]}evil.example\n{\"x\":\n", []string{"1 a: evil.example", "1 b.c: 198.51.100.7", "2 : evil.example"}},
		"whole URL": {`{"host":"bad.example","uri":"http://bad.example/drop/x.php?id=7"}`, []string{"1 uri: http://bad.example/drop/x.php?id=7"}},
		"no path":   {`{"host":"bad.example","x":"/drop/x.php?id=7"} bad.example` + "\nbad.example", nil},
	} {
		if diff := cmp.Diff(log.want, inFields(t, s, log.text)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// A text of UTF-16 is read as any other, with its mark and without.
func TestUTF16(t *testing.T) {
	s := setOf(t, "[domain-name:value = 'evil.example']", "[ipv4-addr:value = '198.51.100.7']")
	text := "\ufeffTime,QueryName\r\n1,evil.example\r\n2,198.51.100.7 größer 😀\r\n"
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		var b []byte
		for _, u := range utf16.Encode([]rune(text + strings.Repeat("größer\r\n", 100))) {
			b = order.AppendUint16(b, u)
		}
		for _, b := range [][]byte{b, b[2:], b[2:100]} {
			if diff := cmp.Diff([]string{"2 QueryName: evil.example", "3 QueryName: 198.51.100.7"}, inFields(t, s, string(b))); diff != "" {
				t.Error(diff)
			}
		}
	}
	for _, odd := range []string{"\xff", "\xff\xfe", "\xff\xfee", "\xfe\xff\xd8", "e\x00", strings.Repeat("\x00", 600)} {
		inFields(t, s, odd)
	}
}

// FuzzFields reads any text: in pieces it is read as at once, and nothing in it ends a scan.
func FuzzFields(f *testing.F) {
	s := setOf(f, "[domain-name:value = 'evil.example']", "[url:value = 'http://bad.example/x']")
	for _, text := range []string{`{"host":"bad.example","uri":"/x"}`, "#fields\ta\tb\nevil.example\t1", "a,b\n\"evil.example,\",", "#separator \\x2c\n#fields,a\n", "\xff\xfee\x00",
		`CEF:0|a|b|c|d|e|f|dst=a\=b x=evil.example`, "LEEF:2.0|a|b|c|d|x5E|a=1^b=2", `a=1, b="x\",c=evil.example`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 100 { // what comes in one piece
			inFields(t, s, text)
		}
	})
}
