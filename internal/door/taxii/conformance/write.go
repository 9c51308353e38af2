package conformance

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"
)

func (s *suite) post(t *testing.T, c Collection, body []byte) answer {
	t.Helper()
	return s.do(t, call{method: http.MethodPost, path: objectsOf(c), as: s.Ana, body: body})
}

// addObjects: section 5.5.
func (s *suite) addObjects(t *testing.T) {
	c := s.take(t)
	t.Run("5.5 202 with a status that is complete", func(t *testing.T) {
		id := newID("indicator")
		r := s.post(t, c, envelope(indicator(id, v1))).receipt(t, http.StatusAccepted)
		if r.Status != "complete" || *r.SuccessCount != 1 || r.Successes[0].ID != id || r.Successes[0].Version != v1 {
			t.Errorf("%+v", r)
		}
		if u, err := uuid.Parse(r.ID); err != nil || u.Version() != 4 {
			t.Errorf("id %q is no UUID of version 4", r.ID)
		}
		if !stampRule.MatchString(r.RequestTimestamp) {
			t.Errorf("request_timestamp %q", r.RequestTimestamp)
		}
	})
	t.Run("2 no list of the status is empty", func(t *testing.T) {
		a := s.post(t, c, envelope(indicator(newID("indicator"), v1))).is(t, http.StatusAccepted)
		if bytes.Contains(a.body, []byte("[]")) {
			t.Errorf("%s", a.body)
		}
	})
	t.Run("5.5 objects come back byte for byte", func(t *testing.T) {
		id := newID("indicator")
		raw := "{ \"modified\":\"" + v1 + "\",\n\t\"type\" : \"indicator\", \"x_odd\": [1.0, 1e2, -0, \"\\u00e9\\/é\", { } ], \"spec_version\":\"2.1\"," +
			"\"id\":\"" + id + "\",\"created\":\"" + v1 + "\",\"pattern\":\"[file:name = 'a']\",\"pattern_type\":\"stix\",\"valid_from\":\"" + v1 + "\" }"
		s.add(t, c, raw)
		p := s.get(t, objectsOf(c, id), "").page(t)
		if len(p.Objects) != 1 || string(p.Objects[0]) != raw {
			t.Errorf("got %s\nwant %s", p.Objects, raw)
		}
	})
	t.Run("5.5 an exact duplicate is a success", func(t *testing.T) {
		id := newID("indicator")
		s.add(t, c, indicator(id, v1))
		r := s.add(t, c, indicator(id, v1))
		if *r.SuccessCount != 1 || *r.FailureCount != 0 {
			t.Errorf("%+v", r)
		}
		if p := s.get(t, objectsOf(c, id), "match[version]=all").page(t); len(p.Objects) != 1 {
			t.Errorf("%d objects", len(p.Objects))
		}
	})
	t.Run("5.5 one object twice in one envelope is one", func(t *testing.T) {
		id := newID("indicator")
		r := s.add(t, c, indicator(id, v1), indicator(id, v1))
		if *r.TotalCount != 2 || *r.SuccessCount != 2 {
			t.Errorf("%+v", r)
		}
		if p := s.get(t, objectsOf(c, id), "match[version]=all").page(t); len(p.Objects) != 1 {
			t.Errorf("%d objects", len(p.Objects))
		}
	})
	t.Run("5.5 three versions in one envelope are three", func(t *testing.T) {
		id := newID("indicator")
		s.add(t, c, indicator(id, v2), indicator(id, v1), indicator(id, v3))
		if p := s.get(t, objectsOf(c, id), "match[version]=all").page(t); len(p.Objects) != 3 {
			t.Errorf("%d objects", len(p.Objects))
		}
	})
	t.Run("5.5 other content under the same version is a failure that says so", func(t *testing.T) {
		id := newID("malware")
		s.add(t, c, malware(id, v1))
		other := strings.Replace(malware(id, v1), "Mist", "Fog", 1)
		r := s.post(t, c, envelope(other)).receipt(t, http.StatusAccepted)
		if *r.FailureCount != 1 || r.Failures[0].Message == "" {
			t.Errorf("%+v", r)
		}
		p := s.get(t, objectsOf(c, id), "match[version]=all").page(t)
		if len(p.Objects) != 1 || string(p.Objects[0]) != malware(id, v1) {
			t.Errorf("%s", p.Objects)
		}
	})
	t.Run("4.3.1 the version of what has only created is that", func(t *testing.T) {
		r := s.add(t, c, marking(newID("marking-definition")))
		if r.Successes[0].Version != v1 {
			t.Errorf("%+v", r.Successes)
		}
	})
	t.Run("4.3.1 what has no version has one that the manifest gives, too", func(t *testing.T) {
		id := newID("ipv4-addr")
		r := s.add(t, c, address(id, "198.51.100.1"))
		if p := s.get(t, manifestOf(c), where("match[id]", id)).page(t); len(p.Objects) != 1 || p.versions(t)[0] != r.Successes[0].Version {
			t.Errorf("status %+v, manifest %s", r.Successes, p.Objects)
		}
	})
	t.Run("3.7 properties that nobody knows are ignored", func(t *testing.T) {
		body := fmt.Sprintf(`{"more":false,"x_acme":{"a":[1,"]}"]},"objects":[%s],"next":null}`, indicator(newID("indicator"), v1))
		if r := s.post(t, c, []byte(body)).receipt(t, http.StatusAccepted); *r.SuccessCount != 1 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("here: a bundle is taken for an envelope", func(t *testing.T) {
		body := fmt.Sprintf(`{"type":"bundle","id":%q,"objects":[%s]}`, newID("bundle"), indicator(newID("indicator"), v1))
		if r := s.post(t, c, []byte(body)).receipt(t, http.StatusAccepted); *r.SuccessCount != 1 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("5.5 custom objects and properties are taken", func(t *testing.T) {
		id := newID("x-acme-rig")
		raw := fmt.Sprintf(`{"type":"x-acme-rig","spec_version":"2.1","id":%q,"created":%q,"modified":%q,"x_depth":3}`, id, v1, v1)
		s.add(t, c, raw)
		if p := s.get(t, objectsOf(c), "match[type]=x-acme-rig").page(t); len(p.Objects) != 1 || string(p.Objects[0]) != raw {
			t.Errorf("%s", p.Objects)
		}
	})
	t.Run("5.5 white space around and within the envelope", func(t *testing.T) {
		body := "\r\n\t {\n\"objects\" :\n[ " + indicator(newID("indicator"), v1) + " \n] } \n"
		if r := s.post(t, c, []byte(body)).receipt(t, http.StatusAccepted); *r.SuccessCount != 1 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("5.5 a body in chunks", func(t *testing.T) {
		s.do(t, call{method: http.MethodPost, path: objectsOf(c), as: s.Ana, body: envelope(indicator(newID("indicator"), v1)), length: -1}).
			receipt(t, http.StatusAccepted)
	})
	t.Run("5.5 who may only write writes", func(t *testing.T) {
		id := newID("indicator")
		s.do(t, call{method: http.MethodPost, path: objectsOf(c), as: s.Will, body: envelope(indicator(id, v1))}).receipt(t, http.StatusAccepted)
		if p := s.get(t, objectsOf(c, id), "").page(t); len(p.Objects) != 1 {
			t.Errorf("%d objects", len(p.Objects))
		}
	})
	t.Run("5.5 a thousand in one envelope", func(t *testing.T) {
		objects, _ := indicators(1000)
		s.add(t, c, objects...)
	})
}

// addBroken: the 422 of section 5.5, and failures beside successes.
func (s *suite) addBroken(t *testing.T) {
	c := s.take(t)
	good := indicator(newID("indicator"), v1)
	for name, body := range map[string]string{
		"nothing":                 "",
		"no JSON":                 "objects=1",
		"a truncated envelope":    `{"objects":[` + good,
		"a truncated object":      `{"objects":[` + good[:len(good)-20],
		"a list":                  `[` + good + `]`,
		"an object without it":    good,
		"no objects":              `{}`,
		"an empty list":           `{"objects":[]}`,
		"objects that are none":   `{"objects":5}`,
		"objects that is one":     `{"objects":` + good + `}`,
		"objects twice":           `{"objects":[` + good + `],"objects":[` + good + `]}`,
		"two envelopes":           `{"objects":[` + good + `]}{"objects":[` + good + `]}`,
		"something after its end": `{"objects":[` + good + `]} x`,
		"a comma too many":        `{"objects":[` + good + `,]}`,
		"a comma too few":         `{"objects":[` + good + good + `]}`,
		"a property that is none": `{"x":tru,"objects":[` + good + `]}`,
		"a byte order mark":       "\ufeff" + `{"objects":[` + good + `]}`,
		"a null":                  "null",
		"deep nesting":            strings.Repeat("[", 100_000),
		"deep braces":             strings.Repeat(`{"a":`, 100_000),
	} {
		t.Run("5.5 422 for "+name, func(t *testing.T) { s.post(t, c, []byte(body)).refuses(t, http.StatusUnprocessableEntity) })
	}
	t.Run("5.5 nothing of what got 422 is stored", func(t *testing.T) {
		if p := s.get(t, objectsOf(c), "").page(t); len(p.Objects) != 0 {
			t.Errorf("%s", p.Objects)
		}
	})
	elements := map[string]string{
		"a string":            `"indicator"`,
		"a number":            `5`,
		"a null":              `null`,
		"a list":              `[]`,
		"an empty object":     `{}`,
		"no id":               `{"type":"malware","spec_version":"2.1"}`,
		"no type":             `{"id":"` + newID("malware") + `","spec_version":"2.1"}`,
		"an id that is none":  `{"type":"malware","spec_version":"2.1","id":"malware-1","created":"` + v1 + `","modified":"` + v1 + `"}`,
		"an id of a number":   `{"type":"malware","spec_version":"2.1","id":7}`,
		"a name twice":        `{"type":"malware","type":"malware","spec_version":"2.1","id":"` + newID("malware") + `","created":"` + v1 + `","modified":"` + v1 + `"}`,
		"no UTF-8":            `{"type":"malware","spec_version":"2.1","id":"` + newID("malware") + `","created":"` + v1 + `","modified":"` + v1 + `","name":"` + "\xff\xfe" + `"}`,
		"a version of no day": malware(newID("malware"), "2021-02-30T00:00:00Z"),
		"too deep":            strings.Replace(malware(newID("malware"), v1), `"Mist"`, strings.Repeat("[", 500)+strings.Repeat("]", 500), 1),
		"wrong brackets":      `{"a":[}]`,
		"a bundle inside":     `{"type":"bundle","id":"` + newID("bundle") + `"}`,
		"too large":           strings.Replace(malware(newID("malware"), v1), "Mist", strings.Repeat("m", 5<<18), 1),
	}
	for name, element := range elements {
		t.Run("5.5 a failure beside two successes: "+name, func(t *testing.T) {
			ids := []string{newID("indicator"), newID("indicator")}
			r := s.post(t, c, envelope(indicator(ids[0], v1), element, indicator(ids[1], v1))).receipt(t, http.StatusAccepted)
			if *r.TotalCount != 3 || *r.SuccessCount != 2 || *r.FailureCount != 1 || r.Status != "complete" {
				t.Fatalf("%+v", r)
			}
			if r.Failures[0].Message == "" {
				t.Error("the failure has no message")
			}
			if p := s.get(t, objectsOf(c), where("match[id]", strings.Join(ids, ","))).page(t); len(p.Objects) != 2 {
				t.Errorf("%d of the good ones are there", len(p.Objects))
			}
		})
	}
	t.Run("4.3.1 a failure goes by its id and version", func(t *testing.T) {
		id := newID("malware")
		r := s.post(t, c, envelope(fmt.Sprintf(`{"id":%q,"modified":%q}`, id, v2))).receipt(t, http.StatusAccepted)
		if *r.FailureCount != 1 || r.Failures[0].ID != id || r.Failures[0].Version != v2 {
			t.Errorf("%+v", r.Failures)
		}
	})
	t.Run("here: a flood of empty objects is refused", func(t *testing.T) {
		s.post(t, c, []byte(`{"objects":[`+strings.Repeat("{},", 200_000)+`{}]}`)).refuses(t, http.StatusUnprocessableEntity)
	})
}

// addPacked: Content-Encoding of requests.
func (s *suite) addPacked(t *testing.T) {
	c := s.take(t)
	pack := func(name string, body []byte) []byte {
		var b bytes.Buffer
		if name == "gzip" {
			w := gzip.NewWriter(&b)
			w.Write(body)
			w.Close()
			return b.Bytes()
		}
		w, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(body)
		w.Close()
		return b.Bytes()
	}
	send := func(t *testing.T, name string, body []byte) answer {
		return s.do(t, call{method: http.MethodPost, path: objectsOf(c), as: s.Ana, body: body,
			header: http.Header{"Content-Encoding": {name}}})
	}
	for _, name := range []string{"gzip", "zstd"} {
		t.Run("here: a body packed by "+name, func(t *testing.T) {
			id := newID("indicator")
			send(t, name, pack(name, envelope(indicator(id, v1)))).receipt(t, http.StatusAccepted)
			if p := s.get(t, objectsOf(c, id), "").page(t); len(p.Objects) != 1 {
				t.Errorf("%d objects", len(p.Objects))
			}
		})
		t.Run("here: a bomb in "+name+" gets 413", func(t *testing.T) {
			bomb := pack(name, append(bytes.Repeat([]byte(" "), 8*s.MaxBody), `{"objects":[]}`...))
			send(t, name, bomb).refuses(t, http.StatusRequestEntityTooLarge)
		})
		t.Run("here: a body that is not "+name+" gets 400", func(t *testing.T) {
			send(t, name, envelope(indicator(newID("indicator"), v1))).refuses(t, http.StatusBadRequest)
		})
		t.Run("here: a cut body in "+name+" gets 400", func(t *testing.T) {
			objects, _ := indicators(100)
			b := pack(name, envelope(objects...))
			send(t, name, b[:len(b)/2]).refuses(t, http.StatusBadRequest)
		})
	}
	t.Run("here: an unknown packing gets 415 with those that are known", func(t *testing.T) {
		a := send(t, "br", envelope(indicator(newID("indicator"), v1)))
		a.refuses(t, http.StatusUnsupportedMediaType)
		if got := a.header.Get("Accept-Encoding"); !strings.Contains(got, "gzip") || !strings.Contains(got, "zstd") {
			t.Errorf("Accept-Encoding %q", got)
		}
	})
}

// addLarge: max_content_length (sections 4.2.1 and 5.5).
func (s *suite) addLarge(t *testing.T) {
	c := s.take(t)
	padded := func(size int) []byte {
		body := envelope(indicator(newID("indicator"), v1))
		return append(body, bytes.Repeat([]byte(" "), size-len(body))...)
	}
	t.Run("4.2.1 a body of max_content_length is taken", func(t *testing.T) {
		s.post(t, c, padded(s.MaxBody)).receipt(t, http.StatusAccepted)
	})
	t.Run("5.5 413 for one octet more", func(t *testing.T) {
		s.post(t, c, padded(s.MaxBody+1)).refuses(t, http.StatusRequestEntityTooLarge)
	})
	t.Run("5.5 413 for one octet more in chunks", func(t *testing.T) {
		s.do(t, call{method: http.MethodPost, path: objectsOf(c), as: s.Ana, body: padded(s.MaxBody + 1), length: -1}).
			refuses(t, http.StatusRequestEntityTooLarge)
	})
	t.Run("5.5 of what got 413 nothing is stored", func(t *testing.T) {
		if p := s.get(t, objectsOf(c), "").page(t); len(p.Objects) != 1 {
			t.Errorf("%d objects", len(p.Objects))
		}
	})
}

// status: section 4.3.
func (s *suite) status(t *testing.T) {
	c := s.take(t)
	posted := s.post(t, c, envelope(indicator(newID("indicator"), v1), `{"id":"x"}`, address(newID("ipv4-addr"), "198.51.100.2")))
	r := posted.receipt(t, http.StatusAccepted)
	path := root + "status/" + r.ID + "/"
	t.Run("4.3 the status is that of the POST's answer", func(t *testing.T) {
		got := s.get(t, path, "")
		got.receipt(t, http.StatusOK)
		var a, b any
		if json.Unmarshal(got.body, &a) != nil || json.Unmarshal(posted.body, &b) != nil || fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%s\ndiffers from\n%s", got.body, posted.body)
		}
	})
	t.Run("4.3 it can be asked for again", func(t *testing.T) {
		for range 3 {
			s.get(t, path, "").receipt(t, http.StatusOK)
		}
	})
	for name, id := range map[string]string{
		"no POST's": uuid.NewString(), "no UUID": "2223", "the id in braces": "{" + r.ID + "}", "a climb": "..%2fx",
	} {
		t.Run("4.3 404 for an id that is "+name, func(t *testing.T) { s.get(t, root+"status/"+id+"/", "").refuses(t, http.StatusNotFound) })
	}
	t.Run("4.3 404 for another account", func(t *testing.T) {
		for _, who := range []Account{s.Ben, s.Rita, s.Otto} {
			s.do(t, call{path: path, as: who}).refuses(t, http.StatusNotFound)
		}
	})
	t.Run("3.2 a status has no dates added", func(t *testing.T) {
		if v := s.get(t, path, "").header.Get("X-TAXII-Date-Added-First"); v != "" {
			t.Errorf("%q", v)
		}
	})
}
