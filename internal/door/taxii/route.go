package taxii

import (
	"net/http"
	"net/url"
	"strings"
)

// handler answers a request, or says by an error why not.
type handler func(s *Server, r *request) error

// endpoint is one row of the table in section 3.1 of the standard. HEAD is
// answered wherever GET is.
type endpoint struct {
	pattern           string // of its paths, as net/http's mux would write it
	get, post, delete handler
}

// route is a path taken apart. Ids are as in the path; whether they exist is
// not known yet.
type route struct {
	endpoint   *endpoint
	collection string // id or alias
	object     string
	status     string
}

// The endpoints of sections 4 and 5.
var (
	discovery   = endpoint{pattern: "/taxii2/", get: (*Server).getDiscovery}
	apiRoot     = endpoint{pattern: "/taxii2/root/", get: (*Server).getAPIRoot}
	statuses    = endpoint{pattern: "/taxii2/root/status/{status}/", get: (*Server).getStatus}
	collections = endpoint{pattern: "/taxii2/root/collections/", get: (*Server).getCollections}
	collection  = endpoint{pattern: "/taxii2/root/collections/{collection}/", get: (*Server).getCollection}
	manifest    = endpoint{pattern: "/taxii2/root/collections/{collection}/manifest/", get: (*Server).getManifest}
	objects     = endpoint{pattern: "/taxii2/root/collections/{collection}/objects/", get: (*Server).getObjects, post: (*Server).addObjects}
	object      = endpoint{pattern: "/taxii2/root/collections/{collection}/objects/{object}/", get: (*Server).getObject, delete: (*Server).deleteObject}
	versions    = endpoint{pattern: "/taxii2/root/collections/{collection}/objects/{object}/versions/", get: (*Server).getVersions}
)

func (e *endpoint) handler(method string) handler {
	switch method {
	case http.MethodGet, http.MethodHead:
		return e.get
	case http.MethodPost:
		return e.post
	case http.MethodDelete:
		return e.delete
	}
	return nil
}

// allow is the Allow header of a 405 answer.
func (e *endpoint) allow() string {
	allow := "GET, HEAD"
	if e.post != nil {
		allow += ", POST"
	}
	if e.delete != nil {
		allow += ", DELETE"
	}
	return allow
}

// parsePath takes a path, as it was escaped, apart: an escaped slash is part of
// an id, not the end of one. Section 3.1 has clients end it in a slash; one
// that does not means the same resource here, as no other could be meant.
func parsePath(path string) (route, bool) {
	rest, ok := strings.CutPrefix(path, "/taxii2")
	if !ok {
		return route{}, false
	}
	if rest == "" || rest == "/" {
		return route{endpoint: &discovery}, true
	}
	rest = strings.TrimSuffix(rest, "/")
	var part [6]string // root collections ID objects ID versions
	n := 0
	for rest != "" {
		if n == len(part) || rest[0] != '/' {
			return route{}, false
		}
		part[n], rest = nextPart(rest[1:])
		if part[n] == "" {
			return route{}, false
		}
		n++
	}
	if part[0] != "root" {
		return route{}, false
	}
	switch {
	case n == 1:
		return route{endpoint: &apiRoot}, true
	case n == 3 && part[1] == "status":
		return route{endpoint: &statuses, status: part[2]}, true
	case part[1] != "collections":
		return route{}, false
	}
	return collectionRoute(part[2:n])
}

// collectionRoute is what stands behind /collections.
func collectionRoute(part []string) (route, bool) {
	switch len(part) {
	case 0:
		return route{endpoint: &collections}, true
	case 1:
		return route{endpoint: &collection, collection: part[0]}, true
	case 2:
		switch part[1] {
		case "manifest":
			return route{endpoint: &manifest, collection: part[0]}, true
		case "objects":
			return route{endpoint: &objects, collection: part[0]}, true
		}
	case 3:
		if part[1] == "objects" {
			return route{endpoint: &object, collection: part[0], object: part[2]}, true
		}
	case 4:
		if part[1] == "objects" && part[3] == "versions" {
			return route{endpoint: &versions, collection: part[0], object: part[2]}, true
		}
	}
	return route{}, false
}

// nextPart cuts a path before its next slash. A part that cannot be unescaped
// is empty.
func nextPart(s string) (part, rest string) {
	if i := strings.IndexByte(s, '/'); i >= 0 {
		s, rest = s[:i], s[i:]
	}
	part, err := url.PathUnescape(s)
	if err != nil {
		return "", rest
	}
	return part, rest
}
