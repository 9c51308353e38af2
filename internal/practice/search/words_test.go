package search_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"entente/internal/practice/search"
	"entente/internal/store"
)

// Each text is found by each of the queries, and by none of those behind "not".
func TestWordsMeetHoweverTheyAreWritten(t *testing.T) {
	for _, c := range []struct {
		text    string
		queries string // apart by |
		not     string
	}{
		{"APT28", "APT28|apt-28|APT 28|\"apt 28\"|apt*|APT2*", "apt29|28apt"},
		{"APT-28", "APT28|apt-28|APT 28|\"apt 28\"|APT2*", "apt-2"},
		{"APT 28", "APT28|apt-28|APT 28|\"apt 28\"", "apt8"},
		{"Cobalt-Strike", "cobaltstrike|cobalt strike|cobalt-strike|cobalt|strike|COBALT*", "cobaltst"},
		{"Cobalt Strike", "cobalt-strike|strike cobalt|\"Cobalt Strike\"|cobalt_strike", "\"strike cobalt\""},
		{"T1059.001 PowerShell", "T1059.001|t1059|T1059*|T1059.0*|powershell", "T1059.002|T1060|059.001"},
		{"CVE-2024-3400", "cve-2024-3400|CVE-2024-*|CVE-2024-34*|cve20243400", "CVE-2024-340|CVE-2023-3400"},
		{"mail.evil-site.example", "evil-site|evil-site.example|mail.evil-site.example|evilsite|example|evil-site.ex*", "evil.site2.example|other.example"},
		{"at 198.51.100.7 now", "198.51.100.7|198.51.*|\"198.51.100.7 now\"", "198.51.100.70|19.85.11.007"},
		{"Café Été, Müller, Straße", "cafe|CAFÉ|ete|muller|MÜLLER|strasse|STRASSE", "caf"},
		{"Łódź Øresund Ærø", "lodz|oresund|aero|ÆRØ", "odz"},
		{"İstanbul ISTANBUL ısı", "istanbul|İSTANBUL|isi", "stanbul"},
		{"Группа Ёж, Андрей", "группа|ГРУППА|еж|ёж|андреи|Андрей", "групп"},
		{"مُحَمَّد أحمد إلى فتى مدرسة كـــتاب", "محمد|احمد|أحمد|الى|فتي|مدرسه|كتاب", "احمدي"},
		{"گروه ۱۲۳ کیهان", "گروه|123|كيهان|کیهان", "12"},
		{"σίσυφος ΣΊΣΥΦΟΣ", "σισυφος|ΣΙΣΥΦΟΣ|Σίσυφος", "σισυφο"},
		{"海莲花组织攻击", "海莲花|莲花|组织|攻击|海|击|\"海莲花组织\"", "莲海|花攻|海组"},
		{"ラザルス グループが攻撃", "ラザルス|ラザ|ｸﾞﾙｰﾌﾟ|グループ|攻撃|が攻", "クループ|プグ"},
		{"라자루스가 공격했다", "라자루스|공격", "격공"},
		{"กลุ่มแฮกเกอร์", "แฮกเกอร์|กลุ่ม", "เกอร์ฮก"},
		{"APT攻击组织", "apt|攻击|APT攻击", "apt击攻"},
		{"e-mail, don't; L'Oréal", "email|e-mail|don't|dont|oreal|l'oreal", "mailx"},
		{"\u202eevil\u202c soft\u00adware zero\u200bwidth", "evil|software|zerowidth|\u202eevil", "live"},
		{"ﬁle ＦＵＬＬ ①", "file|full|1", "fil"},
		{"🔥 fire 🔥🔥", "fire|\"🔥 fire\"|fire 🔥", "water"},
		{"हिन्दी १२", "हिन्दी|12", "हिन्द"},
		{strings.Repeat("a", 100), strings.Repeat("a", 100) + "|aaa*", "aaa"},
		{"3c1f7a52-6d0e-4b8e-9d27-5a1c0f4e8b61", "3c1f7a52-6d0e-4b8e-9d27-5a1c0f4e8b61|3c1f7a52*", "6d0e"},
	} {
		for _, q := range strings.Split(c.queries, "|") {
			if found, err := search.Matches(q, c.text); err != nil || !found {
				t.Errorf("%q does not find %q (%v)", q, c.text, err)
			}
		}
		for _, q := range strings.Split(c.not, "|") {
			if found, err := search.Matches(q, c.text); err != nil || found {
				t.Errorf("%q finds %q (%v)", q, c.text, err)
			}
		}
	}
}

func TestAQueryThatMeansNothingIsToldWhy(t *testing.T) {
	for query, want := range map[string]string{
		"":                              `there is no word in "" to look for`,
		"  🔥 !! ":                       `there is no word in "🔥 !!" to look for`,
		`"`:                             `the quote before "" is not closed`,
		`evil "cobalt strike`:           `the quote before "cobalt strike" is not closed`,
		`""`:                            `there is no word in "" to look for`,
		"typ:malware":                   `typ: is no filter; did you mean type?; filters are type, since, until, by, tlp, label, collection. To look for it as text, put it in quotes`,
		"colour:red":                    `colour: is no filter; filters are type, since, until, by, tlp, label, collection. To look for it as text, put it in quotes`,
		"type:":                         `type: says nothing; write it as type:malware`,
		"type:malwar":                   `type:malwar is no type of STIX; did you mean malware?`,
		"since:yesterday":               `since:yesterday is no date; write a year, a month or a day, as 2024, 2024-05 or 2024-05-31`,
		"since:2024-13":                 `since:2024-13 is no date; write a year, a month or a day, as 2024, 2024-05 or 2024-05-31`,
		"since:2024 since:2025":         `since: stands twice; give one date`,
		"tlp:pink":                      `tlp: "pink" is no TLP label; say clear, green, amber, amber+strict or red`,
		"-evil":                         `the query only says what not to look for; add a word or a filter, as type:malware`,
		"-type:malware evil":            `-type: cannot be answered; only words, phrases and labels can be left out`,
		"a*":                            `"a*": give at least two letters before a star`,
		"*":                             `there are no letters before the star in "*"`,
		"ev*il":                         `"ev*il": a star stands at the end of a word and means all that begin so`,
		"\xff":                          `the query is not UTF-8 text`,
		strings.Repeat("evil ", 500):    `the query has 500 words and filters; at most 32 can be answered, so leave some out`,
		strings.Repeat("evil ", 10_000): `the query has 50000 bytes; at most 4096 can be answered`,
	} {
		if _, err := search.Parse(query); err == nil || err.Error() != want {
			t.Errorf("%.40q: %v\nwant %s", query, err, want)
		}
	}
	for _, query := range []string{"http://evil.example/x", "-- x", "- x", "it:self\"", "c++", "a-", `x"y"z`, "“curly quotes”", "type:x-own", "TLP:RED", "by:\"a b\""} {
		if _, err := search.Parse(query); err != nil && query != "it:self\"" {
			t.Errorf("%q: %v", query, err)
		}
	}
}

// A text is found by itself as a phrase, and by each of its words.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"APT-28 and T1059.001", "Café 海莲花 a.b-c.d", "e-mail '-. 198.51.100.7", "ﬁ\u0345İ ーー々", "مُحَمَّد", "x\u0300\u0300-1", "000000\xf5\u0100"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, term := range search.Terms(text) {
			if term == "" || len(term) > 64 || strings.IndexByte(term, 0) >= 0 || !utf8.ValidString(term) {
				t.Fatalf("%q has the term %q", text, term)
			}
		}
		for _, word := range append(strings.Fields(text), text) {
			word = strings.Map(func(r rune) rune {
				if strings.ContainsRune("\"“”„«»＂", r) {
					return ' '
				}
				return r
			}, word)
			if len(word) > 200 {
				continue
			}
			found, err := search.Matches(`"`+word+`"`, text)
			if err == nil && !found {
				t.Fatalf("%q does not find %q", word, text)
			}
		}
	})
}

// Any object has terms that a posting can carry: one that had others would stop
// the index for all.
func FuzzPosted(f *testing.F) {
	for _, s := range unusual {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, term := range search.Posted(raw) {
			if term == "" || len(term) > store.MaxTerm || strings.IndexByte(term, 0) >= 0 {
				t.Fatalf("%q has the term %q of %d bytes", raw, term, len(term))
			}
		}
	})
}

// unusual are objects of which a careless index makes terms that cannot be posted.
var unusual = []string{
	`{"type":"malware","spec_version":"2.1","id":"malware--00000000-0000-4000-8000-000000000001","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"unusual","is_family":false,"created_by_ref":"identity--a\u0000b"}`,
	`{"type":"malware","spec_version":"2.1","id":"malware--00000000-0000-4000-8000-000000000002","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"unusual ` + strings.Repeat("𐐨", 16) + ` 2828","is_family":false}`,
	`{"type":"malware","spec_version":"2.1","id":"malware--00000000-0000-4000-8000-000000000003","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"unusual ` + strings.Repeat("𐐨", 16) + `28","aliases":["a\u0000b","` + strings.Repeat("海", 60) + `"],"is_family":false}`,
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`evil "cobalt strike" -not type:malware since:2024-05 until:2025 by:"A B" tlp:green label:"c 2" collection:feed`, `-"a b" x*`, "a:b", "\u202e\"", "--"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		q, err := search.Parse(query)
		if err != nil {
			if err.Error() == "" || len(err.Error()) > 20_000 {
				t.Fatalf("%q: an error of %d bytes", query, len(err.Error()))
			}
			return
		}
		again, err := search.Parse(q.String())
		if err != nil || again.String() != q.String() {
			t.Fatalf("%q reads as %q, and that as %v", query, q, err)
		}
	})
}
