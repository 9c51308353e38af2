package pattern

// propertiesOf is the object model: the properties of each observable, of its
// predefined extensions and of the structures in them, in the words of lookup
// (STIX 2.1 section 6).
func propertiesOf(owner string) string {
	switch owner {
	case "artifact":
		return `mime_type payload_bin:binary url hashes:hashes encryption_algorithm decryption_key`
	case "autonomous-system":
		return `number:integer name rir`
	case "directory":
		return `path path_enc ctime:timestamp mtime:timestamp atime:timestamp contains_refs[]:>file|directory`
	case "domain-name":
		return `value resolves_to_refs[]:>ipv4-addr|ipv6-addr|domain-name`
	case "email-addr":
		return `value display_name belongs_to_ref:>user-account`
	case "email-message":
		return `is_multipart:boolean date:timestamp content_type from_ref:>email-addr sender_ref:>email-addr
			to_refs[]:>email-addr cc_refs[]:>email-addr bcc_refs[]:>email-addr message_id subject
			received_lines[] additional_header_fields:dictionary body body_multipart[]:{email-mime-part}
			raw_email_ref:>artifact`
	case "email-mime-part":
		return `body body_raw_ref:>artifact|file content_type content_disposition`
	case "file":
		return `hashes:hashes size:integer name name_enc magic_number_hex:hex mime_type ctime:timestamp
			mtime:timestamp atime:timestamp parent_directory_ref:>directory contains_refs[]:>
			content_ref:>artifact`
	case "archive-ext":
		return `contains_refs[]:>file|directory comment`
	case "ntfs-ext":
		return `sid alternate_data_streams[]:{alternate-data-stream}`
	case "alternate-data-stream":
		return `name hashes:hashes size:integer`
	case "pdf-ext":
		return `version is_optimized:boolean document_info_dict:dictionary pdfid0 pdfid1`
	case "raster-image-ext":
		return `image_height:integer image_width:integer bits_per_pixel:integer exif_tags:dictionary`
	case "windows-pebinary-ext":
		return `pe_type imphash machine_hex:hex number_of_sections:integer time_date_stamp:timestamp
			pointer_to_symbol_table_hex:hex number_of_symbols:integer size_of_optional_header:integer
			characteristics_hex:hex file_header_hashes:hashes optional_header:{pe-optional-header}
			sections[]:{pe-section}`
	case "pe-optional-header":
		return `magic_hex:hex major_linker_version:integer minor_linker_version:integer size_of_code:integer
			size_of_initialized_data:integer size_of_uninitialized_data:integer
			address_of_entry_point:integer base_of_code:integer base_of_data:integer image_base:integer
			section_alignment:integer file_alignment:integer major_os_version:integer
			minor_os_version:integer major_image_version:integer minor_image_version:integer
			major_subsystem_version:integer minor_subsystem_version:integer win32_version_value_hex:hex
			size_of_image:integer size_of_headers:integer checksum_hex:hex subsystem_hex:hex
			dll_characteristics_hex:hex size_of_stack_reserve:integer size_of_stack_commit:integer
			size_of_heap_reserve:integer size_of_heap_commit:integer loader_flags_hex:hex
			number_of_rva_and_sizes:integer hashes:hashes`
	case "pe-section":
		return `name size:integer entropy:float hashes:hashes`
	case "ipv4-addr", "ipv6-addr":
		return `value resolves_to_refs[]:>mac-addr belongs_to_refs[]:>autonomous-system`
	case "mac-addr", "url":
		return `value`
	case "mutex":
		return `name`
	case "network-traffic":
		return `start:timestamp end:timestamp is_active:boolean src_ref:>ipv4-addr|ipv6-addr|mac-addr|domain-name
			dst_ref:>ipv4-addr|ipv6-addr|mac-addr|domain-name src_port:integer dst_port:integer
			protocols[] src_byte_count:integer dst_byte_count:integer src_packets:integer
			dst_packets:integer ipfix:dictionary src_payload_ref:>artifact dst_payload_ref:>artifact
			encapsulates_refs[]:>network-traffic encapsulated_by_ref:>network-traffic`
	case "http-request-ext":
		return `request_method request_value request_version request_header:dictionary
			message_body_length:integer message_body_data_ref:>artifact`
	case "icmp-ext":
		return `icmp_type_hex:hex icmp_code_hex:hex`
	case "socket-ext":
		return `address_family is_blocking:boolean is_listening:boolean options:dictionary socket_type
			socket_descriptor:integer socket_handle:integer`
	case "tcp-ext":
		return `src_flags_hex:hex dst_flags_hex:hex`
	case "process":
		return `is_hidden:boolean pid:integer created_time:timestamp cwd command_line
			environment_variables:dictionary opened_connection_refs[]:>network-traffic
			creator_user_ref:>user-account image_ref:>file parent_ref:>process child_refs[]:>process`
	case "windows-process-ext":
		return `aslr_enabled:boolean dep_enabled:boolean priority owner_sid window_title
			startup_info:dictionary integrity_level`
	case "windows-service-ext":
		return `service_name descriptions[] display_name group_name start_type service_dll_refs[]:>file
			service_type service_status`
	case "software":
		return `name cpe swid languages[] vendor version`
	case "user-account":
		return `user_id credential account_login account_type display_name is_service_account:boolean
			is_privileged:boolean can_escalate_privs:boolean is_disabled:boolean
			account_created:timestamp account_expires:timestamp credential_last_changed:timestamp
			account_first_login:timestamp account_last_login:timestamp`
	case "unix-account-ext":
		return `gid:integer groups[] home_dir shell`
	case "windows-registry-key":
		return `key values[]:{registry-value} modified_time:timestamp creator_user_ref:>user-account
			number_of_subkeys:integer`
	case "registry-value":
		return `name data data_type`
	case "x509-certificate":
		return `is_self_signed:boolean hashes:hashes version serial_number signature_algorithm issuer
			validity_not_before:timestamp validity_not_after:timestamp subject
			subject_public_key_algorithm subject_public_key_modulus subject_public_key_exponent:integer
			x509_v3_extensions:{x509-v3-extensions}`
	case "x509-v3-extensions":
		return `basic_constraints name_constraints policy_constraints key_usage extended_key_usage
			subject_key_identifier authority_key_identifier subject_alternative_name
			issuer_alternative_name subject_directory_attributes crl_distribution_points
			inhibit_any_policy private_key_usage_period_not_before:timestamp
			private_key_usage_period_not_after:timestamp certificate_policies policy_mappings`
	}
	return ""
}
