package pattern

// rule is one demand on a pattern beyond the grammar.
type rule struct {
	name     string
	section  string // of STIX 2.1
	severity Severity
}

// What breaks a MUST of the standard, or can never match by its own words, is
// an error; what merely does not fit the object model is a warning, for a
// pattern may name custom types and properties.
var (
	ruleAndTypes    = rule{"and-types", "9.5", SeverityError}
	ruleRepeated    = rule{"qualifier-repeated", "9.5.1", SeverityError}
	ruleStartStop   = rule{"start-stop", "9.5.1", SeverityError}
	ruleWithin      = rule{"within", "9.5.1", SeverityError}
	ruleRepeats     = rule{"repeats", "9.5.1", SeverityError}
	ruleSet         = rule{"set", "9.6.1", SeverityError}
	ruleSubset      = rule{"subset", "9.6.1", SeverityError}
	ruleDigest      = rule{"digest", "10.7", SeverityError}
	ruleSubsetGuess = rule{"subset", "9.6.1", SeverityWarning}
	ruleDigestGuess = rule{"digest", "10.7", SeverityWarning}
	ruleEmptySet    = rule{"set-empty", "9.6.1", SeverityWarning}
	ruleRegexp      = rule{"regexp", "9.6.1", SeverityWarning}
	ruleDataType    = rule{"data-type", "9.6.1", SeverityWarning}
	ruleCalendar    = rule{"calendar", "9.2", SeverityWarning}
	ruleInteger     = rule{"integer-range", "9.2", SeverityWarning}
	ruleType        = rule{"object-type", "9.7", SeverityWarning}
	ruleTypeName    = rule{"type-name", "3.1", SeverityWarning}
	ruleProperty    = rule{"property", "9.7.1", SeverityWarning}
	ruleName        = rule{"property-name", "3.1", SeverityWarning}
	ruleList        = rule{"list", "9.7.2", SeverityWarning}
	ruleHashName    = rule{"hash-name", "10.7", SeverityWarning}
	ruleExtension   = rule{"extension", "9.7.3", SeverityWarning}
)
