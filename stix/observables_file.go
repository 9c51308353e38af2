package stix

// fileObject is section 6.7 with its extensions.
func fileObject() *record {
	r := sco("file", "6.7", []property{
		may("hashes", hashes),
		may("size", notNegative),
		may("name", text),
		may("name_enc", characterSet),
		may("magic_number_hex", hexadecimal),
		may("mime_type", mediaType),
		may("ctime", timestamp),
		may("mtime", timestamp),
		may("atime", timestamp),
		may("parent_directory_ref", reference(to("directory"))),
		may("contains_refs", references(toAny(observable|customObject, "a cyber-observable object"))),
		may("content_ref", reference(to("artifact"))),
	}, oneOrMore("hashes", "name"), needs("name_enc", "name"))
	r.extensions = map[string]*record{
		"archive-ext": defineExtension("archive-ext", "6.7.2", []property{
			must("contains_refs", references(to("file", "directory"))),
			may("comment", text),
		}, containsFile),
		"ntfs-ext": defineExtension("ntfs-ext", "6.7.3", []property{
			may("sid", text),
			may("alternate_data_streams", each(typed(alternateDataStream))),
		}),
		"pdf-ext": defineExtension("pdf-ext", "6.7.4", []property{
			may("version", text),
			may("is_optimized", boolean),
			may("document_info_dict", dictionary(namedKeys, text)),
			may("pdfid0", text),
			may("pdfid1", text),
		}, keysFrom("document_info_dict", pdfInfoKeys, rulePDFInfo, "an entry of a PDF document information dictionary")),
		"raster-image-ext": defineExtension("raster-image-ext", "6.7.5", []property{
			may("image_height", notNegative),
			may("image_width", notNegative),
			may("bits_per_pixel", notNegative),
			may("exif_tags", dictionary(namedKeys, textOrInteger)),
		}),
		"windows-pebinary-ext": defineExtension("windows-pebinary-ext", "6.7.6", []property{
			must("pe_type", openVocabulary(&peTypes)),
			may("imphash", text),
			may("machine_hex", hexadecimal),
			may("number_of_sections", notNegative),
			may("time_date_stamp", seconds),
			may("pointer_to_symbol_table_hex", hexadecimal),
			may("number_of_symbols", notNegative),
			may("size_of_optional_header", notNegative),
			may("characteristics_hex", hexadecimal),
			may("file_header_hashes", hashes),
			may("optional_header", typed(peOptionalHeader)),
			may("sections", each(typed(peSection))),
		}, atLeastOne(nil, "pe_type")),
	}
	return r
}

var alternateDataStream = define("alternate-data-stream-type", "6.7.3", []property{
	must("name", text),
	may("hashes", hashes),
	may("size", notNegative),
})

var peSection = define("windows-pe-section-type", "6.7.6", []property{
	must("name", text),
	may("size", notNegative),
	may("entropy", float),
	may("hashes", hashes),
})

var peOptionalHeader = define("windows-pe-optional-header-type", "6.7.6", []property{
	may("magic_hex", hexadecimal),
	may("major_linker_version", integer),
	may("minor_linker_version", integer),
	may("size_of_code", notNegative),
	may("size_of_initialized_data", notNegative),
	may("size_of_uninitialized_data", notNegative),
	may("address_of_entry_point", integer),
	may("base_of_code", integer),
	may("base_of_data", integer),
	may("image_base", integer),
	may("section_alignment", integer),
	may("file_alignment", integer),
	may("major_os_version", integer),
	may("minor_os_version", integer),
	may("major_image_version", integer),
	may("minor_image_version", integer),
	may("major_subsystem_version", integer),
	may("minor_subsystem_version", integer),
	may("win32_version_value_hex", hexadecimal),
	may("size_of_image", notNegative),
	may("size_of_headers", notNegative),
	may("checksum_hex", hexadecimal),
	may("subsystem_hex", hexadecimal),
	may("dll_characteristics_hex", hexadecimal),
	may("size_of_stack_reserve", notNegative),
	may("size_of_stack_commit", notNegative),
	may("size_of_heap_reserve", notNegative),
	may("size_of_heap_commit", notNegative),
	may("loader_flags_hex", hexadecimal),
	may("number_of_rva_and_sizes", integer),
	may("hashes", hashes),
}, atLeastOne(nil))
