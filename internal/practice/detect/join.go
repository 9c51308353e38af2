package detect

import (
	"bytes"
	"strings"

	"entente/stix"
)

// How logs name the two parts that a URL is kept in.
var (
	hostFields = map[string]bool{"host": true, "hostname": true, "http_host": true, "cs-host": true, "domain": true, "server_name": true, "authority": true}
	pathFields = []string{"uri", "url", "cs-uri-stem", "request_uri", "path", "uri_path", "url_path"}
	portFields = []string{"http_port", "id.resp_p", "dest_port", "port", "s-port"}
)

// mostJoined is how many hosts of one line are put together with what is beside them.
const mostJoined = 16

// joiner puts the URLs of one line together.
type joiner struct {
	all   []field
	left  int
	known map[string]parts // by what the names of an object's fields begin with
}

// parts stand beside a host; nil where there is none.
type parts struct{ path, query, port *field }

func (j *joiner) beside(before string) parts {
	p, ok := j.known[before]
	if !ok {
		p = parts{beside(j.all, before, pathFields), beside(j.all, before, []string{"cs-uri-query"}), beside(j.all, before, portFields)}
		if j.known == nil {
			j.known = map[string]parts{}
		}
		j.known[before] = p
	}
	return p
}

// join puts a URL together of the field that the host of one is, with its port or
// without, and the one beside it that has the path, and adds it if it is looked for.
func (l *lines) join(j *joiner, mark *found) {
	at := int(mark.column) - 1
	host := named(j.all, at)
	if host == nil || host.start != at || j.left == 0 {
		return
	}
	before := host.name[:strings.LastIndexByte(host.name, '.')+1]
	if !hostFields[strings.ToLower(host.name[len(before):])] {
		return
	}
	if behind := l.text[min(at+int(mark.n), host.end):host.end]; len(bytes.Trim(behind, ".:0123456789")) > 0 {
		return
	}
	j.left--
	text := func(f *field) string { return string(l.text[f.start:f.end]) }
	in := j.beside(before)
	path := in.path
	if path == nil || strings.Contains(text(path), "://") { // a whole one is found as it stands
		return
	}
	rest := text(path)
	if query := in.query; query != nil && text(query) != "-" {
		rest += "?" + text(query)
	}
	if !strings.HasPrefix(rest, "/") && !strings.HasPrefix(rest, `\/`) {
		rest = "/" + strings.TrimPrefix(rest, "-")
	}
	ports := []string{""}
	if port := in.port; port != nil && len(text(port)) <= 5 && isWordOf(text(port), "") {
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
