package stix

// observables are the tables of section 6; files, network traffic and processes,
// which have extensions, are in files of their own.
func observables() []*record {
	return []*record{
		sco("artifact", "6.1", []property{
			may("mime_type", mediaType),
			may("payload_bin", binaryData),
			may("url", locator),
			may("hashes", hashes),
			may("encryption_algorithm", enumeration(&encryptionAlgorithms)),
			may("decryption_key", text),
		}, exactlyOne("payload_bin", "url"), needs("url", "hashes"), needs("decryption_key", "encryption_algorithm")),
		sco("autonomous-system", "6.2", []property{
			must("number", notNegative),
			may("name", text),
			may("rir", text),
		}),
		sco("directory", "6.3", []property{
			must("path", text),
			may("path_enc", characterSet),
			may("ctime", timestamp),
			may("mtime", timestamp),
			may("atime", timestamp),
			may("contains_refs", references(to("file", "directory"))),
		}, needs("path_enc", "path")),
		sco("domain-name", "6.4", []property{
			must("value", domainName),
			may("resolves_to_refs", references(to("ipv4-addr", "ipv6-addr", "domain-name"))),
		}),
		sco("email-addr", "6.5", []property{
			must("value", emailAddress),
			may("display_name", text),
			may("belongs_to_ref", reference(to("user-account"))),
		}),
		sco("email-message", "6.6", []property{
			must("is_multipart", boolean),
			may("date", timestamp),
			may("content_type", text),
			may("from_ref", reference(to("email-addr"))),
			may("sender_ref", reference(to("email-addr"))),
			may("to_refs", references(to("email-addr"))),
			may("cc_refs", references(to("email-addr"))),
			may("bcc_refs", references(to("email-addr"))),
			may("message_id", text),
			may("subject", headerText),
			may("received_lines", each(headerText)),
			may("additional_header_fields", dictionary(namedKeys, headerValues)),
			may("body", text),
			may("body_multipart", each(typed(mimePart))),
			may("raw_email_ref", reference(to("artifact"))),
		}, multipart),
		fileObject(),
		sco("ipv4-addr", "6.8", []property{
			must("value", address(4)),
			may("resolves_to_refs", references(to("mac-addr"))),
			may("belongs_to_refs", references(to("autonomous-system"))),
		}),
		sco("ipv6-addr", "6.9", []property{
			must("value", address(6)),
			may("resolves_to_refs", references(to("mac-addr"))),
			may("belongs_to_refs", references(to("autonomous-system"))),
		}),
		sco("mac-addr", "6.10", []property{
			must("value", macAddress),
		}),
		sco("mutex", "6.11", []property{
			must("name", text),
		}),
		networkTraffic(),
		process(),
		sco("software", "6.14", []property{
			must("name", text),
			may("cpe", platformName),
			may("swid", text),
			may("languages", each(languageTag)),
			may("vendor", text),
			may("version", text),
		}),
		sco("url", "6.15", []property{
			must("value", locator),
		}),
		userAccount(),
		sco("windows-registry-key", "6.17", []property{
			may("key", registryKey),
			may("values", each(typed(registryValue))),
			may("modified_time", timestamp),
			may("creator_user_ref", reference(to("user-account"))),
			may("number_of_subkeys", notNegative),
		}, atLeastOne(observableProperties)),
		sco("x509-certificate", "6.18", []property{
			may("is_self_signed", boolean),
			may("hashes", hashes),
			may("version", text),
			may("serial_number", text),
			may("signature_algorithm", text),
			may("issuer", text),
			may("validity_not_before", timestamp),
			may("validity_not_after", timestamp),
			may("subject", headerText),
			may("subject_public_key_algorithm", text),
			may("subject_public_key_modulus", text),
			may("subject_public_key_exponent", integer),
			may("x509_v3_extensions", typed(x509v3Extensions)),
		}, atLeastOne(observableProperties)),
	}
}

func sco(name, section string, own []property, rules ...rule) *record {
	return defineObject(observable, name, section, with(observableProperties, own...), rules...)
}

// userAccount is section 6.16.
func userAccount() *record {
	r := sco("user-account", "6.16", []property{
		may("user_id", text),
		may("credential", text),
		may("account_login", text),
		may("account_type", openVocabulary(&accountTypes)),
		may("display_name", text),
		may("is_service_account", boolean),
		may("is_privileged", boolean),
		may("can_escalate_privs", boolean),
		may("is_disabled", boolean),
		may("account_created", timestamp),
		may("account_expires", timestamp),
		may("credential_last_changed", timestamp),
		may("account_first_login", timestamp),
		may("account_last_login", timestamp),
	}, atLeastOne(observableProperties))
	r.extensions = map[string]*record{
		"unix-account-ext": defineExtension("unix-account-ext", "6.16.2", []property{
			may("gid", integer),
			may("groups", each(text)),
			may("home_dir", text),
			may("shell", text),
		}),
	}
	return r
}

// mimePart is a part of the body of an email message (section 6.6.2).
var mimePart = define("email-mime-part-type", "6.6.2", []property{
	may("body", text),
	may("body_raw_ref", reference(to("artifact", "file"))),
	may("content_type", text),
	may("content_disposition", text),
}, exactlyOne("body", "body_raw_ref"))

// registryValue is a value of a Windows registry key (section 6.17.2).
var registryValue = define("windows-registry-value-type", "6.17.2", []property{
	may("name", text),
	may("data", text),
	may("data_type", enumeration(&registryDatatypes)),
}, oneOrMore("name", "data", "data_type"))

// x509v3Extensions is section 6.18.2.
var x509v3Extensions = define("x509-v3-extensions-type", "6.18.2", []property{
	may("basic_constraints", text),
	may("name_constraints", text),
	may("policy_constraints", text),
	may("key_usage", text),
	may("extended_key_usage", text),
	may("subject_key_identifier", text),
	may("authority_key_identifier", text),
	may("subject_alternative_name", text),
	may("issuer_alternative_name", text),
	may("subject_directory_attributes", text),
	may("crl_distribution_points", text),
	may("inhibit_any_policy", text),
	may("private_key_usage_period_not_before", timestamp),
	may("private_key_usage_period_not_after", timestamp),
	may("certificate_policies", text),
	may("policy_mappings", text),
}, atLeastOne(nil))

// defineExtension makes the record of a predefined extension, which has at least
// one property.
func defineExtension(name, section string, props []property, rules ...rule) *record {
	return define(name, section, props, append([]rule{atLeastOne(nil)}, rules...)...)
}

// predefinedExtensions are the keys of all of them (section 3.10).
var predefinedExtensions = []string{
	"archive-ext", "ntfs-ext", "pdf-ext", "raster-image-ext", "windows-pebinary-ext",
	"http-request-ext", "icmp-ext", "socket-ext", "tcp-ext",
	"windows-process-ext", "windows-service-ext", "unix-account-ext",
}
