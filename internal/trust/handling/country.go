package handling

import "slices"

// eea are the countries of the European Economic Area, by ISO 3166-1 alpha-2, where the
// GDPR holds and personal data moves without a ground of its Chapter V: the 27 member
// states (Article 52 TEU, since 1 February 2020) and Iceland, Liechtenstein and Norway
// (EEA Joint Committee Decision 154/2018, in force since 20 July 2018). As of 2026-11-27.
// A part of a state with a code of its own, as RE or AX, is not in it.
var eea = []string{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}

// inEEA tells whether a country, by its code, is in the European Economic Area.
func inEEA(country string) bool { return slices.Contains(eea, country) }

// Nowhere is where a reader of whose country nobody has said anything is, when that
// matters.
const Nowhere = "?"

// Abroad is where personal data goes that a member in one country releases to a reader in
// another, when that is a transfer as GDPR Chapter V has it: out of the EEA, or to where
// nobody knows. Empty when it is none, and when the member has stated no country.
func Abroad(home, country string) string {
	switch {
	case !inEEA(home) || inEEA(country):
		return ""
	case country == "":
		return Nowhere
	}
	return country
}

// abroadWords says where a transfer goes.
func abroadWords(country string) string {
	if country == Nowhere {
		return "a country that is not known, which counts as outside of the EEA"
	}
	return country + ", which is outside of the EEA"
}
