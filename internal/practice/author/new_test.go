package author_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/practice/author"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

func TestAnIndicatorFromAValueAlone(t *testing.T) {
	o := open(t)
	w := o.indicator()
	const want = `{"created":"2026-05-01T12:00:00.000Z","created_by_ref":"` + ownID + `","description":"Seen at the gate",` +
		`"id":"ID","modified":"2026-05-01T12:00:00.000Z","name":"198.51.100.7",` +
		`"object_marking_refs":["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"],` +
		`"pattern":"[ipv4-addr:value = '198.51.100.7']","pattern_type":"stix","spec_version":"2.1","type":"indicator",` +
		`"valid_from":"2026-05-01T12:00:00.000Z","valid_until":"2026-05-31T12:00:00.000Z"}`
	if got := strings.Replace(string(w.Object), w.ID, "ID", 1); got != want {
		t.Errorf("the object is\n%s, want\n%s", got, want)
	}
	if canonical, err := stix.Canonical(nil, w.Object); err != nil || !bytes.Equal(canonical, w.Object) {
		t.Error("it is not canonical from birth")
	}
	if w.Verdict != author.Done || len(w.Warnings) > 0 || !slices.Equal(w.Told, []string{"198.51.100.7 is read as an IP address", "marked TLP:AMBER, as collection default has it"}) {
		t.Errorf("the writer is told %+v", w)
	}
}

func TestTheAuthorsIdentityComesWithTheFirstObject(t *testing.T) {
	o := open(t)
	o.indicator()
	page, err := o.x.View(o.bo).Page(t.Context(), "default", exchange.Query{Limit: 10, Bodies: true})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	// The partner may not see an amber indicator, but whose it would be.
	if page.Len() != 1 || page.ID(0) != ownID {
		t.Fatalf("a partner sees %d objects", page.Len())
	}
	if f := stix.Validate(page.Bytes(0)); len(f) > 0 {
		t.Errorf("the identity is not valid: %v", f)
	}
	first := bytes.Clone(page.Bytes(0))
	o.now = o.now.Add(time.Hour)
	o.new(author.NewObject{Type: "tool", Set: []string{"name=nmap"}, Collection: "feed"})
	again, err := o.x.View(o.operator).Page(t.Context(), "feed", exchange.Query{IDs: []string{ownID}, Limit: 10, Bodies: true})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.Len() != 1 || !bytes.Equal(again.Bytes(0), first) {
		t.Error("the identity is another one in the second collection")
	}
}

func TestAskingTwiceChangesNothing(t *testing.T) {
	o := open(t)
	for _, r := range []author.NewObject{
		{Type: "indicator", For: "evil[.]example", Until: "30d"},
		{Type: "malware", Set: []string{"name=Drum"}, Key: "drum"},
		{Type: "ipv4-addr", For: "198.51.100.9"},
		{Properties: []byte(`{"type":"tool","id":"tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0007","name":"nmap"}`)},
	} {
		first := o.new(r)
		o.now = o.now.Add(26 * time.Hour)
		second := o.new(r)
		if first.Verdict != author.Done || second.Verdict != author.Same || second.ID != first.ID || !bytes.Equal(second.Object, first.Object) {
			t.Errorf("%+v: first %s %s, then %s %s", r, first.Verdict, first.Object, second.Verdict, second.Object)
		}
		if n := len(o.versions("default", first.ID)); n != 1 {
			t.Errorf("%s has %d versions", first.ID, n)
		}
	}
}

func TestAskingAgainForSomethingElseIsTold(t *testing.T) {
	o := open(t)
	w := o.indicator()
	_, err := o.desk.New(t.Context(), o.ana, author.NewObject{Type: "indicator", For: "198.51.100.7", Until: "60d", Set: []string{"description=Other"}})
	o.refused(err, exchange.ErrExists, `indicator "198.51.100.7"`, w.ID, "differs in description, valid_until", "entente edit", "--key")

	// What others have added since is no difference.
	o.edit(w.ID, author.Edit{Set: []string{"labels=seen"}})
	if again := o.indicator(); again.Verdict != author.Same {
		t.Errorf("after a label was added it is %s", again.Verdict)
	}
	if _, err := o.desk.Revoke(t.Context(), o.ana, w.ID, ""); err != nil {
		t.Fatal(err)
	}
	_, err = o.desk.New(t.Context(), o.ana, author.NewObject{Type: "indicator", For: "198.51.100.7", Until: "30d", Set: []string{"description=Seen at the gate"}})
	o.refused(err, exchange.ErrExists, "was revoked")
}

func TestAnObjectThatIsThereGoesToAnotherCollectionAsItIs(t *testing.T) {
	o := open(t)
	first := o.indicator()
	second := o.new(author.NewObject{Type: "indicator", For: "198.51.100.7", Until: "30d", Set: []string{"description=Seen at the gate"}, Collection: "feed"})
	if second.Verdict != author.Done || !bytes.Equal(first.Object, second.Object) {
		t.Errorf("it is %s\n%s\n%s", second.Verdict, first.Object, second.Object)
	}
	if len(o.versions("feed", first.ID)) != 1 {
		t.Error("it is not in the other collection")
	}
}

func TestInvalidObjectsAreRefusedWithTheFindings(t *testing.T) {
	o := open(t)
	for _, c := range []struct {
		r     author.NewObject
		words []string
	}{
		{author.NewObject{Type: "indicator"}, []string{"pattern is missing", "no valid indicator"}},
		{author.NewObject{Type: "indicator", Set: []string{"pattern=[ipv4-addr:value = '198.51.100.7'"}}, []string{"pattern: "}},
		{author.NewObject{Type: "malware", Set: []string{"name=x", "is_family=perhaps"}}, []string{"is_family: this is a string"}},
		{author.NewObject{Type: "malware", Set: []string{"name=x", "first_seen=soon"}}, []string{`first_seen: "soon" is not a timestamp`}},
		{author.NewObject{Type: "indicater", For: "198.51.100.7"}, []string{"did you mean indicator?"}},
		{author.NewObject{Type: "threat-acter", Set: []string{"name=x"}}, []string{"did you mean threat-actor?"}},
		{author.NewObject{Type: "indicator", For: "what is this"}, []string{"is no address", "file:what is this"}},
		{author.NewObject{Type: "indicator", For: "CVE-2024-3400"}, []string{"entente new vulnerability --name CVE-2024-3400"}},
		{author.NewObject{Type: "malware", For: "198.51.100.7"}, []string{"give a malware a name"}},
		{author.NewObject{Type: "domain-name", For: "198.51.100.7"}, []string{"is read as an IP address", "that is an ipv4-addr, not a domain-name"}},
		{author.NewObject{Type: "indicator", For: "203.0.113.300"}, []string{"almost an address: IPv4 field has value >255", "file:203.0.113.300"}},
		{author.NewObject{Type: "indicator", For: "198.51.100.007"}, []string{"almost an address", "leading zero"}},
		{author.NewObject{Type: "indicator", For: "domain:203.0.113.300"}, []string{"cannot be read as domain", "its last label is a number"}},
		{author.NewObject{Type: "indicator", For: "fe80::xyz"}, []string{"almost an address"}},
		{author.NewObject{Type: "indicator", For: "<script>.com"}, []string{"no name has the character"}},
		{author.NewObject{Type: "indicator", For: "-a.com"}, []string{"begins or ends with a hyphen"}},
		{author.NewObject{Type: "indicator", For: "*.drum.example"}, []string{"no name is *.drum.example", "write drum.example, which hits all names below it, too"}},
		{author.NewObject{Type: "indicator", For: "http://"}, []string{"cannot be read as url", "names no host"}},
		{author.NewObject{Type: "indicator", For: "http://203.0.113.300/x"}, []string{"its host is almost an address"}},
		{author.NewObject{Type: "indicator", For: "a@"}, []string{"is not an email address", "jane.smith@example.com"}},
		{author.NewObject{Type: "indicator", For: "mac:zz"}, []string{"cannot be read as mac"}},
		{author.NewObject{Type: "domain-name", Set: []string{"value=999.1.1.1"}}, []string{"its last label is a number"}},
		{author.NewObject{Properties: []byte(`{"type":"domain-name","value":"999.1.1.1"}`)}, []string{"its last label is a number"}},
		{author.NewObject{Type: "indicator", For: "198.51.100.7", Until: "soon"}, []string{"until \"soon\"", "30d"}},
		{author.NewObject{Type: "tool", Set: []string{"name=x"}, Until: "30d"}, []string{"has no valid_until"}},
		{author.NewObject{Type: "indicator", For: "198.51.100.7", TLP: "purple"}, []string{"amber+strict"}},
		{author.NewObject{Properties: []byte(`{"type":"tool","name":"x","created_by_ref":"` + otherID + `"}`)}, []string{otherID, "entente import"}},
		{author.NewObject{Properties: []byte(`{"type":"tool","type":"tool","name":"x"}`)}, []string{"properties"}},
		{author.NewObject{Set: []string{"name=x"}}, []string{"has no type"}},
		{author.NewObject{Type: "tool", Set: []string{"aliases[3]=x"}}, []string{"the next is aliases[0]"}},
		{author.NewObject{Type: "tool", Set: []string{"name"}}, []string{"name=VALUE"}},
		{author.NewObject{Type: "tool", Set: slices.Repeat([]string{"labels[]=x"}, 1001)}, []string{"1001 properties", "as JSON"}},
	} {
		_, err := o.desk.New(t.Context(), o.ana, c.r)
		o.refused(err, exchange.ErrInvalid, c.words...)
	}
	page, err := o.x.View(o.operator).Page(t.Context(), "default", exchange.Query{Limit: 1})
	if err != nil || page.Len() != 0 {
		t.Errorf("something was written: %v", err)
	}
	page.Close()
}

func TestTextBecomesWhatThePropertyIs(t *testing.T) {
	o := open(t)
	for _, c := range []struct{ typ, set, property, want string }{
		{"malware", "is_family=true", "is_family", "true"},
		{"malware", "name=true", "name", `"true"`},
		{"malware", "confidence=85", "confidence", "85"},
		{"malware", "aliases=One, Two", "aliases", `["One, Two"]`},
		{"malware", "first_seen=2026-04-01", "first_seen", `"2026-04-01T00:00:00.000Z"`},
		{"malware", "first_seen=-2h", "first_seen", `"2026-05-01T10:00:00.000Z"`},
		{"malware", "first_seen=2026-04-01T02:00:00+02:00", "first_seen", `"2026-04-01T00:00:00.000Z"`},
		{"malware", "kill_chain_phases[0].kill_chain_name=lm", "kill_chain_phases", `[{"kill_chain_name":"lm"}]`},
		{"malware", "x_example_n=5", "x_example_n", `"5"`},
		{"malware", "x_example_n:=5", "x_example_n", "5"},
		{"location", "latitude=48.5", "latitude", "48.5"},
		{"file", "hashes.SHA-256=aa", "hashes", `{"SHA-256":"aa"}`},
		{"file", "size=10", "size", "10"},
		{"network-traffic", "protocols[]=tcp", "protocols", `["tcp"]`},
		{"malware", "external_references[0].source_name=x", "external_references", `[{"source_name":"x"}]`},
	} {
		d, err := o.desk.AddDraft(t.Context(), o.ana, author.NewObject{Type: c.typ, Set: []string{c.set}})
		if err != nil {
			t.Errorf("%s: %v", c.set, err)
			continue
		}
		if got := property(t, d.Wanted.Properties, c.property); got != c.want {
			t.Errorf("%s of a %s is %s, want %s", c.set, c.typ, got, c.want)
		}
	}
}

func TestEveryTypeCanBeWritten(t *testing.T) {
	o := open(t)
	malware := o.new(author.NewObject{Type: "malware", Set: []string{"name=Drum"}})
	address := o.new(author.NewObject{Type: "ipv4-addr", For: "198.51.100.7"})
	more := map[string][]string{
		"indicator":            {"pattern=[url:value = 'http://evil.example/']", "name=x", "description=x"},
		"grouping":             {"name=x", "object_refs[]=" + malware.ID},
		"report":               {"name=x", "object_refs[]=" + malware.ID},
		"note":                 {"content=x", "object_refs[]=" + malware.ID},
		"opinion":              {"opinion=disagree", "object_refs[]=" + malware.ID},
		"location":             {"country=de"},
		"malware-analysis":     {"product=av", "result=malicious"},
		"observed-data":        {"object_refs[]=" + address.ID},
		"relationship":         {"relationship_type=variant-of", "source_ref=" + malware.ID, "target_ref=" + malware.ID},
		"sighting":             {"sighting_of_ref=" + malware.ID},
		"artifact":             {"payload_bin=aGk="},
		"autonomous-system":    {"number=64496"},
		"directory":            {"path=/tmp"},
		"domain-name":          {"value=evil.example"},
		"email-addr":           {"value=ana@example.com"},
		"email-message":        {"subject=x"},
		"file":                 {"name=x"},
		"ipv4-addr":            {"value=198.51.100.8"},
		"ipv6-addr":            {"value=2001:db8::1"},
		"mac-addr":             {"value=aa:bb:cc:dd:ee:ff"},
		"network-traffic":      {"protocols[]=tcp", "src_ref=" + address.ID},
		"process":              {"pid=5"},
		"url":                  {"value=http://evil.example/"},
		"user-account":         {"user_id=x"},
		"windows-registry-key": {`key=HKEY_LOCAL_MACHINE\Software\Evil`},
		"x509-certificate":     {"serial_number=36"},
		"marking-definition":   {"definition_type=statement", "definition.statement=x"},
		"extension-definition": {"name=x", "schema=http://example.com/", "version=1.0.0", "extension_types[]=property-extension"},
		"language-content":     {"object_ref=" + malware.ID, "contents.de.name=Trommel"},
	}
	for _, typ := range stix.Types() {
		set := more[typ]
		if set == nil {
			set = []string{"name=x"}
		}
		w, err := o.desk.New(t.Context(), o.ana, author.NewObject{Type: typ, Set: set})
		if err != nil {
			t.Errorf("%s: %v", typ, err)
			continue
		}
		for _, f := range stix.Validate(w.Object) {
			if f.Severity == stix.Error {
				t.Errorf("%s was published with %v", typ, f)
			}
		}
	}
}

func TestAMarkingIsTheOneAskedFor(t *testing.T) {
	o := open(t)
	w := o.new(author.NewObject{Type: "tool", Set: []string{"name=x"}, TLP: "TLP:GREEN"})
	if got := property(t, w.Object, "object_marking_refs"); got != `["`+handling.Green.Definition()+`"]` || w.TLP != "green" {
		t.Errorf("it is marked %s, told %s", got, w.TLP)
	}
}

func TestWhoMayWrite(t *testing.T) {
	o := open(t)
	tool := author.NewObject{Type: "tool", Set: []string{"name=x"}}
	_, err := o.desk.New(t.Context(), o.bo, tool)
	o.refused(err, exchange.ErrForbidden, "in the name of CERT Estmark", "TAXII")
	tool.Collection = "feed"
	_, err = o.desk.New(t.Context(), o.cy, tool)
	o.refused(err, exchange.ErrForbidden, `collection "feed"`)
	tool.Collection = "nowhere"
	_, err = o.desk.New(t.Context(), o.ana, tool)
	o.refused(err, exchange.ErrNotFound)
	if _, err := o.desk.New(t.Context(), o.wim, author.NewObject{Type: "tool", Set: []string{"name=x"}}); err != nil {
		t.Errorf("who may only write cannot: %v", err)
	}
}

// Who may not see what they have written changes nothing by asking for it again,
// and is told only what they have said themselves.
func TestAskingAgainForWhatIsUnseenChangesNothing(t *testing.T) {
	for name, ask := range map[string]func(o *office) (account.Principal, author.NewObject){
		"write-only": func(o *office) (account.Principal, author.NewObject) {
			return o.wim, author.NewObject{Type: "tool", Key: "scanner", Set: []string{"name=x"}}
		},
		"red": func(o *office) (account.Principal, author.NewObject) {
			return o.ana, author.NewObject{For: "evil.example", Type: "indicator", TLP: "red"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			by, want := ask(o)
			var told [2]author.Written
			for i := range 3 {
				w, err := o.desk.New(t.Context(), by, want)
				if err != nil {
					t.Fatal(err)
				}
				told[min(i, 1)] = w
				o.now = o.now.Add(time.Hour)
			}
			if told[0].Verdict != author.Done || told[1].Verdict != author.Same || told[0].Version != told[1].Version || string(told[0].Object) != string(told[1].Object) {
				t.Errorf("told are %+v", told)
			}
			if all := o.versions("default", told[0].ID); len(all) != 1 {
				t.Errorf("there are %q", all)
			}
			want.Set = append(want.Set, "description=Another")
			_, err := o.desk.New(t.Context(), by, want)
			o.refused(err, exchange.ErrExists, "differs in what it says")
			if by.Account != "wim" {
				return
			}
			// Somebody else's, unseen, is not told of.
			other := o.wim
			other.ID, other.Account = "will-1", "will"
			if w, err := o.desk.New(t.Context(), other, want); err != nil || w.Verdict != author.Done {
				t.Errorf("another is told %+v, %v", w, err)
			}
		})
	}
}

func TestWhatIsAValueIsTaken(t *testing.T) {
	for value, pattern := range map[string]string{
		"_dmarc.example.com":         "[domain-name:value = '_dmarc.example.com']",
		"*.example.com":              "[domain-name:value = '*.example.com']",
		"bücher.example":             "[domain-name:value = 'xn--bcher-kva.example']",
		"a.b.c.de":                   "[domain-name:value = 'a.b.c.de']",
		"http://198.51.100.7:8080/x": "[url:value = 'http://198.51.100.7:8080/x']",
		"http://[2001:db8::1]/":      "[url:value = 'http://[2001:db8::1]/']",
		"2001:db8::/32":              "[ipv6-addr:value ISSUBSET '2001:db8::/32']",
		"a@evil.example":             "[email-addr:value = 'a@evil.example']",
		"AA-BB-CC-DD-EE-FF":          "[mac-addr:value = 'aa:bb:cc:dd:ee:ff']",
		"file:1.2.3":                 "[file:name = '1.2.3']",
		"agent:Mozilla/5.0 (X)":      `[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'Mozilla/5.0 (X)']`,
		"as64496":                    "[autonomous-system:number = 64496]",
		`HKLM\Software\X`:            `[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\Software\\X']`,
		strings.Repeat("ab", 32):     "[file:hashes.'SHA-256' = '" + strings.Repeat("ab", 32) + "']",
	} {
		if s, err := author.ParseSubject(value); err != nil || s.Pattern != pattern {
			t.Errorf("%s gives %s, %v; want %s", value, s.Pattern, err, pattern)
		}
	}
}
