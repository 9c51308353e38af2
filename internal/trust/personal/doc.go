// Package personal finds data about people in STIX objects.
//
// [Find] reads one object and says what it found: addresses of e-mail, telephone
// numbers, numbers of people with check digits, payment cards, accounts by IBAN, and
// the names of individuals; addresses of the Internet only where the object says of
// itself that it is about people. [Of] reads what somebody asks about, so that it is
// found by the same text.
//
// A false hit withholds an object from those who need it, so what is a bare number
// counts only with a check digit and a form or a word beside it that says what it is.
// What is addressed to an office (abuse@, noc@; RFC 2142) is no person's. Nothing is
// looked up and nothing kept; the time is linear in the bytes of the object.
//
// What is recognised, and by what, stands in docs/reference/personal-data.md.
package personal
