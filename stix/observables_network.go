package stix

// networkTraffic is section 6.12 with its extensions.
func networkTraffic() *record {
	ends := to("ipv4-addr", "ipv6-addr", "mac-addr", "domain-name")
	r := sco("network-traffic", "6.12", []property{
		may("start", timestamp),
		may("end", timestamp),
		may("is_active", boolean),
		may("src_ref", reference(ends)),
		may("dst_ref", reference(ends)),
		may("src_port", between(0, 65535)),
		may("dst_port", between(0, 65535)),
		must("protocols", each(protocolName)),
		may("src_byte_count", notNegative),
		may("dst_byte_count", notNegative),
		may("src_packets", notNegative),
		may("dst_packets", notNegative),
		may("ipfix", dictionary(namedKeys, textOrInteger)),
		may("src_payload_ref", reference(to("artifact"))),
		may("dst_payload_ref", reference(to("artifact"))),
		may("encapsulates_refs", references(to("network-traffic"))),
		may("encapsulated_by_ref", reference(to("network-traffic"))),
	}, oneOrMore("src_ref", "dst_ref"), recommended("src_port", "dst_port"), endedOrActive, notBefore("end", "start"),
		flowElements, extensionProtocol)
	r.extensions = map[string]*record{
		"http-request-ext": defineExtension("http-request-ext", "6.12.2", []property{
			must("request_method", lowercase),
			must("request_value", text),
			may("request_version", lowercase),
			may("request_header", dictionary(namedKeys, headerValues)),
			may("message_body_length", notNegative),
			may("message_body_data_ref", reference(to("artifact"))),
		}, keysFrom("request_header", httpRequestHeaders, ruleHeaderName, "a header field of HTTP requests")),
		"icmp-ext": defineExtension("icmp-ext", "6.12.3", []property{
			must("icmp_type_hex", hexadecimal),
			must("icmp_code_hex", hexadecimal),
		}),
		"socket-ext": defineExtension("socket-ext", "6.12.4", []property{
			must("address_family", enumeration(&addressFamilies)),
			may("is_blocking", boolean),
			may("is_listening", boolean),
			may("options", dictionary(namedKeys, integer)),
			may("socket_type", enumeration(&socketTypes)),
			may("socket_descriptor", notNegative),
			may("socket_handle", integer),
		}, keysFrom("options", socketOptions, ruleSocketOption, "a socket option")),
		"tcp-ext": defineExtension("tcp-ext", "6.12.5", []property{
			may("src_flags_hex", hexadecimal),
			may("dst_flags_hex", hexadecimal),
		}),
	}
	return r
}
