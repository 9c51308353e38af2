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
	if !isHostField(host) {
		return
	}
	if behind := l.text[min(at+int(mark.n), host.end):host.end]; len(bytes.Trim(behind, ".:0123456789")) > 0 {
		return
	}
	j.left--
	u, ok := j.parted(l.text, host)
	if !ok {
		return
	}
	ports := []string{""}
	if u.port != "" {
		ports = append(ports, ":"+u.port)
	}
	for _, scheme := range []string{"http://", "https://"} {
		for _, port := range ports {
			v, ok := stix.NewValue(stix.ValueURL, scheme+u.host+port+u.rest)
			if !ok {
				continue
			}
			ref, ok := l.set.lookup(hashText(l.set.key, v.Text), v.Kind, v.Text)
			if !ok {
				continue
			}
			l.line = append(l.line, found{spot: spot{entry: ref, at: mark.at, n: mark.n}, column: mark.column,
				text: string(l.text[host.start:host.end]) + string(l.text[u.path.start:u.path.end]), field: host.name + " " + u.path.name})
		}
	}
}

func isHostField(f *field) bool { return hostFields[f.last()] }

// last is the last step of a field's name, in small letters.
func (f *field) last() string { return strings.ToLower(f.name[strings.LastIndexByte(f.name, '.')+1:]) }

// parted is a URL that a line keeps in two fields or more.
type parted struct {
	host, port, rest string // a port may be empty; rest is the path and the query
	path             *field
}

// parted puts together what stands beside a host; false when there is no path, or a whole
// URL, which is found as it stands.
func (j *joiner) parted(line []byte, host *field) (u parted, ok bool) {
	text := func(f *field) string { return string(line[f.start:f.end]) }
	in := j.beside(host.name[:strings.LastIndexByte(host.name, '.')+1])
	if in.path == nil || strings.Contains(text(in.path), "://") {
		return u, false
	}
	u = parted{host: strings.TrimSuffix(text(host), "."), rest: text(in.path), path: in.path}
	if query := in.query; query != nil && text(query) != "-" {
		u.rest += "?" + text(query)
	}
	if !strings.HasPrefix(u.rest, "/") && !strings.HasPrefix(u.rest, `\/`) {
		u.rest = "/" + strings.TrimPrefix(u.rest, "-")
	}
	u.rest = unescaped.Replace(u.rest)
	if port := in.port; port != nil && len(text(port)) <= 5 && isWordOf(text(port), "") {
		u.port = text(port)
	}
	return u, true
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
