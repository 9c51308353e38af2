package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// scene is one thing that happens: somebody writes objects into one of their
// collections, and then partners pull.
type scene struct {
	at         string // story time
	who        *member
	collection string
	marking    string
	told       string // one or two sentences, printed; none when the next scene tells of this one, too
	write      func(d *desk, ids map[string]string)
	recall     string    // name of an id to take back from the collection instead of writing
	pull       []*member // who pulls from whom they may, afterwards
	blocks     string    // a name of a host that the utility's resolver blocks from then on
}

// everyone pulls.
var everyone = cast

// story is two simulated days. Its objects number about 300.
var story = []scene{
	{"2026-03-10T06:30:00Z", cert, shared, clear, "", introduce(cert), "", nil, ""},
	{"2026-03-10T06:30:00Z", util, shared, clear, "", introduce(util), "", nil, ""},
	{"2026-03-10T06:30:00Z", host, shared, clear, "", introduce(host), "", nil, ""},
	{"2026-03-10T06:30:00Z", isac, shared, clear, "The coalition's members introduce themselves.", introduce(isac), "", everyone, ""},
	{"2026-03-10T06:40:00Z", host, shared, green, "Nimbus Harbour's abuse desk sees 24 of its addresses try stolen VPN passwords. It tells the CERT.", scanners, "", []*member{cert}, ""},
	{"2026-03-10T08:10:00Z", cert, shared, green, "The CERT knows the hand: RUSTED HERON. It warns its members, with an indicator for each address.", warning, "", everyone, ""},
	{"2026-03-10T09:05:00Z", util, inside, amber, "Brookwater finds two of the addresses in its VPN log. What was touched stays inside (TLP:AMBER) ...", touched, "", nil, ""},
	{"2026-03-10T09:10:00Z", util, shared, green, "... that it was seen does not (TLP:GREEN).", sighted, "", []*member{cert, isac}, ""},
	{"2026-03-10T13:20:00Z", util, shared, red, "The billing system is encrypted. The incident is TLP:RED; put beside shared things by a tired hand, it still goes to nobody.", incident, "", everyone, ""},
	{"2026-03-10T13:50:00Z", util, shared, green, "Half an hour later Brookwater shares what others can use: the ransomware, 48 file hashes, 16 domains.", ransomware, "", []*member{cert, isac}, ""},
	{"2026-03-10T15:15:00Z", host, shared, green, "Nimbus Harbour finds the bucket that 8 uploads went to, shuts it, and says so.", bucket, "", []*member{cert}, ""},
	{"2026-03-10T16:30:00Z", cert, shared, green, "The CERT's analysis: a YARA rule, how to stop it, and a report that ties it all together.", analysis, "", everyone, ""},
	{"2026-03-10T17:05:00Z", cert, shared, green, "A second relay, in the analysed sample. Nobody has met it yet.", secondRelay, "", everyone, secondRelayName},
	{"2026-03-10T19:00:00Z", isac, shared, clear, "Tideline turns it into an advisory for every utility (TLP:CLEAR).", advisory, "", everyone, ""},
	{"2026-03-11T07:30:00Z", cert, shared, green, "One address was a public resolver: a false alarm. The CERT revokes its indicator.", falseAlarm, "", everyone, ""},
	{"2026-03-11T08:00:00Z", cert, shared, green, "A note goes out with a name in it that should not be there ...", slip, "", nil, ""},
	{"2026-03-11T08:02:00Z", cert, shared, green, "... and is recalled before anyone pulls.", nil, "slip", everyone, ""},
	{"2026-03-11T10:00:00Z", isac, shared, green, "Eleven utilities looked. Four had been visited, none encrypted; they report through Tideline, unnamed.", visited, "", []*member{util, cert}, ""},
	{"2026-03-11T17:45:00Z", util, shared, green, "Billing is back from clean backups. Brookwater says what helped.", recovered, "", everyone, ""},
}

// moment parses a story time, which is a constant of this package.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// storyID makes an id that is the same each time the story is told.
func storyID(typ, key string) string {
	sum := sha256.Sum256([]byte("entente demo\n" + typ + "\n" + key))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80
	h := hex.EncodeToString(sum[:16])
	return typ + "--" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:32]
}

func introduce(m *member) func(*desk, map[string]string) {
	return func(d *desk, _ map[string]string) {
		d.add(fields{"type": "identity", "spec_version": "2.1", "id": m.ident, "created": d.at.Format(stamp), "modified": d.at.Format(stamp),
			"name": m.name, "description": m.what, "identity_class": m.class, "object_marking_refs": []string{clear}})
	}
}

const scannerCount = 24

func scannerAddress(i int) string { return fmt.Sprintf("203.0.113.%d", 40+i) }

// scanners: the addresses as observed, without judgement.
func scanners(d *desk, ids map[string]string) {
	var seen []string
	for i := range scannerCount {
		seen = append(seen, d.observe("ipv4-addr", fields{"value": scannerAddress(i)}))
	}
	ids["scans"] = d.write("observed-data", "scans", fields{"first_observed": d.at.Add(-50 * time.Minute).Format(stamp),
		"last_observed": d.at.Format(stamp), "number_observed": 6120, "object_refs": seen})
	d.report("VPN log-ins with stolen passwords", "Log-in attempts against customers' VPN gateways from 24 rented addresses.", "observed-data")
}

// warning: who is behind it, and an indicator for each address.
func warning(d *desk, ids map[string]string) {
	heron := d.write("intrusion-set", "heron", fields{"name": "RUSTED HERON", "aliases": []string{"Estuary Crew"},
		"description": "Rents addresses at cloud providers, enters by stolen VPN passwords, encrypts billing and customer systems.",
		"first_seen":  "2025-09-01T00:00:00.000Z", "primary_motivation": "personal-gain", "resource_level": "organization"})
	entry := d.write("attack-pattern", "valid accounts", fields{"name": "Valid Accounts",
		"external_references": []fields{{"source_name": "mitre-attack", "external_id": "T1078"}}})
	d.relate(heron, "uses", entry)
	ids["heron"], ids["entry"] = heron, entry
	for i := range scannerCount {
		key := fmt.Sprintf("scanner %d", i)
		ids[key] = d.indicator("VPN password spraying from "+scannerAddress(i), "Tried stolen passwords at VPN gateways in the night to 10 March.",
			"[ipv4-addr:value = '"+scannerAddress(i)+"']", "delivery", 70, 30)
		d.relate(ids[key], "indicates", heron)
	}
	ids["warning"] = d.report("RUSTED HERON is trying VPN passwords", "Block or watch these addresses; turn on multi-factor authentication for VPN accounts today.", "threat-actor")
}

func touched(d *desk, ids map[string]string) {
	account := d.observe("user-account", fields{"user_id": "svc-meterread", "account_type": "windows-domain"})
	server := d.observe("ipv4-addr", fields{"value": "192.0.2.14"})
	d.write("observed-data", "touched", fields{"first_observed": d.at.Add(-3 * time.Hour).Format(stamp), "last_observed": d.at.Format(stamp),
		"number_observed": 3, "object_refs": []string{account, server}})
	d.write("note", "touched", fields{"content": "svc-meterread logged in from 203.0.113.47 and reached the billing host. Password changed at 09:02.",
		"object_refs": []string{account}})
}

func sighted(d *desk, ids map[string]string) {
	d.sight(ids["scanner 7"], 3, d.at.Add(-3*time.Hour))
	d.sight(ids["scanner 11"], 1, d.at.Add(-2*time.Hour))
}

func incident(d *desk, ids map[string]string) {
	ids["incident"] = d.write("incident", "billing", fields{"name": "Billing encrypted at Brookwater",
		"description": "Customer portal and billing are down since 13:05. Plants are not affected. A ransom of 40 coins is asked for."})
	d.write("note", "ransom", fields{"content": "Ransom note names contact and deadline; insurer and police informed.", "object_refs": []string{ids["incident"]}})
}

const (
	fileCount   = 48
	domainCount = 16
)

func fileHash(i int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "greyweir sample %d", i))
	return hex.EncodeToString(sum[:])
}

func relayDomain(i int) string { return fmt.Sprintf("meter-sync-%02d.example", i+1) }

func ransomware(d *desk, ids map[string]string) {
	weir := d.write("malware", "greyweir", fields{"name": "GREYWEIR", "is_family": true, "malware_types": []string{"ransomware"},
		"description": "Encrypts databases and virtual machine images; leaves WEIR-README.txt."})
	ids["greyweir"] = weir
	for i := range fileCount {
		ind := d.indicator(fmt.Sprintf("GREYWEIR file %d", i+1), "Found beside encrypted databases at Brookwater.",
			"[file:hashes.'SHA-256' = '"+fileHash(i)+"']", "installation", 90, 365)
		d.relate(ind, "indicates", weir)
	}
	for i := range domainCount {
		ind := d.indicator("GREYWEIR relay "+relayDomain(i), "Asked for by encrypting hosts for their keys.",
			"[domain-name:value = '"+relayDomain(i)+"']", "command-and-control", 85, 60)
		d.relate(ind, "indicates", weir)
	}
	d.sight(weir, 1, d.at.Add(-45*time.Minute))
}

func bucket(d *desk, ids map[string]string) {
	storage := d.write("infrastructure", "bucket", fields{"name": "Storage bucket of RUSTED HERON", "infrastructure_types": []string{"exfiltration"},
		"description": "Rented with a stolen card; shut at 15:02, contents kept under a legal hold."})
	ids["bucket"] = storage
	for i := range 8 {
		url := d.observe("url", fields{"value": fmt.Sprintf("https://storage.nimbus-harbour.example/b/weir/%04d", 1207+i)})
		d.relate(storage, "consists-of", url)
	}
	d.relate(ids["heron"], "uses", storage)
}

func analysis(d *desk, ids map[string]string) {
	yara := "rule greyweir { strings: $note = \"WEIR-README.txt\" $ext = \".greyweir\" condition: all of them }"
	rule := d.write("indicator", "greyweir yara", fields{"name": "GREYWEIR on disk", "description": "The ransom note's name and the suffix of encrypted files.", "pattern": yara, "pattern_type": "yara",
		"indicator_types": []string{"malicious-activity"}, "valid_from": d.at.Format(stamp)})
	d.relate(rule, "indicates", ids["greyweir"])
	d.write("malware-analysis", "greyweir", fields{"product": "cert-estmark-lab", "result": "malicious", "submitted": d.at.Add(-2 * time.Hour).Format(stamp),
		"analysis_ended": d.at.Format(stamp), "sample_ref": d.observe("file", fields{"hashes": fields{"SHA-256": fileHash(0)}, "name": "weirsvc.exe"})})
	d.relate(ids["heron"], "uses", ids["greyweir"])
	for _, advice := range []struct{ key, name, text string }{
		{"mfa", "Multi-factor authentication for VPN", "No VPN log-in by password alone, service accounts included."},
		{"segment", "Billing apart from plants", "No route from billing networks to control networks."},
		{"backup", "Backups that cannot be reached", "One copy offline; a restore tried each quarter."},
	} {
		course := d.write("course-of-action", advice.key, fields{"name": advice.name, "description": advice.text})
		d.relate(course, "mitigates", ids["entry"])
		ids[advice.key] = course
	}
	ids["analysis"] = d.report("GREYWEIR at a water utility", "How RUSTED HERON entered, what it ran, and how to find and stop it.", "campaign")
}

// secondRelay is a name that has years to live, so that it is blocked whenever the story
// is told.
const secondRelayName = "weir-keys.example"

func secondRelay(d *desk, ids map[string]string) {
	ind := d.indicator("GREYWEIR relay "+secondRelayName, "Stands in the sample behind the sixteen, and would be asked next.",
		"[domain-name:value = '"+secondRelayName+"']", "command-and-control", 85, 3650)
	d.relate(ind, "indicates", ids["greyweir"])
}

func advisory(d *desk, ids map[string]string) {
	campaign := d.write("campaign", "spring tide", fields{"name": "Billing attacks on water utilities, spring 2026",
		"first_seen": "2026-03-10T05:50:00.000Z", "objective": "Ransom from utilities by way of their billing systems."})
	d.relate(campaign, "attributed-to", ids["heron"])
	d.relate(campaign, "uses", ids["greyweir"])
	for i := range domainCount {
		d.observe("domain-name", fields{"value": relayDomain(i)})
	}
	d.report("Advisory: protect billing systems now", "Check VPN logs since 1 March, turn on multi-factor authentication, look for WEIR-README.txt. Call Tideline, day or night.", "campaign")
}

// falseAlarm is the sixth address: a newer version of the same indicator, revoked.
func falseAlarm(d *desk, ids map[string]string) {
	address := scannerAddress(5)
	ids["false alarm"] = d.write("indicator", "[ipv4-addr:value = '"+address+"']", fields{
		"created": moment("2026-03-10T08:10:00Z"), "revoked": true,
		"name": "VPN password spraying from " + address, "description": "Revoked: a public resolver, seen through a proxy log.",
		"pattern": "[ipv4-addr:value = '" + address + "']", "pattern_type": "stix", "pattern_version": "2.1",
		"indicator_types": []string{"malicious-activity"}, "valid_from": "2026-03-10T08:10:00.000Z",
	})
}

func slip(d *desk, ids map[string]string) {
	ids["slip"] = d.write("note", "slip", fields{"content": "Ask J. Example at the insurer before you say more.", "object_refs": []string{ids["greyweir"]}})
}

func visited(d *desk, ids map[string]string) {
	for i, which := range []int{0, 2, 3, 7, 9, 11, 14, 15, 18, 20, 22, 23} {
		d.sight(ids[fmt.Sprintf("scanner %d", which)], 1+i%4, d.at.Add(-time.Duration(20+i)*time.Hour))
	}
	d.write("opinion", "visited", fields{"opinion": "strongly-agree", "explanation": "Four of eleven utilities confirm by their own logs.",
		"object_refs": []string{ids["heron"]}})
}

func recovered(d *desk, ids map[string]string) {
	d.write("note", "recovered", fields{"abstract": "What helped", "content": "The offline backup, the CERT's rule within three hours, and that the plants were on another network.",
		"object_refs": []string{ids["backup"], ids["segment"]}})
	d.write("opinion", "recovered", fields{"opinion": "strongly-agree", "explanation": "The restore took 26 hours and no ransom.", "object_refs": []string{ids["backup"]}})
}
