package detect

import (
	"strings"

	"entente/stix"
)

// How logs name the two parts that a URL is kept in.
var (
	hostFields = map[string]bool{"host": true, "hostname": true, "http_host": true, "cs-host": true, "domain": true, "server_name": true, "authority": true}
	pathFields = []string{"uri", "url", "cs-uri-stem", "request_uri", "path", "uri_path", "url_path"}
	portFields = []string{"http_port", "id.resp_p", "dest_port", "port", "s-port"}
)

// join puts a URL together of the field that the host of one stands in and the one beside
// it that has the path, and adds it if it is looked for.
func (l *lines) join(all []field, mark *found) {
	at := int(mark.column) - 1
	host := named(all, at)
	if host == nil {
		return
	}
	before := host.name[:strings.LastIndexByte(host.name, '.')+1]
	if !hostFields[strings.ToLower(host.name[len(before):])] {
		return
	}
	text := func(f *field) string { return string(l.text[f.start:f.end]) }
	path := beside(all, before, pathFields)
	if path == nil || strings.Contains(text(path), "://") { // a whole one is found as it stands
		return
	}
	rest := text(path)
	if query := beside(all, before, []string{"cs-uri-query"}); query != nil && text(query) != "-" {
		rest += "?" + text(query)
	}
	if !strings.HasPrefix(rest, "/") && !strings.HasPrefix(rest, `\/`) {
		rest = "/" + strings.TrimPrefix(rest, "-")
	}
	ports := []string{""}
	if port := beside(all, before, portFields); port != nil && len(text(port)) <= 5 && isWordOf(text(port), "") {
		ports = append(ports, ":"+text(port))
	}
	name := strings.TrimSuffix(text(host), ".")
	for _, scheme := range []string{"http://", "https://"} {
		for _, port := range ports {
			v, ok := stix.NewValue(stix.ValueURL, scheme+name+port+unescaped.Replace(rest))
			if !ok {
				continue
			}
			ref, ok := l.set.lookup(hashText(l.set.key, v.Text), v.Kind, v.Text)
			if !ok {
				continue
			}
			l.line = append(l.line, found{spot: spot{entry: ref, at: mark.at, n: mark.n}, column: mark.column,
				text: text(host) + text(path), field: host.name + " " + path.name})
		}
	}
}

// beside is a field of one of some names, below the same object or at the top.
func beside(all []field, before string, names []string) *field {
	for _, at := range []string{before, ""} {
		for _, name := range names {
			for i := range all {
				if strings.EqualFold(all[i].name, at+name) {
					return &all[i]
				}
			}
		}
	}
	return nil
}
