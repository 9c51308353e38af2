package taxii

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Discover reads what the server says about itself (section 4.1).
func (c *Client) Discover(ctx context.Context) (Discovery, error) {
	var d Discovery
	err := c.getJSON(ctx, "discover", c.given, &d)
	return d, err
}

// Roots returns the URLs of the server's API roots, absolute. Roots on other
// hosts are left out and told in the error, an *OtherHostError each; the
// others are returned all the same.
func (c *Client) Roots(ctx context.Context) ([]string, error) {
	d, err := c.Discover(ctx)
	if err != nil {
		return nil, err
	}
	var roots []string
	var elsewhere []error
	for _, named := range d.APIRoots {
		root, err := c.resolveRoot(named)
		if err != nil {
			elsewhere = append(elsewhere, err)
			continue
		}
		roots = append(roots, root.String())
	}
	return roots, errors.Join(elsewhere...)
}

// Root reads the API root's description and its URL (section 4.2).
func (c *Client) Root(ctx context.Context) (APIRoot, string, error) {
	u, err := c.apiRoot(ctx, "")
	if err != nil {
		return APIRoot{}, "", err
	}
	var root APIRoot
	err = c.getJSON(ctx, "read the API root", u, &root)
	return root, u.String(), err
}

// Collections lists the collections of the API root (section 5.1).
func (c *Client) Collections(ctx context.Context) ([]Collection, error) {
	var list Collections
	err := c.read(ctx, "list the collections", &list, "collections")
	return list.Collections, err
}

// Collection reads one collection by id or alias (section 5.2).
func (c *Client) Collection(ctx context.Context, collection string) (Collection, error) {
	var one Collection
	err := c.read(ctx, "read collection "+collection, &one, "collections", collection)
	return one, err
}

// Page is one page of objects with the dates added of its first and last, as
// the server wrote them; empty when it wrote none.
type Page struct {
	Envelope
	First, Last string
}

// Objects reads one page of a collection's objects (section 5.4). To read a
// collection, use Pull.
func (c *Client) Objects(ctx context.Context, collection string, q Query) (Page, error) {
	return c.page(ctx, "read objects of "+collection, q, "collections", collection, "objects")
}

// Object reads versions of one object (section 5.6).
func (c *Client) Object(ctx context.Context, collection, id string, q Query) (Page, error) {
	return c.page(ctx, "read "+id, q, "collections", collection, "objects", id)
}

func (c *Client) page(ctx context.Context, doing string, q Query, path ...string) (Page, error) {
	var p Page
	u, err := c.endpoint(ctx, path...)
	if err != nil {
		return p, err
	}
	header, err := c.getWithHeader(ctx, doing, q.at(u), &p.Envelope)
	p.First, p.Last = header.Get(HeaderDateAddedFirst), header.Get(HeaderDateAddedLast)
	return p, err
}

// Manifest reads one page of what a collection holds (section 5.3).
func (c *Client) Manifest(ctx context.Context, collection string, q Query) (Manifest, error) {
	var m Manifest
	u, err := c.endpoint(ctx, "collections", collection, "manifest")
	if err != nil {
		return m, err
	}
	err = c.getJSON(ctx, "read the manifest of "+collection, q.at(u), &m)
	return m, err
}

// Versions reads one page of the versions of an object (section 5.8).
func (c *Client) Versions(ctx context.Context, collection, id string, q Query) (Versions, error) {
	var v Versions
	u, err := c.endpoint(ctx, "collections", collection, "objects", id, "versions")
	if err != nil {
		return v, err
	}
	err = c.getJSON(ctx, "read the versions of "+id, q.at(u), &v)
	return v, err
}

// Delete removes an object from a collection, or those of its versions that
// filter names (section 5.7).
func (c *Client) Delete(ctx context.Context, collection, id string, filter Filter) error {
	u, err := c.endpoint(ctx, "collections", collection, "objects", id)
	if err != nil {
		return err
	}
	if _, err = c.do(ctx, request{method: http.MethodDelete, url: Query{Filter: filter}.at(u)}); err != nil {
		return fmt.Errorf("delete %s: %w", id, err)
	}
	return nil
}

// Add sends one envelope of objects and returns the server's first status,
// which may still be pending (section 5.5). To send many, use Push.
func (c *Client) Add(ctx context.Context, collection string, objects ...json.RawMessage) (Status, error) {
	var body envelopeWriter
	for _, object := range objects {
		body.add(object)
	}
	return c.add(ctx, collection, body.bytes())
}

// envelopeWriter joins objects to an envelope without touching their bytes,
// as encoding/json would.
type envelopeWriter struct {
	buf   []byte
	count int
}

const (
	envelopeHead = `{"objects":[`
	envelopeTail = `]}`
)

func (w *envelopeWriter) add(object []byte) {
	if w.count == 0 {
		w.buf = append(w.buf[:0], envelopeHead...)
	} else {
		w.buf = append(w.buf, ',')
	}
	w.buf = append(w.buf, object...)
	w.count++
}

// bytes returns the envelope; nothing may be added afterwards.
func (w *envelopeWriter) bytes() []byte {
	if w.count == 0 {
		return []byte(`{}`)
	}
	return append(w.buf, envelopeTail...)
}

func (c *Client) add(ctx context.Context, collection string, body []byte) (Status, error) {
	var status Status
	u, err := c.endpoint(ctx, "collections", collection, "objects")
	if err != nil {
		return status, err
	}
	_, err = c.do(ctx, request{method: http.MethodPost, url: u, body: body, accept: func(a answer) error {
		return decode(a, &status)
	}})
	if err != nil {
		return status, fmt.Errorf("add to %s: %w", collection, err)
	}
	return status, nil
}

// Status reads what became of an earlier Add (section 4.3).
func (c *Client) Status(ctx context.Context, id string) (Status, error) {
	var status Status
	err := c.read(ctx, "read status "+id, &status, "status", id)
	return status, err
}

// endpoint is the URL of a path below the API root. Every element is escaped,
// so that no id reaches outside its place.
func (c *Client) endpoint(ctx context.Context, path ...string) (*url.URL, error) {
	root, err := c.apiRoot(ctx, "")
	if err != nil {
		return nil, err
	}
	return below(root, path...)
}

func below(root *url.URL, path ...string) (*url.URL, error) {
	b := new(strings.Builder)
	b.WriteString(root.EscapedPath())
	for _, element := range path {
		if element == "" || element == "." || element == ".." {
			return nil, fmt.Errorf("%q is no id", element)
		}
		b.WriteString(url.PathEscape(element))
		b.WriteByte('/')
	}
	u := *root
	u.RawPath = b.String()
	var err error
	u.Path, err = url.PathUnescape(u.RawPath)
	return &u, err
}

func (c *Client) read(ctx context.Context, doing string, into any, path ...string) error {
	u, err := c.endpoint(ctx, path...)
	if err != nil {
		return err
	}
	return c.getJSON(ctx, doing, u, into)
}
