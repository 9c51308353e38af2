package detect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/practice/detect"
)

// Command lines hit where they hold what is asked for, whatever begins alike, and whatever
// was taken out meanwhile.
func TestPiecesAreFoundWhereverTheyStand(t *testing.T) {
	words := rapid.StringOfN(rapid.SampledFrom([]rune("abA-\\é ")), 5, 14, -1)
	rapid.Check(t, func(rt *rapid.T) {
		asked := rapid.SliceOfNDistinct(words, 1, 8, rapid.ID[string]).Draw(rt, "asked")
		s := setOf(t)
		for i, text := range asked {
			s.Add(object(t, i, "[process:command_line LIKE '%"+strings.ReplaceAll(text, `\`, `\\`)+"%']", ""))
		}
		gone := rapid.IntRange(0, len(asked)).Draw(rt, "gone")
		for i := range gone {
			s.Remove(id(i))
		}
		if rapid.Bool().Draw(rt, "kept") {
			s = keep(t, s)
		}
		var log strings.Builder
		var want []string
		for n, text := range rapid.SliceOfN(rapid.OneOf(words, rapid.SampledFrom(asked), rapid.Map(words, func(w string) string { return w + asked[0] + w })), 1, 6).Draw(rt, "lines") {
			line, _ := json.Marshal(map[string]any{"EventID": 1, "CommandLine": text})
			log.Write(append(line, '\n'))
			for i, a := range asked {
				if i >= gone && strings.Contains(text, a) && hasPiece(a) {
					want = append(want, fmt.Sprint(n+1, " ", id(i)))
				}
			}
		}
		var got []string
		if _, err := s.Scan(context.Background(), "log", strings.NewReader(log.String()), func(h detect.Hit) error {
			got = append(got, fmt.Sprint(h.Line, " ", h.Indicator.ID))
			return nil
		}); err != nil {
			rt.Fatal(err)
		}
		less := cmp.Transformer("set", func(all []string) map[string]int {
			m := map[string]int{}
			for _, one := range all {
				m[one]++
			}
			return m
		})
		if diff := cmp.Diff(want, got, less); diff != "" {
			rt.Fatalf("%q in\n%s: want - got +\n%s", asked, log.String(), diff)
		}
	})
}

// hasPiece tells whether a text has five characters in a row that no log escapes.
func hasPiece(text string) bool {
	for _, piece := range strings.FieldsFunc(text, func(r rune) bool { return r == '\\' || r == 'é' }) {
		if len(strings.Trim(piece, " ")) >= 5 {
			return true
		}
	}
	return false
}

func TestPiecesOfWhatIsAsked(t *testing.T) {
	const key = `{"EventID":13,"TargetObject":"HKLM\\Software\\Run\\Drum","Details":"x"}`
	for _, c := range []struct {
		pattern, log string
		want         bool
	}{
		{`[process:command_line MATCHES '(?i)MIMIKATZ(\\.exe)? +sekurlsa']`, `{"EventID":1,"CommandLine":"Mimikatz sekurlsa"}`, true},
		{`[process:command_line MATCHES '(mimikatz|sekurlsa)x?']`, `{"EventID":1,"CommandLine":"a sekurlsa"}`, true},
		{`[process:command_line MATCHES '(mimikatz|ls)x?']`, `{"EventID":1,"CommandLine":"ls"}`, false}, // left out: one side is too short
		{`[process:command_line MATCHES '(mimikatz)?ls']`, `{"EventID":1,"CommandLine":"ls"}`, false},
		{`[process:command_line MATCHES '(mimikatz){2,}']`, `{"EventID":1,"CommandLine":"mimikatzmimikatz"}`, true},
		{`[process:command_line LIKE 'net_user_/add']`, `{"EventID":1,"CommandLine":"net user /add"}`, false}, // left out: too short
		{`[process:command_line LIKE 'net localgroup_/add']`, `{"EventID":1,"CommandLine":"net localgroup /add"}`, true},
		{`[process:command_line IN ('whoami /all', 'ipconfig')]`, `{"EventID":1,"CommandLine":"ipconfig"}`, true},
		{`[process:name = 'svchost']`, `{"EventID":1,"Image":"/usr/bin/SVCHOST"}`, true},
		{`[windows-registry-key:key LIKE 'HKEY_LOCAL_MACHINE\\Soft%']`, key, false}, // left out: logs write it short
		{`[windows-registry-key:key LIKE 'HKEY_LOCAL_MACHINE\\Software%']`, key, true},
		{`[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Run']`, key, true},
		{`[network-traffic:dst_ref.type LIKE 'ipv4-%']`, `{"id.orig_h":"10.0.0.1","id.resp_h":"10.0.0.2","note":"ipv4-"}`, false},
		{`[process:command_line LIKE '%sekurlsa%' AND process:pid > 4]`, `{"EventID":1,"ProcessId":5,"CommandLine":"a sekurlsa"}`, true},
		{`[process:command_line LIKE '%sekurlsa%' AND process:pid > 5]`, `{"EventID":1,"ProcessId":5,"CommandLine":"a sekurlsa"}`, false},
		{`[process:command_line LIKE '%sekurlsa%' AND file:name LIKE 'mimikatz%']`, `{"EventID":1,"Image":"mimikatz","CommandLine":"a sekurlsa"}`, false}, // no object is both
		{`[process:command_line LIKE '%sekurlsa%']`, `{"EventID":1,"ParentCommandLine":"a sekurlsa"}`, false},
		{`[process:command_line LIKE '%sekurlsa%']`, `a sekurlsa`, false},
	} {
		if got := len(hits(t, setOf(t, c.pattern), c.log)) > 0; got != c.want {
			t.Errorf("%s on %s: hits %v", c.pattern, c.log, got)
		}
	}
}

// Pieces that are alike are taken out one by one, and what is left is found, also what is taken
// in between.
func TestManyPiecesGo(t *testing.T) {
	const n = 3000
	pattern := func(i int) string {
		return fmt.Sprintf("[process:command_line LIKE '%%%s%d %%']", strings.Repeat("a", 32), 1000+i)
	}
	s := detect.NewSet(noon)
	for i := range n {
		s.Add(object(t, i, pattern(i), ""))
	}
	for i := range n - 1 {
		if s.Remove(id(i)); i == 2000 {
			s.Add(object(t, n, pattern(n), ""))
		}
	}
	for i, want := range map[int]int{0: 0, 2500: 0, n - 1: 1, n: 1} {
		line := fmt.Sprintf(`{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","CommandLine":"x %s%d y"}`, strings.Repeat("a", 32), 1000+i)
		if got := hits(t, s, line); len(got) != want {
			t.Errorf("%d: %q", i, got)
		}
	}
	for _, i := range []int{n - 1, n} {
		s.Remove(id(i))
	}
	if s.Len() != 0 || s.Values() != 0 {
		t.Errorf("%d indicators and %d values are left", s.Len(), s.Values())
	}
}

// What finding pieces takes is bounded by the text, however many there are, and however alike.
func TestPiecesTakeWhatTheTextIsLong(t *testing.T) {
	const lines, length = 10, 2000
	text := strings.Repeat(strings.Repeat("a", length-1)+"\n", lines)
	for name, piece := range map[string]func(i int) string{
		"alike for long": func(i int) string { return strings.Repeat("a", 40) + fmt.Sprintf("%05d", i) },
		"one in another": func(i int) string { return strings.Repeat("a", 5+i) },
		"alike but one":  func(i int) string { return strings.Repeat("a", i%60) + "b" + strings.Repeat("a", 4+i/60) },
	} {
		s := detect.NewSet(noon)
		for i := range 3000 {
			s.Add(object(t, i, "[process:command_line LIKE '%"+piece(i)+"%']", ""))
		}
		letters, found := detect.PieceWork(s, text)
		if most := 2 * 64 * len(text); letters > most {
			t.Errorf("%s: %d letters are compared; %d are enough", name, letters, most)
		}
		want := 0
		if name == "one in another" {
			want = 60 * lines // each length up to the longest, once a line
		}
		if found != want {
			t.Errorf("%s: %d found, not %d", name, found, want)
		}
	}
}
