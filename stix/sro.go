package stix

// relationshipObjects are the tables of section 5.
func relationshipObjects() []*record {
	ends := toAny(domainObject|observable|customObject, "a domain or cyber-observable object")
	return []*record{
		sro("relationship", "5.1", []property{
			must("relationship_type", relationshipName),
			may("description", text),
			must("source_ref", reference(ends)),
			must("target_ref", reference(ends)),
			may("start_time", timestamp),
			may("stop_time", timestamp),
		}, after("stop_time", "start_time"), definedRelationship),
		sro("sighting", "5.2", []property{
			may("description", text),
			may("first_seen", timestamp),
			may("last_seen", timestamp),
			may("count", between(0, 999_999_999)),
			must("sighting_of_ref", reference(toAny(domainObject|customObject, "a domain object"))),
			may("observed_data_refs", references(to("observed-data"))),
			may("where_sighted_refs", references(to("identity", "location"))),
			may("summary", boolean),
		}, notBefore("last_seen", "first_seen")),
	}
}

func sro(name, section string, own []property, rules ...rule) *record {
	r := sdo(name, section, own, rules...)
	r.class = relationshipObject
	return r
}
