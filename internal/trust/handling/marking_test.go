package handling_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"entente/internal/trust/handling"
	"entente/stix"
)

// limits is the text of what a marking definition adds, or how it is not understood.
func limits(raw string) string {
	m, err := handling.ReadMarking([]byte(raw))
	if fault := handling.Fault([]byte(raw)); (fault == nil) != m.Known() {
		return fmt.Sprintf("known is %v, and the fault %v", m.Known(), fault)
	}
	switch {
	case err != nil:
		return "error"
	case !m.Known():
		return "unexplained"
	case m.Limits() == "":
		return "nothing"
	}
	return m.Limits()
}

const (
	iepID        = "extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a"
	papID        = "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b"
	tlp2ID       = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
	openCTIID    = "extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba"
	handlingID   = "extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35"
	provenanceID = "extension-definition--954f4e28-02cd-43f0-965b-052076cd1188"
)

func extended(id, body string) string {
	return fmt.Sprintf(`{"extensions":{%q:{"extension_type":"property-extension",%s}}}`, id, body)
}

func TestReadMarking(t *testing.T) {
	cases := []struct{ name, raw, want string }{
		{"statement", `{"definition_type":"statement","definition":{"statement":"(c) ACME"}}`, "nothing"},
		{"statement that is a label of PAP", `{"definition_type":"statement","definition":{"statement":"PAP:Amber"}}`, "pap:amber"},
		{"statement that is a label of TLP", `{"definition_type":"statement","definition":{"statement":"tlp:red"}}`, "tlp:red"},
		{"statement with something beside it", `{"definition_type":"statement","definition":{"statement":"x","limit":"y"}}`, "unexplained"},
		{"TLP 1 under its id", `{"id":"` + tlp1White + `","definition_type":"tlp","definition":{"tlp":"red"}}`, "tlp:clear"},
		{"TLP of another id", `{"definition_type":"tlp","definition":{"tlp":"amber"}}`, "tlp:amber"},
		{"TLP as OpenCTI wrote it", `{"definition_type":"TLP","definition":{"TLP":"TLP:AMBER+STRICT"},"extensions":{"` + openCTIID + `":{"color":"#fff"}}}`, "tlp:amber+strict"},
		{"TLP as OpenCTI writes it", `{"definition_type":"TLP","name":"TLP:GREEN","extensions":{"` + openCTIID + `":{"order":2}}}`, "tlp:green"},
		{"PAP as OpenCTI wrote it", `{"definition_type":"pap","definition":{"pap":"PAP:RED"}}`, "pap:red"},
		{"PAP as OpenCTI writes it", `{"definition_type":"PAP","name":"PAP:GREEN"}`, "pap:green"},
		{"a kind of OpenCTI's user", `{"definition_type":"house","name":"secret"}`, "unexplained"},
		{"TLP 2 extension", extended(tlp2ID, `"tlp_2_0":"amber+strict"`), "tlp:amber+strict"},
		{"PAP extension", extended(papID, `"pap":"amber"`), "pap:amber"},
		{"PAP of no limit", extended(papID, `"pap":"white"`), "nothing"},
		{"PAP under its id", `{"id":"marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e","extensions":{}}`, "pap:red"},
		{"an extension that is not known", extended("extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce", `"x":1`), "unexplained"},
		{"two extensions", `{"extensions":{"` + tlp2ID + `":{"tlp_2_0":"green"},"` + papID + `":{"pap":"red"}}}`, "unexplained"},
		{"an extension beside a definition", `{"definition_type":"tlp","definition":{"tlp":"red"},"extensions":{"` + tlp2ID + `":{"tlp_2_0":"green"}}}`, "error"},
		{"TLP 2 in capitals beside it", extended(tlp2ID, `"tlp_2_0":"red","TLP_2_0":"clear"`), "tlp:red"},
		{"PAP in capitals beside it", extended(papID, `"pap":"red","PAP":"white"`), "pap:red"},
		{"a definition in capitals beside it", `{"definition_type":"tlp","definition":{"tlp":"red","TLP":"clear"}}`, "unexplained"},
		{"a kind in capitals beside it", `{"definition_type":"tlp","DEFINITION_TYPE":"statement","definition":{"tlp":"red"}}`, "tlp:red"},
		{"a property twice, once escaped", extended(tlp2ID, `"tlp_2_0":"red","tlp\u005f2_0":"clear"`), "error"},
		{"IEP in capitals beside it", extended(iepID, `"tlp":"red","TLP":"white"`), "error"},
		{"release list in capitals beside it", extended(handlingID, `"release_to":["org:b"],"Release_To":["org:c"]`), "error"},
		{"a marking that is marked", `{"definition_type":"tlp","definition":{"tlp":"green"},"object_marking_refs":["` + strange + `"]}`, "unexplained"},
		{"a marking with a label of a fixed id", `{"definition_type":"tlp","definition":{"tlp":"green"},"object_marking_refs":["` + tlp2Red + `"]}`, "tlp:green"},
		{"a marking that marks itself", `{"id":"` + strange + `","definition_type":"tlp","definition":{"tlp":"green"},"granular_markings":[{"marking_ref":"` + strange + `","selectors":["id"]}]}`, "unexplained"},
		{"nothing", `{"type":"marking-definition"}`, "unexplained"},
		{"no JSON", `{`, "error"},
		{"a label that there is not", `{"definition_type":"tlp","definition":{"tlp":"chartreuse"}}`, "error"},
		{"a name twice", `{"definition_type":"tlp","definition":{"tlp":"red","tlp":"clear"}}`, "error"},
		{"a name in capitals", `{"Definition_Type":"tlp","definition":{"tlp":"clear"}}`, "unexplained"},
	}
	for _, c := range cases {
		if got := limits(c.raw); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// iep is a policy that limits nothing but by its label, with changes.
func iep(changes ...string) string {
	p := map[string]any{"extension_type": "property-extension", "encrypt_in_transit": "may", "permitted_actions": "externally-visible-direct-actions",
		"affected_party_notifications": "may", "tlp": "green", "provider_attribution": "may", "unmodified_resale": "may",
		"iep_id": "0224bfdf-ea3a-49c3-96f6-66d908bb1845", "iep_version": 2.0, "description": "x", "start_date": "2022-10-01T00:00:00Z"}
	for _, c := range changes {
		name, value, _ := strings.Cut(c, "=")
		switch value {
		case "":
			delete(p, name)
		case "1", "2":
			p[name] = json.Number(value)
		default:
			p[name] = value
		}
	}
	body, _ := json.Marshal(p)
	return fmt.Sprintf(`{"extensions":{%q:%s}}`, iepID, body)
}

func TestInformationExchangePolicies(t *testing.T) {
	const from = " opens:2022-10-01T00:00Z"
	cases := []struct{ raw, want string }{
		{iep(), "tlp:green" + from},
		{iep("description=", "iep_version=2"), "tlp:green" + from},
		{iep("tlp=white", "encrypt_in_transit=must"), "tlp:clear terms:encrypt-in-transit" + from},
		{iep("tlp=amber", "affected_party_notifications=must-not"), "tlp:amber terms:no-notification" + from},
		{iep("tlp=red", "provider_attribution=must"), "tlp:red terms:attribute" + from},
		{iep("provider_attribution=must-not", "unmodified_resale=must-not"), "tlp:green terms:anonymise,no-resale" + from},
		{iep("permitted_actions=none"), "tlp:green pap:red terms:no-action" + from},
		{iep("permitted_actions=contact-for-instruction"), "tlp:green pap:red terms:ask-first" + from},
		{iep("permitted_actions=internally-visible-actions"), "tlp:green pap:red" + from},
		{iep("permitted_actions=externally-visible-indirect-actions"), "tlp:green pap:amber" + from},
		{iep("start_date=2022-10-01T00:00:00.001Z", "end_date=2023-01-01T00:00:59Z"), "tlp:green opens:2022-10-01T00:01Z closes:2023-01-01T00:00Z"},

		{iep("end_date=2022-10-01T00:00:00Z"), "error"},
		{iep("end_date=2021-10-01T00:00:00Z"), "error"},
		{iep("tlp="), "error"},
		{iep("tlp=amber+strict"), "error"},
		{iep("start_date="), "error"},
		{iep("encrypt_in_transit=should"), "error"},
		{iep("permitted_actions="), "error"},
		{iep("iep_version=1"), "error"},
		{iep("iep_version="), "error"},
		{iep("iep_id=1"), "error"},
		{iep("iep_id=6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "error"},
		{iep("encrypt_at_rest=must"), "error"},
		{iep("TLP=red"), "error"},
	}
	for _, c := range cases {
		if got := limits(c.raw); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.raw, got, c.want)
		}
	}
}

func TestOwnHandlingExtension(t *testing.T) {
	cases := []struct{ body, want string }{
		{`"release_to":["org:CERT-B","group:Water","org:cert-b"]`, "to:group:water|org:cert-b"},
		{`"release_to":["person:Ana@CERT-B"],"not_to":["org:R\u00dcST, GmbH"]`, "to:person:ana@cert-b not:org:r%C3%BCst%2C%20gmbh"},
		{`"release_to":[]`, "to:"},
		{`"purposes":["defence","research"]`, "forbidden:law-enforcement,attribution,publication"},
		{`"purposes":[]`, "forbidden:defence,research,law-enforcement,attribution,publication"},
		{`"legal_grounds":["nis2-29"],"personal_data":true`, "unfit:gdpr-6-consent,gdpr-6-contract,gdpr-6-legal-duty,gdpr-6-vital,gdpr-6-public-task,gdpr-6-legitimate,gdpr-45-adequacy,gdpr-46-safeguards,gdpr-48-treaty,gdpr-49-derogation,nis2-23,cbpr,national-law personal"},
		{`"embargo_until":"2026-12-01T08:00:00.5Z"`, "opens:2026-12-01T08:01Z"},
		{`"embargo_until":"9999-12-31T23:59:59.9Z"`, "opens:9999-12-31T23:59Z"},
		{`"retention_days":30`, "terms:erase"},
		{`"retention_days":0`, "error"},
		{`"release_to":null`, "error"},
		{`"release_to":["CERT-B"]`, "error"},
		{`"release_to":["person:ana"]`, "error"},
		{`"release_to":["org:"]`, "error"},
		{`"not_to":["org:a\u0000"]`, "error"},
		{`"purposes":["fun"]`, "error"},
		{`"legal_grounds":["gdpr"]`, "error"},
		{`"embargo_until":"tomorrow"`, "error"},
		{`"Release_To":["org:x"]`, "error"},
		{`"relea\u017fe_to":["org:x"]`, "error"},
		{`"something":1`, "error"},
	}
	for _, c := range cases {
		if got := limits(extended(handlingID, c.body)); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.body, got, c.want)
		}
	}
}

// Rows written before there was anything but labels and statements are read,
// and written the same again.
func TestMarkingRows(t *testing.T) {
	for _, row := range []string{`{"tlp":"green"}`, `{"statement":true}`, `{"limits":"tlp:green pap:red"}`, `{}`, `{"retention_days":3,"contested":true}`} {
		var m handling.Marking
		if err := json.Unmarshal([]byte(row), &m); err != nil {
			t.Fatal(err)
		}
		if back, err := json.Marshal(m); err != nil || string(back) != row {
			t.Errorf("%s is written as %s, %v", row, back, err)
		}
		if m.Known() != (row != `{}` && !m.Contested()) {
			t.Errorf("%s: known is %v", row, m.Known())
		}
	}
}

// Two texts under one id are together no looser than either, whatever else an object is
// marked with, in any order.
func TestTwoTextsOfAMarkingLoosenNothing(t *testing.T) {
	const other = "marking-definition--eeeeeeee-0000-4000-8000-00000000000f"
	var all []handling.Marking
	for _, row := range []string{`{"statement":true}`, `{"tlp":"green"}`, `{"tlp":"red"}`, `{"limits":"to:person:bo@cert-b"}`, `{"limits":"to:org:cert-b"}`,
		`{"limits":"tlp:red to:person:ana@cert-a|person:bo@cert-b","retention_days":3}`, `{"limits":"to:"}`, `{"limits":"pap:red forbidden:research closes:2026-01-01T00:00Z"}`, `{}`} {
		var m handling.Marking
		if err := json.Unmarshal([]byte(row), &m); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	class := func(m, beside handling.Marking) handling.Class {
		o, err := stix.Read(fmt.Appendf(nil, `{"type":"note","id":"note--00000000-0000-4000-8000-000000000001","object_marking_refs":[%q,%q]}`, strange, other))
		if err != nil {
			t.Fatal(err)
		}
		c, err := handling.Classify(&o, handling.Amber, definitions{strange: m, other: beside})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for i, a := range all {
		for j, b := range all {
			if !a.With(b).Is(b.With(a)) || !a.With(b).With(a).Is(a.With(b)) {
				t.Errorf("%d with %d: the order counts", i, j)
			}
			for k, beside := range all {
				joined := class(a.With(b), beside)
				if !a.Known() && !b.Known() {
					continue
				}
				for _, one := range []handling.Marking{a, b} {
					if one.Known() && handling.Binds(joined, class(one, beside)) {
						t.Errorf("%d with %d, beside %d: %s is looser than %s", i, j, k, joined.Canonical(), class(one, beside).Canonical())
					}
				}
			}
		}
	}
}

// What one part is marked with names nobody for another part that is RED.
func TestPartsDoNotNameRecipientsForEachOther(t *testing.T) {
	var list handling.Marking
	if err := json.Unmarshal([]byte(`{"limits":"to:person:bo@cert-b"}`), &list); err != nil {
		t.Fatal(err)
	}
	defs := definitions{strange: list}
	class := func(whole, parts []string) string {
		c, err := handling.Classify(&stix.Object{Envelope: stix.Envelope{MarkingRefs: whole, GranularMarkingRefs: parts}}, handling.Amber, defs)
		if err != nil {
			t.Fatal(err)
		}
		return c.Canonical()
	}
	for _, c := range []struct {
		whole, parts []string
		want         string
	}{
		{[]string{tlp2Red, strange}, nil, "tlp:red to:person:bo@cert-b"},
		{[]string{strange}, []string{tlp2Red}, "tlp:red to:person:bo@cert-b"},
		{[]string{tlp2Green}, []string{tlp2Red, strange}, "tlp:red"},
		{[]string{tlp2Red}, []string{strange}, "tlp:red"},
	} {
		if got := class(c.whole, c.parts); got != c.want {
			t.Errorf("whole %v, parts %v: %s, want %s", c.whole, c.parts, got, c.want)
		}
	}
}

func FuzzReadMarking(f *testing.F) {
	for _, raw := range []string{iep(), iep("tlp=red"), extended(handlingID, `"release_to":["org:a","person:b@c"],"not_to":["group:d"],"embargo_until":"2026-12-01T08:00:00Z"`),
		extended(papID, `"pap":"red"`), extended(tlp2ID, `"tlp_2_0":"green"`), `{"definition_type":"statement","definition":{"statement":"x"}}`} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := handling.ReadMarking(raw)
		if err != nil && m.Known() {
			t.Fatal("a definition that is not understood explains something")
		}
		row, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back handling.Marking
		if err := json.Unmarshal(row, &back); err != nil || back.Limits() != m.Limits() || back.Known() != m.Known() {
			t.Fatalf("row %s is read as %q, %v; it was %q", row, back.Limits(), err, m.Limits())
		}
	})
}
