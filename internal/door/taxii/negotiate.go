package taxii

import "entente/taxii"

// acceptable tells whether an Accept header admits what every endpoint answers
// with. No header, or an empty one, admits anything. Section 3.1 leaves open
// what becomes of media types that an endpoint does not define; here they lead
// to 406, application/json as well: a client that asks for it alone does not
// expect an envelope.
func acceptable(header []string) bool {
	if len(header) == 1 && (header[0] == taxii.MediaTAXII || header[0] == "*/*" || header[0] == "") {
		return true
	}
	_, ok := taxii.Negotiate(header, taxii.MediaTAXII)
	return ok
}

// takes tells whether a Content-Type header is one that Add Objects takes;
// anything but TAXII in this version, or without one, leads to 415.
func takes(header []string) bool {
	return len(header) == 1 && taxii.IsTAXII21(header[0])
}
