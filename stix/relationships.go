package stix

// anyObservable stands in the table for every type of SCO.
const anyObservable = "any cyber-observable object"

// relationships are those that the specification defines: source, then
// relationship type, then targets. The common ones (section 3.7), which all
// types have, are not repeated.
var relationships = map[string]map[string][]string{
	"attack-pattern": {
		"delivers": {"malware"},
		"targets":  {"identity", "location", "vulnerability"},
		"uses":     {"malware", "tool"},
	},
	"campaign": {
		"attributed-to":   {"intrusion-set", "threat-actor"},
		"compromises":     {"infrastructure"},
		"originates-from": {"location"},
		"targets":         {"identity", "location", "vulnerability"},
		"uses":            {"attack-pattern", "infrastructure", "malware", "tool"},
	},
	"course-of-action": {
		"investigates": {"indicator"},
		"mitigates":    {"attack-pattern", "indicator", "malware", "tool", "vulnerability"},
		"remediates":   {"malware", "vulnerability"},
	},
	"domain-name": {
		"resolves-to": {"domain-name", "ipv4-addr", "ipv6-addr"},
	},
	"identity": {
		"located-at": {"location"},
	},
	"indicator": {
		"based-on":  {"observed-data"},
		"indicates": {"attack-pattern", "campaign", "infrastructure", "intrusion-set", "malware", "threat-actor", "tool"},
	},
	"infrastructure": {
		"communicates-with": {"infrastructure", "ipv4-addr", "ipv6-addr", "domain-name", "url"},
		"consists-of":       {"infrastructure", "observed-data", anyObservable},
		"controls":          {"infrastructure", "malware"},
		"delivers":          {"malware"},
		"has":               {"vulnerability"},
		"hosts":             {"tool", "malware"},
		"located-at":        {"location"},
		"uses":              {"infrastructure"},
	},
	"intrusion-set": {
		"attributed-to":   {"threat-actor"},
		"compromises":     {"infrastructure"},
		"hosts":           {"infrastructure"},
		"owns":            {"infrastructure"},
		"originates-from": {"location"},
		"targets":         {"identity", "location", "vulnerability"},
		"uses":            {"attack-pattern", "infrastructure", "malware", "tool"},
	},
	"ipv4-addr": {
		"resolves-to": {"mac-addr"},
		"belongs-to":  {"autonomous-system"},
	},
	"ipv6-addr": {
		"resolves-to": {"mac-addr"},
		"belongs-to":  {"autonomous-system"},
	},
	"malware": {
		"authored-by":       {"threat-actor", "intrusion-set"},
		"beacons-to":        {"infrastructure"},
		"exfiltrates-to":    {"infrastructure"},
		"communicates-with": {"ipv4-addr", "ipv6-addr", "domain-name", "url"},
		"controls":          {"malware"},
		"downloads":         {"malware", "tool", "file"},
		"drops":             {"malware", "tool", "file"},
		"exploits":          {"vulnerability"},
		"originates-from":   {"location"},
		"targets":           {"identity", "infrastructure", "location", "vulnerability"},
		"uses":              {"attack-pattern", "infrastructure", "malware", "tool"},
		"variant-of":        {"malware"},
	},
	"malware-analysis": {
		"characterizes":       {"malware"},
		"analysis-of":         {"malware"},
		"av-analysis-of":      {"malware"},
		"static-analysis-of":  {"malware"},
		"dynamic-analysis-of": {"malware"},
	},
	"threat-actor": {
		"attributed-to": {"identity"},
		"compromises":   {"infrastructure"},
		"hosts":         {"infrastructure"},
		"owns":          {"infrastructure"},
		"impersonates":  {"identity"},
		"located-at":    {"location"},
		"targets":       {"identity", "location", "vulnerability"},
		"uses":          {"attack-pattern", "infrastructure", "malware", "tool"},
	},
	"tool": {
		"delivers": {"malware"},
		"drops":    {"malware"},
		"has":      {"vulnerability"},
		"targets":  {"identity", "infrastructure", "location", "vulnerability"},
		"uses":     {"infrastructure"},
	},
}
