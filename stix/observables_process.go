package stix

// process is section 6.13 with its extensions.
func process() *record {
	r := sco("process", "6.13", []property{
		may("is_hidden", boolean),
		may("pid", integer),
		may("created_time", timestamp),
		may("cwd", text),
		may("command_line", text),
		may("environment_variables", dictionary(namedKeys, text)),
		may("opened_connection_refs", references(to("network-traffic"))),
		may("creator_user_ref", reference(to("user-account"))),
		may("image_ref", reference(to("file"))),
		may("parent_ref", reference(to("process"))),
		may("child_refs", references(to("process"))),
	}, atLeastOne(observableProperties))
	r.extensions = map[string]*record{
		"windows-process-ext": defineExtension("windows-process-ext", "6.13.2", []property{
			may("aslr_enabled", boolean),
			may("dep_enabled", boolean),
			may("priority", priorityClass),
			may("owner_sid", text),
			may("window_title", text),
			may("windows_title", text), // so in Errata 01
			may("startup_info", dictionary(namedKeys, anyValue)),
			may("integrity_level", enumeration(&integrityLevels)),
		}),
		"windows-service-ext": defineExtension("windows-service-ext", "6.13.3", []property{
			may("service_name", text),
			may("descriptions", each(text)),
			may("display_name", text),
			may("group_name", text),
			may("start_type", enumeration(&serviceStartTypes)),
			may("service_dll_refs", references(to("file"))),
			may("service_type", enumeration(&serviceTypes)),
			may("service_status", enumeration(&serviceStatuses)),
		}),
	}
	return r
}
