package lookup

import "strings"

// What types, kinds and the words of STIX's vocabularies are called by people
// who do not know STIX.
var (
	typeWords = map[string]string{
		"attack-pattern": "attack technique", "campaign": "campaign", "course-of-action": "advice", "grouping": "group of objects",
		"identity": "organisation or person", "incident": "incident", "indicator": "indicator", "infrastructure": "infrastructure",
		"intrusion-set": "attacker group", "location": "place", "malware": "malware", "malware-analysis": "malware analysis",
		"note": "note", "observed-data": "observation", "opinion": "opinion", "report": "report", "threat-actor": "threat actor",
		"tool": "tool", "vulnerability": "vulnerability", "relationship": "relationship", "sighting": "sighting",
		"marking-definition": "marking", "extension-definition": "extension", "language-content": "translation",
		"artifact": "captured content", "autonomous-system": "network operator (AS)", "directory": "folder", "domain-name": "domain name",
		"email-addr": "e-mail address", "email-message": "e-mail", "file": "file", "ipv4-addr": "IP address", "ipv6-addr": "IP address",
		"mac-addr": "hardware address", "mutex": "mutex", "network-traffic": "network traffic", "process": "process",
		"software": "software", "url": "web address", "user-account": "user account",
		"windows-registry-key": "registry key", "x509-certificate": "certificate",
	}
	kindWords = map[string]string{
		"ip": "IP address", "domain": "domain name", "url": "web address", "hash": "hash", "email": "e-mail address", "cve": "vulnerability",
		"wallet": "wallet", "asn": "network operator (AS)", "file": "file name", "cert": "certificate", "regkey": "registry key",
		"agent": "user agent", "name": "name", "other": "text",
	}
	hashWords = map[int]string{32: "MD5 hash", 40: "SHA-1 hash", 56: "SHA-224 hash", 64: "SHA-256 hash", 96: "SHA-384 hash", 128: "SHA-512 hash"}
)

// TypeWords says in words what an object of a type is.
func TypeWords(typ string) string {
	if w, ok := typeWords[typ]; ok {
		return w
	}
	return strings.ReplaceAll(strings.TrimPrefix(typ, "x-"), "-", " ")
}

// Words says in words what a value is.
func (v Value) Words() string {
	switch {
	case v.Kind == "ip" && strings.Contains(v.Text, "/"):
		return "network"
	case v.Kind == "hash" && hashWords[len(v.Text)] != "":
		return hashWords[len(v.Text)]
	}
	return kindWords[v.Kind]
}

// Sure says in words how sure a confidence of 0 to 100 is (STIX 2.1, appendix A).
func Sure(confidence int) string {
	switch {
	case confidence <= 0:
		return "no confidence"
	case confidence < 30:
		return "low confidence"
	case confidence < 70:
		return "medium confidence"
	}
	return "high confidence"
}

// relationWords is how a relation is told; the finding stands before it, or
// behind it when the relation is inward.
var relationWords = map[string]string{
	"object_refs": "named in", "sighting_of_ref": "seen in", "sample_refs": "sample of", "resolves_to_refs": "a name of it is",
	"parent_ref": "in it is", "contains_refs": "contained in", "belongs_to_refs": "to it belongs",
}

// Words says in words how a finding and the other object stand to each other.
func (m Mention) Words() string {
	other := TypeWords(m.Type)
	if m.Name != "" {
		other += " " + m.Name
	} else {
		other += " " + m.ID
	}
	relation := strings.ReplaceAll(m.Relation, "-", " ")
	words, known := relationWords[m.Relation]
	switch {
	case !m.Inward:
		return relation + " " + other
	case known:
		return words + " " + other
	case strings.HasSuffix(m.Relation, "_ref"), strings.HasSuffix(m.Relation, "_refs"):
		return "referred to by " + other
	}
	return other + " " + relation + " it"
}

// TLPWords says in words to whom a TLP label lets something go.
func TLPWords(label string) string {
	switch label {
	case "clear":
		return "for everyone"
	case "green":
		return "for the community, not for the public"
	case "amber":
		return "for this organisation and its clients, who need to know"
	case "amber+strict":
		return "for this organisation alone"
	case "red":
		return "for named persons alone"
	}
	return "not marked"
}
