package preview

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"entente/stix"
)

// texts warns of what stands in the texts of an object, at any depth. Typ is the type
// of the object that raw is the whole or a part of; name, the last name on the path.
func (w *warnings) texts(typ, path, name string, raw []byte) {
	switch {
	case w.unread < 0 || machines(name):
	case len(raw) > 0 && raw[0] == '"':
		text := stix.Text(raw)
		if w.unread -= len(text); w.unread < 0 {
			text = strings.ToValidUTF8(text[:len(text)+w.unread], "")
		}
		w.text(path, text, typ != "file" || name != "name")
	case len(raw) > 0 && raw[0] == '[':
		i := 0
		for v := range stix.Elements(raw) {
			w.texts(typ, path+"["+strconv.Itoa(i)+"]", name, v)
			i++
		}
	default:
		vendor, product := "", ""
		for property, v := range stix.Split(raw) {
			switch string(property) {
			case "vendor":
				vendor = stix.Text(v)
			case "name":
				product = stix.Text(v)
			}
			w.texts(typ, strings.TrimPrefix(path+"."+string(property), "."), string(property), v)
		}
		if vendor != "" && typ == "software" {
			w.names(strings.TrimPrefix(path+".name", "."), vendor+" "+product)
		}
	}
}

// machines tells properties that are written for machines: what stands there is no
// text, and no value of the inside.
func machines(property string) bool {
	switch property {
	case "type", "id", "spec_version", "pattern_type", "pattern_version", "created", "modified", "valid_from", "valid_until", "first_seen", "last_seen",
		"lang", "payload_bin", "granular_markings":
		return true
	}
	return strings.HasSuffix(property, "_ref") || strings.HasSuffix(property, "_refs")
}

var (
	userPath  = regexp.MustCompile(`(?i)(?:[a-z]:[\\/]users[\\/]|/home/|/users/)([^\\/:*?"<>|\s]{1,64})`)
	everybody = []string{"public", "default", "all users", "default user", "username", "user", "%username%"}
)

// text warns of what stands in one text. With named, names may be those of hosts.
func (w *warnings) text(path, text string, named bool) {
	for _, m := range userPath.FindAllStringSubmatch(text, 8) {
		if !slices.Contains(everybody, strings.ToLower(m[1])) {
			w.add(UserPath, path, "the path %s names a user, %s", m[0], m[1])
		}
	}
	for v := range spot(text) {
		w.value(path, v.Value, named && !v.below)
	}
	w.names(path, text)
}

// names warns of names and products of one's own.
func (w *warnings) names(path, text string) {
	for _, asset := range w.own.Named(text) {
		if w.first(asset) {
			w.add(OwnAsset, path, "it names what is of your own (%s): whoever gets the object learns of it; %s", asset, leave)
		}
	}
}
