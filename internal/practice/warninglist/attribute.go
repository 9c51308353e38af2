package warninglist

import (
	"strings"

	"entente/stix"
)

// kinds is a set of kinds of values, a bit for each.
type kinds uint32

const all = ^kinds(0)

func of(list ...stix.ValueKind) (k kinds) {
	for _, one := range list {
		k |= 1 << one
	}
	return k
}

func (k kinds) has(one stix.ValueKind) bool { return k&(1<<one) != 0 }

// attributes are the kinds that MISP's attribute types stand for.
var attributes = map[string]kinds{
	"ip-src": of(stix.ValueIP), "ip-dst": of(stix.ValueIP), "ip": of(stix.ValueIP),
	"domain": of(stix.ValueDomain), "hostname": of(stix.ValueDomain),
	"url": of(stix.ValueURL), "uri": of(stix.ValueURL), "link": of(stix.ValueURL),
	"md5": hash, "sha1": hash, "sha224": hash, "sha256": hash, "sha384": hash, "sha512": hash, "sha512/224": hash, "sha512/256": hash,
	"sha3-224": hash, "sha3-256": hash, "sha3-384": hash, "sha3-512": hash, "imphash": hash, "pehash": hash, "impfuzzy": hash, "authentihash": hash,
	"ssdeep": hash, "tlsh": hash, "vhash": hash, "cdhash": hash, "telfhash": hash,
	"x509-fingerprint-md5": hash | cert, "x509-fingerprint-sha1": hash | cert, "x509-fingerprint-sha256": hash | cert,
	"email": mail, "email-src": mail, "email-dst": mail, "target-email": mail, "dns-soa-email": mail, "whois-registrant-email": mail, "email-reply-to": mail,
	"filename": of(stix.ValueFile), "AS": of(stix.ValueASN), "vulnerability": of(stix.ValueCVE),
	"regkey": of(stix.ValueRegKey), "user-agent": of(stix.ValueAgent), "mutex": of(stix.ValueName),
	"btc": wallet, "xmr": wallet, "dash": wallet,
}

var (
	hash   = of(stix.ValueHash)
	cert   = of(stix.ValueCert)
	mail   = of(stix.ValueEmail)
	wallet = of(stix.ValueWallet)
)

// others are what attributes stand for that are not known here.
var others = of(stix.ValueName, stix.ValueOther)

// kindsOf are the kinds of values that a list is about. Of an attribute of two parts,
// as filename|md5, each part counts, but for names and ports that only stand beside.
func kindsOf(l *List) kinds {
	if len(l.Matching) == 0 {
		return all
	}
	var k kinds
	for _, m := range l.Matching {
		first, second, two := strings.Cut(strings.TrimSpace(m), "|")
		switch {
		case two && first == "filename":
			k |= kindOf(second)
		case two && second == "port":
			k |= kindOf(first)
		case two:
			k |= kindOf(first) | kindOf(second)
		default:
			k |= kindOf(first)
		}
	}
	return k
}

func kindOf(attribute string) kinds {
	if k, ok := attributes[attribute]; ok {
		return k
	}
	return others
}
