package match

import (
	"errors"
	"strings"
	"testing"
)

// A lamp and what hangs on it, as 2.1 writes it: by object_refs.
const lamp = `{"type":"bundle","id":"bundle--1","objects":[
 {"type":"observed-data","id":"observed-data--1","first_observed":"2024-05-01T12:00:00Z","last_observed":"2024-05-01T12:00:00Z",
  "number_observed":1,"object_refs":["lamp--1","lamp--2","wire_kind--1"]},
 {"type":"lamp","id":"lamp--1","watts":7,"volts":11.25,"even":40.0,"on":true,"maker":"halogen","addr":"198.51.100.77","net":"203.0.113.0/26",
  "v6":"2001:db8::77","lit":"2023-02-03T04:05:06.5Z","lit_nano":"2023-02-03T04:05:06.123456789Z","never":null,"big":9007199254740993,
  "glyphs":{"nfc":"\u1e69","nfd":"s\u0323\u0307","alt":"\u1e61\u0323"},"shades":["red","green"],"none":[],"lines":"one\ntwo",
  "odd-name":{"dotted.name":5},"hashes":{"MD5":"79054025255fb1a26e4bc422aef54eb4","SSDEEP":"3:AbC"},
  "extensions":{"bulb-ext":{"sockets":[{"size":27},{"size":14}]}},
  "wired_ref":"wire_kind--1","next_ref":"lamp--2","near_refs":["lamp--2","lamp--1"],"gone_ref":"lamp--9"},
 {"type":"lamp","id":"lamp--2","watts":60,"maker":"arc","next_ref":"lamp--1","near_refs":["lamp--1","lamp--2"]},
 {"type":"wire_kind","id":"wire_kind--1","name":"cobalt","wide":"\u0107obalt","name_hex":"636f62616c74","name_bin":"Y29iYWx0","raw_hex":"000a0d41","bad_hex":"xyz"},
 {"type":"lamp","id":"lamp--3","maker":"unseen"}]}`

func TestOneObservation(t *testing.T) {
	for pattern, want := range map[string]string{
		// Numbers of either kind; types that do not compare are unequal.
		"[lamp:watts = 7]": "yes", "[lamp:watts != 7 AND lamp:volts = 11.25]": "no", "[lamp:watts NOT != 7]": "yes",
		"[lamp:watts > 6.9 AND lamp:watts < 7.1]": "yes", "[lamp:watts >= 7 AND lamp:watts <= 7]": "yes",
		"[lamp:watts NOT < 7]": "yes", "[lamp:even = 40]": "yes", "[lamp:even IN (39, 40.0)]": "yes",
		"[lamp:watts IN (-7, 7, 8.5)]": "yes", "[lamp:watts NOT IN (7, 60)]": "no", "[lamp:watts NOT IN ('x')]": "yes",
		"[lamp:watts = '7']": "no", "[lamp:watts != '7']": "yes", "[lamp:watts = true]": "no", "[lamp:on = 1]": "no",
		"[lamp:watts != h'07']": "yes", "[lamp:watts > h'07']": "no", "[lamp:watts < b'Bw==']": "no",
		"[lamp:watts > t'2020-01-01T00:00:00Z']": "no", "[lamp:watts LIKE '7%']": "no", "[lamp:watts NOT LIKE '7%']": "yes",
		"[lamp:watts MATCHES '7']": "no", "[lamp:watts NOT MATCHES '7']": "yes",
		"[lamp:big = 9007199254740993]": "yes", "[lamp:big = 9007199254740992]": "no",
		// Booleans and strings.
		"[lamp:on = true]": "yes", "[lamp:on NOT = false]": "yes", "[lamp:on IN (false, true)]": "yes", "[lamp:on != 'true']": "yes",
		"[lamp:maker = 'halogen']": "yes", "[lamp:maker = 'Halogen']": "no", "[lamp:maker > 'hal' AND lamp:maker < 'hb']": "yes",
		"[lamp:maker != 5]": "yes", "[lamp:maker IN ('x', 'arc')]": "yes", "[lamp:maker IN ()]": "no", "[lamp:maker NOT IN ()]": "yes",
		// LIKE is the whole value, MATCHES a part of it.
		"[lamp:maker LIKE 'halo']": "no", "[lamp:maker LIKE 'halo%']": "yes", "[lamp:maker LIKE 'h_l_gen']": "yes", "[lamp:maker LIKE 'h%g_n']": "yes",
		"[lamp:maker LIKE '%']": "yes", "[lamp:maker LIKE '_______%_']": "no", "[lamp:lines LIKE 'one%two']": "yes", "[lamp:maker NOT LIKE '%a%']": "no",
		"[lamp:maker MATCHES 'log']": "yes", "[lamp:maker MATCHES '^log']": "no", "[lamp:maker MATCHES 'gen$']": "yes", "[lamp:maker MATCHES '']": "yes",
		"[lamp:maker MATCHES '(?i)HALO']": "yes", "[lamp:lines MATCHES 'one.two']": "no", "[lamp:lines MATCHES '(?s)one.two']": "yes",
		"[lamp:lines MATCHES '(?m)^two']": "yes", "[lamp:maker MATCHES '(?P<letter>h)']": "yes",
		// NFC is for LIKE and MATCHES alone.
		"[lamp:glyphs.nfd LIKE '\u1e69']": "yes", "[lamp:glyphs.nfc LIKE 's\u0323\u0307']": "yes", "[lamp:glyphs.alt MATCHES '^\u1e69$']": "yes",
		"[lamp:glyphs.nfd = '\u1e69']": "no", "[lamp:glyphs.nfd != '\u1e69']": "yes", "[lamp:glyphs.nfd IN ('\u1e69')]": "no", "[lamp:glyphs.nfd = 's\u0323\u0307']": "yes",
		// Timestamps are instants, of any precision.
		"[lamp:lit = t'2023-02-03T04:05:06.500Z']": "yes", "[lamp:lit > t'2023-02-03T04:05:06Z' AND lamp:lit < t'3000-01-01T00:00:00Z']": "yes",
		"[lamp:lit_nano = t'2023-02-03T04:05:06.123456789Z']": "yes", "[lamp:lit_nano != t'2023-02-03T04:05:06.123456789Z']": "no",
		"[lamp:lit IN (t'2001-01-01T00:00:00Z', t'2023-02-03T04:05:06.5Z')]": "yes", "[lamp:lit = '2023-02-03T04:05:06.5Z']": "yes",
		// What is none could be any, unless something else decides.
		"[lamp:maker = t'2023-02-03T04:05:06Z']": "unread", "[lamp:maker != t'2023-02-03T04:05:06Z']": "unread", "[lamp:maker > t'2023-02-03T04:05:06Z']": "unread",
		"[lamp:maker NOT < t'2023-02-03T04:05:06Z']": "unread", "[lamp:maker NOT IN (t'2023-02-03T04:05:06Z')]": "unread", "[lamp:shades[*] = t'2023-02-03T04:05:06Z']": "unread",
		"[lamp:maker != t'2023-02-03T04:05:06Z' AND lamp:watts = 8]": "no", "[lamp:watts = 7 AND lamp:maker = t'2023-02-03T04:05:06Z']": "unread",
		"[lamp:maker = t'2023-02-03T04:05:06Z' OR lamp:watts = 7]": "yes", "[lamp:lit = t'2023-02-03T04:05:06Z' OR lamp:maker = t'2023-02-03T04:05:06Z' AND lamp:on = false]": "no",
		"[EXISTS lamp:maker AND lamp:never = t'2023-02-03T04:05:06Z']": "no", "[lamp:never != t'2023-02-03T04:05:06Z' AND lamp:watts != t'2023-02-03T04:05:06Z']": "yes",
		"[lamp:maker = t'2023-02-03T04:05:06Z'] AND [lamp:watts = 7]": "no", "[wire_kind:bad_hex = t'2023-02-03T04:05:06Z']": "unread",
		// Bytes: *_hex, *_bin, and text whose code points are below 256.
		"[wire_kind:name = h'636f62616c74']": "yes", "[wire_kind:name = b'Y29iYWx0']": "yes", "[wire_kind:name_hex = h'636F62616C74']": "yes",
		"[wire_kind:name_hex = 'cobalt']": "yes", "[wire_kind:name_bin = 'cobalt']": "yes", "[wire_kind:name_bin = h'636f62616c74']": "yes",
		"[wire_kind:name_hex = '636f62616c74']": "no", "[wire_kind:name_bin > 'cob' AND wire_kind:name_hex < h'64']": "yes", "[wire_kind:name > h'636f']": "yes",
		"[wire_kind:wide = h'636f62616c74']": "no", "[wire_kind:wide > h'00']": "no", "[wire_kind:wide < h'ff']": "no", "[wire_kind:wide != h'636f62616c74']": "yes",
		"[wire_kind:name_bin = '\u0107obalt']": "no", "[wire_kind:name_bin > '\u0107']": "no", "[wire_kind:name_bin < '\u0107']": "no",
		"[wire_kind:name_hex LIKE 'c_b%']": "yes", "[wire_kind:name_bin LIKE '\u0107obalt']": "no", "[wire_kind:name_bin NOT LIKE '\u0107%']": "yes",
		"[wire_kind:name_hex MATCHES '\\\\x63ob[a\\\\x02]lt']": "yes", "[wire_kind:raw_hex MATCHES '\\\\x00\\\\n\\\\rA']": "yes",
		"[wire_kind:name_bin NOT MATCHES '\u0107']": "yes", "[wire_kind:name_bin MATCHES '\u0107|c']": "no", "[wire_kind:bad_hex = 'xyz']": "yes",
		"[wire_kind:name_hex IN (h'00', h'636f62616c74')]": "yes",
		// Addresses and blocks, whose host bits do not count.
		"[lamp:addr ISSUBSET '198.51.100.64/27']": "yes", "[lamp:addr ISSUBSET '198.51.100.1/24']": "yes", "[lamp:addr NOT ISSUBSET '198.51.100.0/26']": "yes",
		"[lamp:net ISSUPERSET '203.0.113.9']": "yes", "[lamp:net ISSUPERSET '203.0.113.32/27']": "yes", "[lamp:net ISSUPERSET '203.0.113.0/25']": "no",
		"[lamp:v6 ISSUBSET '2001:db8::/32']": "yes", "[lamp:v6 ISSUBSET '0.0.0.0/0']": "no", "[lamp:watts ISSUBSET '198.51.100.0/24']": "no",
		"[lamp:watts NOT ISSUPERSET '198.51.100.0/24']": "yes", "[lamp:maker NOT ISSUBSET '198.51.100.0/24']": "yes",
		// Missing, null, lists, dictionaries.
		"[lamp:absent != 1]": "no", "[lamp:absent NOT = 1]": "no", "[EXISTS lamp:watts]": "yes", "[EXISTS lamp:absent]": "no", "[NOT EXISTS lamp:absent]": "yes",
		"[NOT EXISTS lamp:watts]": "no", "[NOT EXISTS lamp:volts]": "yes", "[NOT EXISTS table:legs]": "no",
		"[lamp:never = 'x']": "no", "[lamp:never != 'x']": "yes", "[lamp:never > 'x']": "no", "[lamp:never IN ('x')]": "no", "[lamp:never LIKE '%']": "no",
		"[lamp:never ISSUBSET '198.51.100.0/24']": "no", "[EXISTS lamp:never]": "yes",
		"[lamp:shades[0] = 'red']": "yes", "[lamp:shades[1] = 'red']": "no", "[lamp:shades[2] != 'red']": "no", "[lamp:shades[*] = 'green']": "yes",
		"[lamp:shades[*] != 'green']": "yes", "[lamp:shades[*] NOT IN ('red', 'green')]": "no", "[lamp:none[*] != 'x']": "no", "[EXISTS lamp:none[*]]": "no",
		"[EXISTS lamp:none]": "yes", "[lamp:shades = 'red']": "no", "[lamp:shades != 'red']": "yes", "[lamp:maker[*] = 'halogen']": "no",
		"[lamp:'odd-name'.'dotted.name' = 5]": "yes", "[lamp:hashes[*] LIKE '%aef54eb4']": "yes", "[lamp:glyphs[*] = '\u1e69']": "yes",
		"[lamp:extensions.'bulb-ext'.sockets[*].size = 14]": "yes", "[lamp:extensions.'bulb-ext'.sockets[0].size = 14]": "no",
		// Digests are numbers; what is no hexadecimal number is text.
		"[lamp:hashes.MD5 = '79054025255FB1A26E4BC422AEF54EB4']": "yes", "[lamp:hashes.MD5 IN ('79054025255FB1A26E4BC422AEF54EB4')]": "yes",
		"[lamp:hashes.MD5 != '79054025255FB1A26E4BC422AEF54EB4']": "no", "[lamp:hashes.SSDEEP = '3:abc']": "no", "[lamp:hashes.md5 = '79054025255fb1a26e4bc422aef54eb4']": "no",
		// AND is about one object, OR of any.
		"[lamp:maker = 'halogen' AND lamp:watts = 7]": "yes", "[lamp:maker = 'halogen' AND lamp:watts = 60]": "no",
		"[lamp:maker = 'tungsten' OR lamp:watts = 60]": "yes", "[lamp:watts = 7 OR lamp:watts = 1 AND lamp:maker = 'x']": "yes",
		"[(lamp:watts = 7 OR lamp:watts = 1) AND lamp:maker = 'x']": "no", "[lamp:watts = 7 AND wire_kind:name = 'cobalt']": "no",
		"[(table:legs = 4 OR lamp:watts = 7) AND (lamp:on = true OR table:legs = 3)]": "yes",
		// References, in rings too; what is not named in object_refs is not observed.
		"[lamp:wired_ref.name = 'cobalt']": "yes", "[lamp:wired_ref.type = 'wire_kind']": "yes", "[lamp:wired_ref.name_hex = 'cobalt']": "yes", "[lamp:next_ref.maker = 'arc']": "yes",
		"[lamp:next_ref.next_ref.next_ref.next_ref.maker = 'arc' AND lamp:maker = 'arc']": "yes", "[lamp:near_refs[*].maker = 'arc' AND lamp:near_refs[*].maker = 'halogen']": "yes",
		"[lamp:near_refs[0].watts = 7 AND lamp:watts = 60]": "yes", "[lamp:near_refs[*].near_refs[*].near_refs[*].watts = 8]": "no", "[lamp:gone_ref.maker != 'x']": "no",
		"[EXISTS lamp:gone_ref]": "yes", "[EXISTS lamp:gone_ref.maker]": "no", "[lamp:next_ref = 'lamp--2']": "yes", "[lamp:maker.watts = 7]": "no",
		"[lamp:maker = 'unseen']": "no", "[observed-data:number_observed = 1]": "no", "[bundle:id = 'bundle--1']": "no",
		// Refused.
		"[lamp:watts IN (1, true)]": "refused", "[lamp:watts IN (1.5, 'x')]": "refused", "[lamp:watts = 7] WITHIN 0 SECONDS": "refused",
		"[lamp:watts = 7] REPEATS 0 TIMES": "refused", "[lamp:watts = null]": "refused", "[lamp:odd-name = 1]": "refused",
		"[lamp:maker MATCHES '(?=h)a']": "refused", "[lamp:maker MATCHES '(h)\\\\1']": "refused", "[lamp:maker MATCHES '(?P<l>h)(?P=l)']": "refused",
		"[lamp:lit = t'2023-02-30T00:00:00Z']": "refused", "[lamp:lit = t'2023-02-03T00:00Z']": "refused", "[ipv4-addr:value ISSUBSET 'x']": "refused",
		"[lamp:watts = 7": "refused", "": "refused", "([lamp:watts = 7] FOLLOWEDBY [lamp:on = true]) REPEATS 5000 TIMES": "refused",
	} {
		decide(t, pattern, want, lamp)
	}
}

// What no lamp has: values that look alike and are not, and lists in lists.
const crate = `{"type":"observed-data","first_observed":"2024-05-01T12:00:00Z","objects":{"0":{"type":"crate",
  "mapped":"::ffff:198.51.100.9","zoned":"fe80::9%eth0","padded":"198.051.100.9","upper":"2001:DB8::9","half":"198.51.100.128/25",
  "noon":"2024-05-01T12:00:00Z","noon_ms":"2024-05-01T12:00:00.000Z","leap":"2016-12-31T23:59:60Z",
  "kilo":1e3,"endless":1e400,"minus":-7.0,"share":"90%","path":"c:\\tmp","quote":"o'clock","blank":"",
  "rows":[[{"n":1},{"n":2}],[{"n":3}]],"mixed":[4,"four",null,{"n":5}],"parts_refs":["1","0"]},
 "1":{"type":"nail","size":3,"of_ref":"0"}}}`

func TestLookalikes(t *testing.T) {
	for pattern, want := range map[string]string{
		// An IPv6 address that holds one of IPv4 is of IPv6; zones and zeros before digits are no addresses.
		"mapped ISSUBSET '198.51.100.0/24'": "no", "mapped ISSUBSET '::ffff:0:0/96'": "yes", "zoned ISSUBSET 'fe80::/10'": "no", "padded ISSUBSET '198.51.100.0/24'": "no",
		"upper ISSUBSET '2001:db8::/64'": "yes", "upper = '2001:db8::9'": "no", "half ISSUBSET '198.51.100.128/25'": "yes", "half ISSUPERSET '198.51.100.128/25'": "yes",
		"half ISSUPERSET '198.51.100.127'": "no", "half ISSUBSET '0.0.0.0/0'": "yes", "half ISSUBSET '::/0'": "no",
		// One instant in several precisions is one; as text it is not.
		"noon = t'2024-05-01T12:00:00.000000Z'": "yes", "noon_ms = t'2024-05-01T12:00:00Z'": "yes", "noon_ms = '2024-05-01T12:00:00Z'": "no",
		"noon_ms IN (t'2024-05-01T12:00:00.0Z')": "yes", "leap = t'2017-01-01T00:00:00Z'": "yes", "noon < t'2024-05-01T12:00:00.000000001Z'": "yes",
		"kilo = 1000": "yes", "kilo IN (999.5, 1000)": "yes", "endless > 99999999999999999.0": "yes", "minus = -7": "yes", "minus < -6.9": "yes", "kilo = +1000": "yes",
		// A backslash before % escapes nothing.
		"share LIKE '90%'": "yes", "share LIKE '90\\\\%'": "no", "path = 'c:\\\\tmp'": "yes", "path LIKE 'c:\\\\%'": "yes", "path MATCHES ':\\\\\\\\t'": "yes",
		"quote = 'o\\'clock'": "yes", "blank = ''": "yes", "blank LIKE '%'": "yes", "blank LIKE '_%'": "no", "blank MATCHES '^$'": "yes", "blank = t'2024-05-01T12:00:00Z'": "unread",
		// Each [*] is a list of its own.
		"rows[*][*].n = 3": "yes", "rows[*].n = 3": "no", "rows[0][1].n = 2": "yes", "rows[1][1].n != 9": "no", "mixed[*].n = 5": "yes", "mixed[*] = 'four'": "yes",
		"mixed[2] != 4": "yes", "mixed[*] IN (4, 'four')": "refused", "parts_refs[0].size = 3": "yes", "parts_refs[*].of_ref.kilo = 1000": "yes", "parts_refs.size = 3": "no",
		"parts_refs[1].parts_refs[0].size > 2.5": "yes", "kilo = 1000 AND nail:size = 3": "no", "kilo = 1 OR nail:size = 3": "yes",
	} {
		decide(t, "[crate:"+pattern+"]", want, crate)
	}
}

// The same people as STIX 2.0 writes them: without ids, references by key.
const visits = `[
 {"type":"observed-data","first_observed":"2024-03-01T10:00:20Z","last_observed":"2024-03-01T10:00:20Z","number_observed":3,
  "objects":{"0":{"type":"guest","name":"cleo","age":31,"host_ref":"1"},"1":{"type":"guest","name":"dora","age":55,"guest_refs":["0","1"]}}},
 {"type":"observed-data","first_observed":"2024-03-01T10:00:00Z","last_observed":"2024-03-01T10:00:00Z","number_observed":1,
  "objects":{"0":{"type":"guest","name":"abel","age":12}}},
 {"type":"observed-data","first_observed":"2024-03-01T10:00:10Z","last_observed":"2024-03-01T10:00:10Z","number_observed":2,
  "objects":{"k":{"type":"guest","name":"bert","age":19}}}]`

const (
	abel = "[guest:name = 'abel']"
	bert = "[guest:name = 'bert']"
	cleo = "[guest:name = 'cleo']"
	anna = "[guest:name = 'anna']"
	any1 = "[guest:age > 0]"
)

func TestSeveralObservations(t *testing.T) {
	at := func(second string) string { return "t'2024-03-01T10:00:" + second + "Z'" }
	for pattern, want := range map[string]string{
		"[guest:host_ref.name = 'dora']": "yes", "[guest:guest_refs[*].guest_refs[*].name = 'dora']": "yes", "[guest:guest_refs[*].age = 31]": "yes",
		// Each operand takes an observation of its own.
		abel + " AND " + bert: "yes", abel + " AND [guest:age = 12]": "no", abel + " FOLLOWEDBY [guest:age = 12]": "no",
		bert + " AND [guest:age = 19]": "yes", bert + " FOLLOWEDBY " + bert: "yes", bert + " AND " + bert + " AND " + bert: "no",
		abel + " AND " + anna: "no", abel + " OR " + anna: "yes", anna + " OR " + anna: "no",
		// AND binds tighter than OR, OR tighter than FOLLOWEDBY.
		cleo + " OR " + anna + " AND " + abel: "yes", "(" + cleo + " OR " + anna + ") AND " + anna: "no",
		cleo + " OR " + anna + " FOLLOWEDBY " + abel: "no", cleo + " OR (" + anna + " FOLLOWEDBY " + abel + ")": "yes",
		abel + " FOLLOWEDBY " + bert + " FOLLOWEDBY " + cleo: "yes", bert + " FOLLOWEDBY " + abel: "no",
		"(" + cleo + " AND " + abel + ") FOLLOWEDBY " + cleo: "yes", cleo + " FOLLOWEDBY " + bert + " AND " + abel: "no",
		// REPEATS counts number_observed, over several objects.
		any1 + " REPEATS 6 TIMES": "yes", any1 + " REPEATS 7 TIMES": "no", "[guest:age < 20] REPEATS 3 TIMES": "yes", "[guest:age < 20] REPEATS 4 TIMES": "no",
		any1 + " REPEATS 2 TIMES REPEATS 3 TIMES": "yes", any1 + " REPEATS 2 TIMES REPEATS 4 TIMES": "no", "(" + any1 + " REPEATS 3 TIMES) REPEATS 2 TIMES": "yes",
		"(" + any1 + " AND [guest:age < 20]) REPEATS 3 TIMES": "yes", "(" + any1 + " AND [guest:age < 20]) REPEATS 4 TIMES": "no",
		"(" + any1 + " FOLLOWEDBY " + cleo + ") REPEATS 3 TIMES": "yes", "(" + cleo + " FOLLOWEDBY " + any1 + ") REPEATS 2 TIMES": "no",
		bert + " REPEATS 2 TIMES WITHIN 1 SECONDS": "yes", any1 + " REPEATS 5 TIMES WITHIN 10 SECONDS": "yes", any1 + " REPEATS 6 TIMES WITHIN 19.999 SECONDS": "no",
		any1 + " REPEATS 6 TIMES WITHIN 20 SECONDS": "yes", "(" + bert + " AND " + cleo + ") WITHIN 10 SECONDS REPEATS 2 TIMES": "yes",
		"(" + bert + " AND " + cleo + ") WITHIN 10 SECONDS REPEATS 3 TIMES": "no",
		// WITHIN binds to what stands right before it.
		abel + " WITHIN 1 SECONDS": "yes", abel + " WITHIN .001 SECONDS": "yes", abel + " AND " + bert + " WITHIN 1 SECONDS": "yes",
		"(" + abel + " AND " + bert + ") WITHIN 10 SECONDS": "yes", "(" + abel + " AND " + bert + ") WITHIN 9.9999999 SECONDS": "no",
		"(" + abel + " OR " + anna + ") WITHIN 1 SECONDS": "yes", anna + " WITHIN 10 SECONDS": "no", "(" + abel + " FOLLOWEDBY " + bert + ") WITHIN 999999999999999999 SECONDS": "yes",
		// START is included, STOP is not.
		bert + " START " + at("10") + " STOP " + at("11"): "yes", bert + " START " + at("09") + " STOP " + at("10"): "no", bert + " START " + at("11") + " STOP " + at("12"): "no",
		bert + " START " + at("10") + " STOP " + at("10"): "no", bert + " START " + at("20") + " STOP " + at("00"): "no",
		"(" + abel + " AND " + bert + ") START " + at("00") + " STOP " + at("11"): "yes", "(" + abel + " AND " + bert + ") START " + at("01") + " STOP " + at("11"): "no",
		abel + " AND " + bert + " START " + at("10") + " STOP " + at("11"): "yes", any1 + " REPEATS 3 TIMES START " + at("00") + " STOP " + at("11"): "yes",
		any1 + " REPEATS 4 TIMES START " + at("00") + " STOP " + at("11"): "no", any1 + " START " + at("00") + " STOP " + at("20") + " REPEATS 4 TIMES": "no",
		any1 + " START t'0001-01-01T00:00:00Z' STOP t'9999-12-31T00:00:00Z'": "yes",
		// STIX 2.0 has strings behind START and STOP.
		bert + " START '2024-03-01T10:00:10Z' STOP '2024-03-01T10:00:11Z'": "yes", bert + " START '2024-03-01T10:00:09Z' STOP '2024-03-01T10:00:10Z'": "no",
		bert + " START '2024-03-01T10:00:10Z' STOP " + at("11"): "yes", bert + " START '2024-03-01' STOP '2024-03-02'": "refused",
		bert + " START '2024-03-01T10:00:10z' STOP '2024-03-01T10:00:11Z'": "refused", bert + " START '2024-02-30T10:00:10Z' STOP '2024-03-02T10:00:11Z'": "refused",
	} {
		decide(t, pattern, want, visits)
	}
}

// TestSpans is about observations that took time: where in it they happened is
// not known, so that any moment of it will do.
func TestSpans(t *testing.T) {
	const pair = "([guest:name = 'a'] AND [guest:name = 'b'])"
	for _, c := range []struct{ a, b, pattern, want string }{
		{"00-00", "00-01", pair + " WITHIN 1 SECONDS", "yes"},
		{"00-01", "02-03", pair + " WITHIN 1 SECONDS", "yes"},
		{"00-03", "01-02", pair + " WITHIN 1 SECONDS", "yes"},
		{"00-01", "03-04", pair + " WITHIN 1 SECONDS", "no"},
		{"00-01", "03-04", pair + " WITHIN 2 SECONDS", "yes"},
		{"00-01", "04-04", pair + " WITHIN 2 SECONDS", "no"},
		{"05-09", "00-05", "[guest:name = 'a'] FOLLOWEDBY [guest:name = 'b']", "yes"},
		{"06-09", "00-05", "[guest:name = 'a'] FOLLOWEDBY [guest:name = 'b']", "no"},
		{"00-09", "05-05", "[guest:name = 'a'] FOLLOWEDBY [guest:name = 'b'] FOLLOWEDBY [guest:name = 'a']", "yes"},
		{"00-04", "05-05", "[guest:name = 'a'] FOLLOWEDBY [guest:name = 'b'] FOLLOWEDBY [guest:name = 'a']", "no"},
		{"00-05", "09-09", "[guest:name = 'a'] START t'2024-03-01T10:00:05Z' STOP t'2024-03-01T10:00:06Z'", "yes"},
		{"00-05", "09-09", "[guest:name = 'a'] START t'2024-03-01T09:00:00Z' STOP t'2024-03-01T10:00:00Z'", "no"},
		{"00-05", "09-09", "[guest:name = 'a'] START t'2024-03-01T10:00:02Z' STOP t'2024-03-01T10:00:03Z'", "yes"},
	} {
		one := func(name, span string) string {
			first, last, _ := strings.Cut(span, "-")
			return `{"type":"observed-data","number_observed":2,"first_observed":"2024-03-01T10:00:` + first + `Z","last_observed":"2024-03-01T10:00:` + last +
				`Z","objects":{"0":{"type":"guest","name":"` + name + `"}}}`
		}
		decide(t, c.pattern, c.want, one("a", c.a)+"\n"+one("b", c.b))
	}
}

func decide(t *testing.T, pattern, want string, inputs ...string) {
	t.Helper()
	got := "no"
	m, err := Compile(pattern)
	if _, ok := errors.AsType[*Refused](err); ok {
		got = "refused"
	} else if err != nil {
		t.Errorf("%s: %v", pattern, err)
		return
	} else if match, err := m.Match(Plain(read(t, inputs...))); err != nil {
		t.Errorf("%s: %v", pattern, err)
		return
	} else if match != nil {
		got = "yes"
	} else if texts, err := m.Unread(Plain(read(t, inputs...))); err != nil || len(texts) > 0 {
		got = "unread"
	}
	if all := Plain(read(t, inputs...)); m != nil && len(all) == 1 && all[0].Count == 1 {
		steps := int64(1 << 20)
		if held, err := m.Holds(&all[0], &steps); err != nil || held != (got == "yes") {
			t.Errorf("%s: by itself %v, %v; want %s", pattern, held, err, want)
		}
	}
	if got != want {
		t.Errorf("%s: %s, want %s (%v)", pattern, got, want, err)
	}
}

func read(t *testing.T, inputs ...string) []Observed {
	t.Helper()
	var r Reader
	for _, input := range inputs {
		if err := r.Read("input", strings.NewReader(input)); err != nil {
			t.Fatal(err)
		}
	}
	all, unusable := r.Observations()
	for _, err := range unusable {
		t.Error(err)
	}
	return all
}
