package stix

import "sync"

// objectTypes gives the table of every type that the specification defines,
// bundles excepted, by the name of the type.
var objectTypes = sync.OnceValue(func() map[string]*record {
	all := map[string]*record{"bundle": {name: "bundle", section: "8", class: bundleObject}}
	for _, table := range [][]*record{domainObjects(), relationshipObjects(), observables(), metaObjects()} {
		for _, r := range table {
			all[r.name] = r
		}
	}
	return all
})

// The common properties (section 3.2) of each class of objects.
var (
	identityProperties = in("3.2",
		must("type", typeName),
		new21(must("spec_version", version21)),
		must("id", ownID),
	)
	markingProperties = in("3.2",
		may("object_marking_refs", markingRefs),
		may("granular_markings", each(typed(granularMarking))),
	)
	extensionsProperty = in("3.2", may("extensions", extensions))

	// versionProperties are those of objects that have versions.
	versionProperties = in("3.2",
		may("created_by_ref", reference(creator)),
		must("created", millis),
		must("modified", millis),
		may("revoked", boolean),
		may("labels", each(text)),
		may("confidence", between(0, 100)),
		may("lang", languageTag),
		may("external_references", each(typed(externalReference))),
	)
	commonProperties = join(identityProperties, versionProperties, markingProperties, extensionsProperty)

	// observableProperties are those of SCOs, which need no version of the
	// specification.
	observableProperties = join(
		in("3.2", must("type", typeName), may("spec_version", version21), must("id", ownID), may("defanged", boolean)),
		markingProperties, extensionsProperty,
	)
)

func join(lists ...[]property) []property {
	var all []property
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// creator is the target of created_by_ref. The text names identities without a
// MUST, so that a type from elsewhere passes with a warning.
var creator = targets{types: []string{"identity"}, custom: Warning, what: "an identity"}

// The records of objects whose type the specification does not define
// (sections 7.3 and 11.2).
var (
	customDomainObject = defineObject(customObject, "custom object", "11.2", commonProperties, modifiedOrder)
	customObservable   = defineObject(customObject, "custom observable", "11.2", observableProperties)
)

// defineObject makes the record of a type of STIX objects.
func defineObject(k class, name, section string, props []property, rules ...rule) *record {
	r := define(name, section, props, rules...)
	r.class = k
	return r
}

// externalReference is the type of section 2.5.
var externalReference = define("external-reference", "2.5", []property{
	must("source_name", text),
	may("description", text),
	may("url", urlReference),
	may("hashes", hashes),
	may("external_id", text),
}, pointsSomewhere, hashedURL, vulnerabilityName, attackPatternName)

// killChainPhase is the type of section 2.11.
var killChainPhase = define("kill-chain-phase", "2.11", []property{
	must("kill_chain_name", killChainName),
	must("phase_name", killChainName),
})
