package stix

// The rules, as findings name them. A name, once published, keeps its meaning.
// Those of patterns are named by package pattern, with "pattern-" before them.
const (
	// The bytes.
	ruleJSON         = "json"          // not JSON, or not the strict JSON that is exchanged
	ruleTooBig       = "too-big"       // larger than one object may be
	ruleNotObject    = "not-an-object" // a list, string or number where an object belongs
	ruleManyFindings = "more-findings" // the object has more findings than are shown

	// Data types (section 2).
	ruleMissing      = "missing-property"
	ruleWrongType    = "wrong-type"
	ruleNull         = "null-value"
	ruleEmptyList    = "empty-list"
	ruleEmptyDict    = "empty-dictionary"
	ruleRange        = "out-of-range"
	ruleBinary       = "binary"
	ruleHex          = "hex"
	ruleDictKey      = "dictionary-key"
	ruleDictKeyCase  = "dictionary-key-case"
	ruleHexCase      = "hex-case"
	ruleHashName     = "hash-name"
	ruleHashValue    = "hash-value"
	ruleEnum         = "enumeration"
	ruleVocabulary   = "open-vocabulary"
	ruleVocabForm    = "open-vocabulary-form"
	ruleTimestamp    = "timestamp"
	ruleMillis       = "timestamp-precision"
	ruleTimeOrder    = "timestamp-order"
	ruleIdentifier   = "identifier"
	ruleIDType       = "id-type"
	ruleUUIDVersion  = "uuid-version"
	ruleUUIDRandom   = "uuid-random"
	ruleDeterminate  = "deterministic-id"
	ruleReference    = "reference-type"
	ruleLocalRef     = "local-reference"
	ruleExternalRef  = "external-reference"
	ruleExternalID   = "external-id"
	ruleExternalHash = "external-reference-hashes"
	ruleKillChain    = "kill-chain-form"

	// All objects (sections 3 and 11).
	ruleTypeName       = "type-name"
	rulePropertyName   = "property-name"
	ruleReserved       = "reserved-name"
	ruleSpecVersion    = "spec-version"
	ruleSTIX20         = "stix-2.0"
	ruleNotApplicable  = "not-applicable"
	ruleDeprecated     = "deprecated-property"
	ruleCustomProperty = "custom-property"
	ruleCustomObject   = "custom-object"
	ruleCustomExt      = "custom-extension"
	ruleCustomPrefix   = "custom-prefix"
	ruleLanguage       = "language-tag"
	ruleEncoding       = "character-set"

	// Objects of one type (sections 4 to 8).
	ruleOneOf          = "one-of"       // one of several properties must be there
	ruleTogether       = "together"     // properties that come together or not at all
	ruleExclusive      = "exclusive"    // properties that exclude each other
	ruleAtLeastOne     = "at-least-one" // an object or extension without any property of its own
	ruleRecommended    = "recommended"  // a property that SHOULD be there
	ruleCountry        = "country-code" // location
	ruleProductForm    = "product-form" // malware-analysis
	ruleRelationName   = "relationship-name"
	ruleRelationship   = "relationship-type"
	ruleObjectKeys     = "object-keys" // observed-data, the deprecated form
	ruleIPAddress      = "ip-address"
	ruleMACAddress     = "mac-address"
	ruleDomainName     = "domain-name"
	ruleEmailAddress   = "email-address"
	ruleURL            = "url"
	ruleMediaType      = "media-type"
	ruleCPE            = "cpe"
	ruleRegistryHive   = "registry-hive"
	ruleProtocol       = "protocol-name"
	ruleIPFIX          = "ipfix-name"
	ruleHeaderName     = "http-header-name"
	ruleEncodedWord    = "encoded-word"
	ruleHeaderValues   = "header-values"
	ruleSocketOption   = "socket-option"
	rulePDFInfo        = "pdf-document-info"
	rulePriority       = "process-priority"
	ruleLowercase      = "lowercase"
	ruleMarkingCycle   = "marking-cycle"
	ruleTLP            = "tlp-marking"
	ruleGranular       = "granular-marking"
	ruleSelector       = "selector"
	ruleVersionedSCO   = "versioned-observable"
	ruleValidity       = "validity" // an indicator's pattern looks beyond the time that it is valid
	ruleExtensionKey   = "extension-key"
	ruleExtensionType  = "extension-type"
	ruleExtensionProps = "extension-properties"
	ruleExtensionVers  = "extension-version"
	ruleMaking         = "made-by" // how an object was made, by an extension of this project
	ruleAsset          = "asset"   // what is whose own, by another one
	ruleTranslation    = "translation"
	ruleBundle         = "bundle"
	ruleDuplicate      = "duplicate-object"
	ruleVersionClash   = "version-clash"
)
