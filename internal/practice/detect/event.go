package detect

import (
	"bytes"
	"encoding/json"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"entente/stix"
	"entente/stix/pattern/match"
)

// eventOf is what the fields of a line say, as an observation; nil when the log is none
// that is known.
func eventOf(line []byte, fields []field) *match.Observation {
	log := logOf(fields)
	if log == nil {
		return nil
	}
	e := newEvent()
	for _, f := range fields {
		targets := log.fields[log.short(f.name)]
		if len(targets) == 0 {
			continue
		}
		text := f.text(line)
		if text == "" || text == "-" || text == "(empty)" {
			continue
		}
		for _, t := range targets {
			t.as(e, t, text)
		}
	}
	e.end()
	if len(e.objects) == 0 {
		return nil
	}
	return &match.Observation{Objects: e.objects}
}

// text is what a field says, without the escapes of its log.
func (f *field) text(line []byte) string {
	b := line[f.start:f.end]
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b)
	}
	if f.escapes != asItsLog {
		return unescapedBy(f.escapes, string(b))
	}
	if f.start > 0 && line[f.start-1] == '"' {
		var text string
		if json.Unmarshal(line[f.start-1:min(f.end+1, len(line))], &text) == nil {
			return text
		}
	}
	return unescapedHex(string(b))
}

// unescapedHex resolves \x09 and \\, as Zeek writes them in tables.
func unescapedHex(text string) string {
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch {
		case strings.HasPrefix(rest, `\\`):
			b = append(b, '\\')
			i++
		case len(rest) >= 4 && rest[0] == '\\' && rest[1] == 'x' && isHex(rest[2]) && isHex(rest[3]):
			b = append(b, unhex(rest[2])<<4|unhex(rest[3]))
			i += 3
		default:
			b = append(b, rest[0])
		}
	}
	return string(b)
}

// event is an observation that is being made of a line.
type event struct {
	objects []*match.Object
	values  int
	now     map[string]*match.Object // which one of each key is being filled

	// What is only told from several fields.
	host, port   string // of a request in the clear
	path         string
	hashes       []string
	key, keyData string
}

func newEvent() *event { return &event{now: map[string]*match.Object{}} }

// What one line may say: what is beyond is not read, so that a line costs what its length
// does, and little.
const (
	mostObjects = 256
	mostSaid    = 1024 // values
)

// object is the one that a key stands for: its type, and, behind a slash, which of several.
func (e *event) object(key string) *match.Object {
	if o := e.now[key]; o != nil {
		return o
	}
	return e.fresh(key)
}

// fresh begins another object.
func (e *event) fresh(key string) *match.Object {
	typ, _, _ := strings.Cut(key, "/")
	o := &match.Object{Type: typ, Values: map[string][]any{}}
	if e.now[key] = o; len(e.objects) < mostObjects {
		e.objects = append(e.objects, o)
	}
	return o
}

// set adds a value. Where a path has one already and is no list, as in lists of files,
// another object begins.
func (e *event) set(t target, path string, value any) {
	if e.values++; e.values > mostSaid {
		return
	}
	o := e.object(t.object)
	if o.Values[path] != nil && !strings.Contains(path, "[*]") {
		o = e.fresh(t.object)
	}
	o.Values[path] = append(o.Values[path], value)
	text, ok := value.(string)
	if !ok {
		return
	}
	if all := stix.ConstantValues(o.Type, stepNames(path), text); len(all) > 0 {
		o.Values[path+"."+normalForm] = append(o.Values[path+"."+normalForm], all[0].Text)
	}
}

// stepNames are the names of the steps of a path as Values has it.
func stepNames(path string) []string {
	var all []string
	for step := range strings.SplitSeq(path, ".") {
		all = append(all, strings.Trim(strings.TrimSuffix(step, "[*]"), "'"))
	}
	return all
}

// The ways in which a field says something.

func asText(e *event, t target, text string) { e.set(t, t.path, text) }

func asNumber(e *event, t target, text string) {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		e.set(t, t.path, json.Number(text))
	} else if n, err := strconv.ParseInt(strings.TrimPrefix(text, "0x"), 16, 64); err == nil && strings.HasPrefix(text, "0x") {
		e.set(t, t.path, n)
	}
}

// asWords adds each word of a list between commas, in small letters.
func asWords(e *event, t target, text string) {
	for word := range strings.SplitSeq(text, ",") {
		e.set(t, t.path, strings.ToLower(word))
	}
}

// protocolNames are how protocols are called by their numbers.
var protocolNames = map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "ipv6-icmp"}

// asProtocol adds a protocol by its name or its number.
func asProtocol(e *event, t target, text string) {
	if name, ok := protocolNames[text]; ok {
		text = name
	}
	asWords(e, t, text)
}

// addressType is the type of the object that an address or a name of a host is.
func addressType(text string) string {
	a, err := netip.ParseAddr(text)
	switch {
	case err != nil:
		return "domain-name"
	case a.Is4() || a.Is4In6():
		return "ipv4-addr"
	}
	return "ipv6-addr"
}

// asHost adds an address or a name as what a reference leads to, and as an object of its own.
func asHost(e *event, t target, text string) {
	text = strings.TrimPrefix(text, "::ffff:")
	typ := addressType(text)
	if typ == "domain-name" {
		text = strings.TrimSuffix(text, ".")
	}
	if t.path != "" {
		e.set(t, t.path+".value", text)
		e.set(t, t.path+".type", typ)
	}
	e.fresh(typ)
	e.set(target{object: typ}, "value", text)
}

// asHosts does so for each of a list, between commas or semicolons.
func asHosts(e *event, t target, text string) {
	for one := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' }) {
		if e.values > mostSaid {
			return
		}
		if one = strings.TrimSpace(one); one != "" && !strings.HasPrefix(one, "type:") {
			asHost(e, t, one)
		}
	}
}

// asMail adds each address of mail of a list.
func asMail(e *event, t target, text string) {
	for one := range strings.SplitSeq(text, ",") {
		if e.values > mostSaid {
			return
		}
		if from := strings.LastIndexByte(one, '<'); from >= 0 {
			one, _, _ = strings.Cut(one[from+1:], ">")
		}
		one = strings.TrimSpace(one)
		if !strings.Contains(one, "@") {
			continue
		}
		e.set(t, t.path+".value", one)
		e.fresh("email-addr")
		e.set(target{object: "email-addr"}, "value", one)
	}
}

// asFile adds a path of a file by its name and its folder; t.path leads to the file.
func asFile(e *event, t target, text string) {
	at := strings.LastIndexAny(text, `\/`)
	if text[at+1:] != "" {
		e.set(t, t.below("name"), text[at+1:])
	}
	if at > 0 {
		e.set(t, t.below("parent_directory_ref.path"), text[:at])
	}
}

// asImage adds the path of a program as a file, and as the image of a process.
func asImage(e *event, t target, text string) {
	asFile(e, target{object: "file/image"}, text)
	at := strings.LastIndexAny(text, `\/`)
	e.set(t, "name", text[at+1:])
	asFile(e, target{object: t.object, path: "image_ref"}, text)
	asFile(e, target{object: t.object, path: "binary_ref"}, text) // its name in STIX 2.0
}

// digestNames are how hashes are called, by how many digits they have.
var digestNames = map[int]string{32: "MD5", 40: "SHA-1", 64: "SHA-256", 96: "SHA-384", 128: "SHA-512"}

// asDigest adds a hash by its length.
func asDigest(e *event, t target, text string) {
	text = strings.ReplaceAll(text, ":", "")
	name := digestNames[len(text)]
	if name == "" || strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 || !isHex(byte(r)) }) {
		return
	}
	if name != "MD5" {
		name = "'" + name + "'"
	}
	e.set(t, t.below("hashes."+name), text)
}

// asHashes keeps a list of them, NAME=DIGEST between commas; of which file is told later.
func asHashes(e *event, _ target, text string) {
	for one := range strings.SplitSeq(text, ",") {
		if name, digest, ok := strings.Cut(one, "="); ok && name != "IMPHASH" {
			e.hashes = append(e.hashes, digest)
		}
	}
}

// asUser adds an account as DOMAIN\NAME or the name alone.
func asUser(e *event, t target, text string) {
	e.set(t, t.below("user_id"), text)
	e.set(t, t.below("account_login"), text[strings.LastIndexByte(text, '\\')+1:])
}

func asURLHost(e *event, t target, text string) {
	e.host = text
	name, _, err := net.SplitHostPort(text)
	if err != nil {
		name = text
	}
	asHost(e, target{}, name)
	asText(e, t, text)
}

func asURLPort(e *event, t target, text string) {
	e.port = text
	asNumber(e, t, text)
}

func asURLPath(e *event, t target, text string) {
	e.path = text
	asText(e, t, text)
}

func asKey(e *event, _ target, text string) { e.key = text }

func asKeyData(e *event, _ target, text string) { e.keyData = text }

// end adds what several fields say together.
func (e *event) end() {
	switch {
	case strings.Contains(e.path, "://"):
		e.set(target{object: "url"}, "value", e.path)
	case e.host != "" && strings.HasPrefix(e.path, "/"):
		e.set(target{object: "url"}, "value", "http://"+e.host+e.path)
		if e.port != "" && e.port != "80" && !strings.Contains(e.host, ":") {
			e.set(target{object: "url"}, "value", "http://"+e.host+":"+e.port+e.path)
		}
	}
	if e.key != "" {
		key, at := e.key, strings.LastIndexByte(e.key, '\\')
		of := target{object: "windows-registry-key"}
		if e.keyData != "" && at > 0 { // a value of a key
			key = e.key[:at]
			e.set(of, "values[*].name", e.key[at+1:])
			e.set(of, "values[*].data", e.keyData)
		}
		e.set(of, "key", wholeHive(key))
	}
	for _, digest := range e.hashes {
		file := target{object: "file/image"}
		for _, key := range []string{"file/target", "file/loaded"} {
			if e.now[key] != nil {
				file.object = key
			}
		}
		asDigest(e, file, digest)
		if e.now["process"] != nil && file.object == "file/image" {
			for _, path := range []string{"image_ref", "binary_ref"} {
				asDigest(e, target{object: "process", path: path}, digest)
			}
		}
	}
}

// hives are the beginnings of keys as Sysmon shortens them.
var hives = strings.NewReplacer(`HKLM\`, `HKEY_LOCAL_MACHINE\`, `HKU\`, `HKEY_USERS\`, `HKCR\`, `HKEY_CLASSES_ROOT\`, `HKCU\`, `HKEY_CURRENT_USER\`)

func wholeHive(key string) string {
	at := strings.IndexByte(key, '\\') + 1
	return hives.Replace(key[:at]) + key[at:]
}
