package pattern

// rule is one demand on a pattern beyond the grammar.
type rule struct {
	name     string
	section  string // of STIX 2.1
	severity Severity
}

// What breaks the form that the standard demands is an error. What parses but
// can never match (AND over types that no object has both of, STOP before
// START) or does not fit the object model is a warning: such patterns are in
// circulation, the reference parsers take them, and a pattern may name custom
// types and properties. A regular expression that cannot be matched is an error, too,
// though the standard's dialect has it: nobody who reads the pattern here can use it.
var (
	ruleAndTypes    = rule{"and-types", "9.5", SeverityWarning}
	ruleRepeated    = rule{"qualifier-repeated", "9.5.1", SeverityError}
	ruleStartStop   = rule{"start-stop", "9.5.1", SeverityWarning}
	ruleMoment      = rule{"start-stop-string", "9.5.1", SeverityError}
	ruleWithin      = rule{"within", "9.5.1", SeverityError}
	ruleRepeats     = rule{"repeats", "9.5.1", SeverityError}
	ruleSet         = rule{"set", "9.6.1", SeverityError}
	ruleSubset      = rule{"subset", "9.6.1", SeverityError}
	ruleDigest      = rule{"digest", "10.7", SeverityError}
	ruleSubsetGuess = rule{"subset", "9.6.1", SeverityWarning}
	ruleDigestGuess = rule{"digest", "10.7", SeverityWarning}
	ruleEmptySet    = rule{"set-empty", "9.6.1", SeverityWarning}
	ruleRegexp      = rule{"regexp", "9.6.1", SeverityError}
	ruleDataType    = rule{"data-type", "9.6.1", SeverityWarning}
	ruleCalendar    = rule{"calendar", "9.2", SeverityWarning}
	ruleSign        = rule{"number-sign", "9.2", SeverityWarning}
	ruleInteger     = rule{"integer-range", "9.2", SeverityWarning}
	ruleType        = rule{"object-type", "9.7", SeverityWarning}
	ruleTypeName    = rule{"type-name", "3.1", SeverityWarning}
	ruleProperty    = rule{"property", "9.7.1", SeverityWarning}
	ruleName        = rule{"property-name", "3.1", SeverityWarning}
	ruleList        = rule{"list", "9.7.2", SeverityWarning}
	ruleHashName    = rule{"hash-name", "10.7", SeverityWarning}
	ruleExtension   = rule{"extension", "9.7.3", SeverityWarning}
)
