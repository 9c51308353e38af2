package stix

import "bytes"

// Validate holds one STIX object, of any type, against STIX 2.1 (OASIS
// Standard, 10 June 2021): what breaks a MUST comes back as an error, what
// breaks a SHOULD as a warning, in the order of the bytes. A bundle is held
// against the rules of bundles, and each of its objects against those of
// objects. No findings means that nothing was found.
//
// How it works, for readers of this package: validate_tree.go parses the bytes
// into a flat tree; the tables (sdo.go, sro.go, observable*.go, meta.go,
// types.go) say for each type which properties there are and how each is
// checked; validate_record.go walks tree and table side by side. Rules that
// need more than one property are functions named in the tables.
func Validate(raw []byte, opts ...ValidateOption) []Finding {
	v := newValidation(opts)
	if bytes.Contains(raw, []byte(`"objects"`)) || bytes.Contains(raw, []byte(`"bundle"`)) {
		return v.bundle(raw)
	}
	return v.object(raw)
}

// bundle collects what the streaming validator finds in what may be a bundle.
func (v *validation) bundle(raw []byte) []Finding {
	var all []Finding
	for f := range v.stream(bytes.NewReader(raw)) {
		all = append(all, f)
	}
	return all
}

// ValidateOption changes what Validate and ValidateAll report.
type ValidateOption func(*validation)

// WithoutRules leaves out the findings of these rules.
func WithoutRules(rules ...string) ValidateOption {
	return func(v *validation) { v.without = append(v.without, rules...) }
}

// MaxFindings sets how many findings one object may have before the rest of it
// is passed over; 200 unless set.
func MaxFindings(n int) ValidateOption { return func(v *validation) { v.most = n } }

// MaxObjectSize sets how many bytes one object may have; 1 MiB unless set. A
// larger one is a finding and is passed over.
func MaxObjectSize(bytes int) ValidateOption { return func(v *validation) { v.size = bytes } }
