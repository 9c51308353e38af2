package stix

import "slices"

// metaObjects are the tables of section 7.
func metaObjects() []*record {
	return []*record{
		meta("language-content", "7.1", []property{
			must("object_ref", reference(anyObject)),
			may("object_modified", timestamp),
			must("contents", dictionary(namedKeys, translations)),
		}, []string{"lang"}, modifiedOrder, translatedLanguages),
		meta("marking-definition", "7.2.1", []property{
			may("name", text),
			may("definition_type", openVocabulary(&markingTypes)),
			may("definition", anyObjectValue),
		}, []string{"modified", "revoked", "labels", "confidence", "lang"}, markingContent, tlp2Instance, iepPeriod),
		meta("extension-definition", "7.3", []property{
			must("created_by_ref", reference(creator)),
			must("name", text),
			may("description", text),
			must("schema", text),
			must("version", extensionVersion),
			must("extension_types", each(enumeration(&extensionTypes))),
			may("extension_properties", each(extensionPropertyName)),
		}, []string{"confidence", "lang", "extensions"}, modifiedOrder, recommended("description"), toplevelProperties),
	}
}

// meta makes the table of a meta object, which does without some of the common
// properties.
func meta(name, section string, own []property, without []string, rules ...rule) *record {
	var common []property
	for _, p := range commonProperties {
		if !slices.Contains(without, p.name) {
			common = append(common, p)
		}
	}
	return defineObject(metaObject, name, section, with(common, own...), rules...)
}

// The contents of marking definitions (sections 7.2.1.3 and 7.2.1.4).
var (
	statementMarking = define("statement", "7.2.1.3", []property{must("statement", text)})
	tlpMarking       = define("tlp", "7.2.1.4", []property{must("tlp", text)})
)
