package detect_test

import (
	"strings"
	"testing"

	"entente/internal/practice/detect"
)

// A line that says much more than any log does is read up to a bound, and what is broken
// says what stands before.
func TestLinesThatSayTooMuch(t *testing.T) {
	s := setOf(t, "[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 53]")
	many := strings.Repeat("203.0.113.9,", 5000)
	for line, want := range map[string]int{
		`{"event_type":"dns","dest_ip":"198.51.100.7","dest_port":53,"dns":{"rdata":"` + many + `"}}`:                                 1,
		`{"event_type":"dns","dns":{"rdata":"` + many + `"},"dest_ip":"198.51.100.7","dest_port":53}`:                                 0,
		`{"event_type":"dns","dest_ip":"198.51.100.7","dest_port":53,"files":[` + strings.Repeat(`{"filename":"a"},`, 2000) + `]}`:    1,
		`{"event_type":"dns","dest_ip":"198.51.100.7","dest_port":53,"x":"` + strings.Repeat("x", 1<<16) + `"}`:                       0,
		`{"event_type":"dns","dest_ip":"198.51.100.7","dest_port":"\ud800`:                                                            0,
		`{"event_type":"dns","dest_ip":"198.51.100.7","dest_port":99999999999999999999}`:                                              0,
		`{"event_type":"dns","dest_port":53,"dest_ip":["198.51.100.7",null,{"x":[]}]`:                                                 1,
		"dest_ip,dest_port\n\"198.51.100.7\",\"53\"\n198.51.100.7\n,,,\n":                                                             1,
		"#separator \\x2c\n#fields,dest_ip,dest_port\n198.51.100.7,53,\\x5\\\n198.51.100.7,\\x353\n":                                  2,
		"{\"event_type\":1,\"dest_ip\":\"198.51.100.7\",\"dest_port\":53\xff}\n\xff{\"dest_ip\":\"198.51.100.7\",\"dest_port\":53}\n": 0,
	} {
		if got := len(hits(t, s, line)); got != want {
			t.Errorf("%.200q: %d hits, want %d", line, got, want)
		}
	}
}

// FuzzAsked asks any line: nothing in one ends a scan.
func FuzzAsked(f *testing.F) {
	s := setOf(f, "[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 53]", "[file:name = 'drum.exe' AND file:size NOT > 3]",
		"[url:value = 'http://drum.example/gate' AND url:value LIKE '%gate']", `[(windows-registry-key:key = 'HKLM\\x' OR file:hashes.MD5 = '73f1c359846e25f3319a5f824c4b3b11') AND file:name LIKE '%']`)
	for _, line := range []string{sysmonNew, sysmonNet, eveHTTP, eveFiles, zeekX509, zeekMail, packetLine, zeekConn + "1\t2\t198.51.100.7", zeekHTTP,
		`{"EventID":13,"TargetObject":"HKLM\\x\\","Image":"\\","Details":"drum.exe","Hashes":"MD5=73f1c359846e25f3319a5f824c4b3b11,="}`} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := s.Scan(t.Context(), "log", strings.NewReader(text), func(h detect.Hit) error {
			if h.Line < 1 || h.Indicator.ID == "" {
				t.Errorf("%+v", h)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}
