package pattern

import "testing"

func TestCanonicalText(t *testing.T) {
	for text, want := range map[string]string{
		"[ipv4-addr:value='198.51.100.7']":              "[ipv4-addr:value = '198.51.100.7']",
		"( [ (a:b == +5) /* c */ ] )":                   "[a:b = 5]",
		"[a:'b'.'c-d'[ +1 ][*].'in'.'IN' <> -00.50]":    "[a:b.'c-d'[1][*].in.'IN' != -0.50]",
		"[a:b=1]OR([a:b=2]OR[a:b=3])":                   "[a:b = 1] OR ([a:b = 2] OR [a:b = 3])",
		"([a:b=1])WITHIN .5SECONDS REPEATS 2 TIMES":     "([a:b = 1]) WITHIN 0.5 SECONDS REPEATS 2 TIMES",
		"[NOT EXISTS a:b AND (EXISTS a:c OR a:d IN())]": "[NOT EXISTS a:b AND (EXISTS a:c OR a:d IN ())]",
		"[a:b = b'AQID\nBAUG\r\nBw==\n']":               "[a:b = b'AQIDBAUGBw==']",
		"[a:b = 'it\\'s \\\\']// end":                   "[a:b = 'it\\'s \\\\']",
	} {
		p, err := Parse(text)
		if err != nil {
			t.Errorf("Parse(%s): %v", text, err)
			continue
		}
		if got := p.String(); got != want {
			t.Errorf("Parse(%s) prints\n%s, want\n%s", text, got, want)
		}
	}
}
