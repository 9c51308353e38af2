package conformance

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// objects: section 5.4, sorting (3.3) and the headers of 3.2.
func (s *suite) objects(t *testing.T) {
	c := s.take(t)
	t.Run("5.4 an empty collection gives an empty envelope", func(t *testing.T) { s.get(t, objectsOf(c), "").page(t) })
	t.Run("5.4 an empty collection gives one whatever the filter", func(t *testing.T) {
		for _, q := range []string{"limit=1", "match[version]=all", "match[type]=malware", where("added_after", v3), "match[spec_version]=2.0",
			where("match[id]", newID("malware"))} {
			s.get(t, objectsOf(c), q).page(t)
		}
	})
	objects, ids := indicators(30)
	for i := 0; i < 30; i += 10 {
		s.add(t, c, objects[i:i+10]...)
	}
	t.Run("3.3 objects come in the order in which they were added", func(t *testing.T) {
		equal(t, "ids", s.get(t, objectsOf(c), "").page(t).ids(t), ids)
	})
	t.Run("3.7 without more objects, more is false", func(t *testing.T) {
		if p := s.get(t, objectsOf(c), "").page(t); p.More || p.Next != "" {
			t.Errorf("more %v, next %q", p.More, p.Next)
		}
	})
	t.Run("3.2 the headers are the dates added of the first and last", func(t *testing.T) {
		dates := s.datesAdded(t, c)
		for _, q := range []string{"", "limit=7", "limit=1", "match[type]=indicator&limit=3"} {
			a := s.get(t, objectsOf(c), q)
			p := a.page(t)
			got := p.ids(t)
			equal(t, q, []string{a.header.Get("X-TAXII-Date-Added-First"), a.header.Get("X-TAXII-Date-Added-Last")},
				[]string{dates[got[0]], dates[got[len(got)-1]]})
		}
	})
	t.Run("3.2 dates added do not lie ahead", func(t *testing.T) {
		a := s.get(t, objectsOf(c), "")
		last, err := time.Parse(time.RFC3339, a.header.Get("X-TAXII-Date-Added-Last"))
		date, err2 := http.ParseTime(a.header.Get("Date"))
		if err != nil || err2 != nil || last.After(date.Add(time.Minute)) {
			t.Errorf("%v, %v beside Date %v", last, err, date)
		}
	})
	t.Run("5.4 the body is as long as Content-Length says", func(t *testing.T) {
		a := s.get(t, objectsOf(c), "")
		if a.header.Get("Content-Length") != itoa(len(a.body)) {
			t.Errorf("%s octets of %d", a.header.Get("Content-Length"), len(a.body))
		}
	})
}

// datesAdded gives the dates added by id, from the manifest.
func (s *suite) datesAdded(t *testing.T, c Collection) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, raw := range s.get(t, manifestOf(c), "").page(t).Objects {
		var r struct {
			ID        string
			DateAdded string `json:"date_added"`
		}
		if err := json.Unmarshal(raw, &r); err != nil {
			t.Fatal(err)
		}
		out[r.ID] = r.DateAdded
	}
	return out
}

// malformed: section 3.4, "if any of the URL query parameters are malformed,
// the TAXII Server MUST return an HTTP 400".
func (s *suite) malformed(t *testing.T) {
	c := s.take(t)
	id := newID("indicator")
	s.add(t, c, indicator(id, v1), indicator(id, v2))
	paging := []string{
		"limit=0", "limit=-1", "limit=-20", "limit=abc", "limit=", "limit=1.5", "limit=1e3", "limit=0x10", "limit=%2B5", "limit=5%20",
		"limit=00", "limit=1&limit=2", "limit=five", "limit=%D9%A3",
		"added_after=", "added_after=yesterday", "added_after=2020-01-01", "added_after=1577836800", "added_after=2020-13-01T00:00:00Z",
		"added_after=2020-02-30T00:00:00Z", "added_after=2020-01-01T25:00:00Z", "added_after=2020-01-01T00:00:00", "added_after=2020-01-01T00:00:00%2B00:00",
		"added_after=2020-01-01T00:00:00.Z", "added_after=2020-01-01%2000:00:00Z", "added_after=" + v1 + "&added_after=" + v2,
		"added_after=" + v1 + "," + v2, "added_after=2020-01-01t00:00:00z", "added_after=now",
		"next=garbage", "next=%00", "next=AAAA", "next=AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "next=x&next=y",
		"limit=%zz", "next=%",
	}
	versions := []string{
		"match[version]=", "match[version]=newest", "match[version]=ALL", "match[version]=all,last", "match[version]=first,all",
		"match[version]=all," + v1, "match[version]=last,last", "match[version]=first,last,first", "match[version]=" + v1 + "," + v1,
		"match[version]=2020-01-01", "match[version]=2020-01-01T00:00:00", "match[version]=last,", "match[version]=,last", "match[version]=last,%20first",
		"match[version]=last&match[version]=first", "match[version]=2020-02-30T00:00:00Z", "match[version]=all,all",
	}
	specs := []string{"match[spec_version]=", "match[spec_version]=two", "match[spec_version]=2.1,", "match[spec_version]=2.1,%202.0",
		"match[spec_version]=2.1&match[spec_version]=2.0"}
	fields := []string{"match[type]=", "match[type]=indicator,", "match[type]=indicator,%20malware", "match[type]=indicator&match[type]=malware",
		"match[id]=", "match[id]=" + id + ",", "match[id]=" + id + "&match[id]=" + id, "match%5Btype%5D=", "match[type]=%ff"}
	for _, place := range []struct {
		name, path string
		queries    [][]string
	}{
		{"objects", objectsOf(c), [][]string{paging, versions, specs, fields}},
		{"manifest", manifestOf(c), [][]string{paging, versions, specs, fields}},
		{"object", objectsOf(c, id), [][]string{paging, versions, specs}},
		{"versions", objectsOf(c, id, "versions"), [][]string{paging, specs}},
	} {
		for _, q := range slices.Concat(place.queries...) {
			t.Run("3.4 400 at "+place.name+" for "+strings.ReplaceAll(q, "/", "|"), func(t *testing.T) {
				s.get(t, place.path, q).refuses(t, http.StatusBadRequest)
			})
		}
	}
	for _, q := range slices.Concat(versions, specs) {
		t.Run("3.4 400 at DELETE for "+q, func(t *testing.T) {
			s.do(t, call{method: http.MethodDelete, path: objectsOf(c, id), query: q, as: s.Ana}).refuses(t, http.StatusBadRequest)
		})
	}
	t.Run("5.7 a malformed DELETE deletes nothing", func(t *testing.T) {
		if p := s.get(t, objectsOf(c, id), "match[version]=all").page(t); len(p.Objects) != 2 {
			t.Errorf("%d objects", len(p.Objects))
		}
	})
	for _, q := range []string{"x=1&x=2", "match[confidence]=90", "match[foo]=a,&match[foo]=b", "&&", "=", "Limit=0", "matchtype=x", "limit=5;limit=6x=1&y"} {
		if strings.Contains(q, ";") {
			continue
		}
		t.Run("3.4 what is not defined is ignored: "+q, func(t *testing.T) {
			if p := s.get(t, objectsOf(c), q).page(t); len(p.Objects) != 1 {
				t.Errorf("%d objects", len(p.Objects))
			}
		})
	}
	for _, q := range []string{"match[type]=malware", "match[id]=" + newID("malware"), "match[type]="} {
		t.Run("5.6 match on id and type is not for one object: "+strings.SplitN(q, "-", 2)[0], func(t *testing.T) {
			if p := s.get(t, objectsOf(c, id), q).page(t); len(p.Objects) != 1 {
				t.Errorf("%d objects", len(p.Objects))
			}
		})
	}
	t.Run("5.8 match on version is not for versions", func(t *testing.T) {
		if p := s.get(t, objectsOf(c, id, "versions"), "match[version]=first").page(t); len(p.Versions) != 2 {
			t.Errorf("%v", p.Versions)
		}
	})
}

// filters: sections 3.4 and 3.4.1 but for versions.
func (s *suite) filters(t *testing.T) {
	c := s.take(t)
	in, ma, md, ip := newID("indicator"), newID("malware"), newID("marking-definition"), newID("ipv4-addr")
	s.add(t, c, indicator(in, v1))
	s.add(t, c, malware(ma, v2))
	s.add(t, c, marking(md))
	s.add(t, c, address(ip, "198.51.100.3"))
	dates := s.datesAdded(t, c)
	parse := func(id string) time.Time {
		d, err := time.Parse(time.RFC3339, dates[id])
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	before := func(id string, d time.Duration, layout string) string { return parse(id).Add(-d).Format(layout) }
	const (
		micro = "2006-01-02T15:04:05.000000Z"
		nano  = "2006-01-02T15:04:05.000000000Z"
	)
	for _, f := range []struct {
		name, query string
		want        []string
	}{
		{"none", "", []string{in, ma, md, ip}},
		{"type", "match[type]=malware", []string{ma}},
		{"type, percent-encoded", "match%5Btype%5D=malware", []string{ma}},
		{"types", "match[type]=ipv4-addr,indicator", []string{in, ip}},
		{"types, percent-encoded comma", "match[type]=ipv4-addr%2Cindicator", []string{in, ip}},
		{"type that is not there", "match[type]=campaign", nil},
		{"type that nobody defines", "match[type]=x-nothing", nil},
		{"type is whole", "match[type]=mal", nil},
		{"type, another case", "match[type]=Malware", nil},
		{"id", "match[id]=" + ma, []string{ma}},
		{"ids, in the order of adding", "match[id]=" + ip + "," + in, []string{in, ip}},
		{"id that is not there", "match[id]=" + newID("malware"), nil},
		{"id that is none", "match[id]=nothing", nil},
		{"id there and not", "match[id]=" + newID("malware") + "," + md, []string{md}},
		{"id and type", "match[id]=" + in + "," + ma + "&match[type]=malware", []string{ma}},
		{"id and another type", "match[id]=" + in + "&match[type]=malware", nil},
		{"type and version", "match[type]=malware&match[version]=" + v2, []string{ma}},
		{"type and another version", "match[type]=malware&match[version]=" + v1, nil},
		{"version of modified or created", "match[version]=" + v1, []string{in, md}},
		{"spec 2.1", "match[spec_version]=2.1", []string{in, ma, md, ip}},
		{"spec 2.0", "match[spec_version]=2.0", nil},
		{"spec of the future", "match[spec_version]=3.7", nil},
		{"specs", "match[spec_version]=2.0,2.1", []string{in, ma, md, ip}},
		{"added_after the first", "added_after=" + dates[in], []string{ma, md, ip}},
		{"added_after a microsecond before", "added_after=" + before(ma, time.Microsecond, micro), []string{ma, md, ip}},
		{"added_after the last", "added_after=" + dates[ip], nil},
		{"added_after a nanosecond less", "added_after=" + before(ma, time.Nanosecond, nano), []string{ma, md, ip}},
		{"added_after a nanosecond more", "added_after=" + before(ma, -time.Nanosecond, nano), []string{md, ip}},
		{"added_after in seconds", "added_after=" + before(in, time.Second, "2006-01-02T15:04:05Z"), []string{in, ma, md, ip}},
		{"added_after in milliseconds", "added_after=" + before(in, time.Second, "2006-01-02T15:04:05.000Z"), []string{in, ma, md, ip}},
		{"added_after long ago", "added_after=1960-01-01T00:00:00.000000Z", []string{in, ma, md, ip}},
		{"added_after the year 0", "added_after=0000-01-01T00:00:00.000000Z", []string{in, ma, md, ip}},
		{"added_after a day to come", "added_after=9999-12-31T23:59:59.999999Z", nil},
		{"added_after and type", "added_after=" + dates[in] + "&match[type]=indicator,ipv4-addr", []string{ip}},
		{"all at once", "added_after=" + dates[in] + "&match[type]=malware&match[id]=" + ma + "&match[version]=last&match[spec_version]=2.1&limit=5", []string{ma}},
		{"an empty next", "next=", []string{in, ma, md, ip}},
	} {
		t.Run("3.4 objects by "+f.name, func(t *testing.T) {
			equal(t, "ids", s.get(t, objectsOf(c), f.query).page(t).ids(t), f.want)
		})
		t.Run("5.3 manifest by "+f.name, func(t *testing.T) {
			equal(t, "ids", s.get(t, manifestOf(c), f.query).page(t).ids(t), f.want)
		})
	}
	t.Run("3.4.1 no type of STIX 2.1 is an error", func(t *testing.T) {
		for _, typ := range strings.Fields(`attack-pattern campaign course-of-action grouping identity incident indicator infrastructure
			intrusion-set location malware malware-analysis note observed-data opinion report threat-actor tool vulnerability relationship
			sighting artifact autonomous-system directory domain-name email-addr email-message file ipv4-addr ipv6-addr mac-addr mutex
			network-traffic process software url user-account windows-registry-key x509-certificate extension-definition
			language-content marking-definition`) {
			s.get(t, objectsOf(c), "match[type]="+typ).page(t)
		}
	})
	t.Run("3.4.1 what has no version is found by the one that the manifest gives", func(t *testing.T) {
		version := s.get(t, manifestOf(c), "match[id]="+ip).page(t).versions(t)[0]
		equal(t, "ids", s.get(t, objectsOf(c), "match[version]="+version).page(t).ids(t), []string{ip})
	})
}

// versionFilters: match[version] of section 3.4.1.
func (s *suite) versionFilters(t *testing.T) {
	c := s.take(t)
	a, b := newID("indicator"), newID("malware")
	s.add(t, c, indicator(a, v2))
	s.add(t, c, indicator(a, v1)) // an older version that comes later
	s.add(t, c, malware(b, v1))
	s.add(t, c, indicator(a, v3))
	for _, f := range []struct {
		name, query string
		want        []string
	}{
		{"none is last", "", []string{b + v1, a + v3}},
		{"last", "last", []string{b + v1, a + v3}},
		{"first", "first", []string{a + v1, b + v1}},
		{"all", "all", []string{a + v2, a + v1, b + v1, a + v3}},
		{"first and last", "first,last", []string{a + v1, b + v1, a + v3}},
		{"last and first", "last,first", []string{a + v1, b + v1, a + v3}},
		{"a timestamp", v2, []string{a + v2}},
		{"a timestamp of two", v1, []string{a + v1, b + v1}},
		{"another precision", "2021-02-03T04:05:06.789000Z", []string{a + v2}},
		{"no fraction", "2020-01-01T00:00:00Z", []string{a + v1, b + v1}},
		{"more digits", v1[:len(v1)-1] + "000000Z", []string{a + v1, b + v1}},
		{"a near miss", "2021-02-03T04:05:06.788Z", nil},
		{"two timestamps", v1 + "," + v2, []string{a + v2, a + v1, b + v1}},
		{"a timestamp and last", v2 + ",last", []string{a + v2, b + v1, a + v3}},
		{"first, a timestamp, last", "first," + v2 + ",last", []string{a + v2, a + v1, b + v1, a + v3}},
		{"a timestamp that is not there, and last", "1999-01-01T00:00:00.000Z,last", []string{b + v1, a + v3}},
		{"a timestamp that is not there", "1999-01-01T00:00:00.000Z", nil},
	} {
		query := ""
		if f.query != "" {
			query = "match[version]=" + f.query
		}
		t.Run("3.4.1 version: "+f.name, func(t *testing.T) {
			for _, path := range []string{objectsOf(c), manifestOf(c)} {
				p := s.get(t, path, query).page(t)
				ids, versions := p.ids(t), p.versions(t)
				got := []string{}
				for i := range ids {
					got = append(got, ids[i]+versions[i])
				}
				equal(t, path, got, f.want)
			}
		})
	}
	t.Run("3.4.1 first with a type", func(t *testing.T) {
		equal(t, "versions", s.get(t, objectsOf(c), "match[type]=indicator&match[version]=first").page(t).versions(t), []string{v1})
	})
	t.Run("3.4.1 created is the version of what has no modified", func(t *testing.T) {
		id := newID("marking-definition")
		s.add(t, c, marking(id))
		for _, v := range []string{"all", "first", "last", v1} {
			equal(t, v, s.get(t, objectsOf(c), "match[id]="+id+"&match[version]="+v).page(t).ids(t), []string{id})
		}
	})
	t.Run("3.4.1 what has no version is its first and last", func(t *testing.T) {
		id := newID("ipv4-addr")
		s.add(t, c, address(id, "198.51.100.4"))
		for _, v := range []string{"all", "first", "last", "first,last"} {
			equal(t, v, s.get(t, objectsOf(c), "match[id]="+id+"&match[version]="+v).page(t).ids(t), []string{id})
		}
	})
}

// specVersions: match[spec_version] of section 3.4.1.
func (s *suite) specVersions(t *testing.T) {
	c := s.take(t)
	old, both := newID("malware"), newID("malware")
	s.add(t, c, malware20(old, v1))
	s.add(t, c, malware(both, v1))
	s.add(t, c, malware20(both, v2))
	for _, f := range []struct {
		name, query string
		want        []string
	}{
		{"2.0 alone", "match[spec_version]=2.0", []string{old + v1, both + v2}},
		{"both, all versions", "match[spec_version]=2.0,2.1&match[version]=all", []string{old + v1, both + v1, both + v2}},
		{"none, all versions: the latest of each object", "match[version]=all", []string{old + v1, both + v1}},
		{"none, first and last", "match[version]=first,last", []string{old + v1, both + v1}},
		{"2.1, all versions", "match[spec_version]=2.1&match[version]=all", []string{both + v1}},
		{"2.0, a type", "match[spec_version]=2.0&match[type]=malware&match[id]=" + old, []string{old + v1}},
	} {
		t.Run("3.4.1 spec_version: "+f.name, func(t *testing.T) {
			for _, path := range []string{objectsOf(c), manifestOf(c)} {
				p := s.get(t, path, f.query).page(t)
				ids, versions := p.ids(t), p.versions(t)
				got := []string{}
				for i := range ids {
					got = append(got, ids[i]+versions[i])
				}
				equal(t, path, got, f.want)
			}
		})
	}
	t.Run("3.4.1 spec_version: pages of what is left out are read over", func(t *testing.T) {
		var got []string
		for next, n := "", 0; n < 5; n++ {
			q := "match[version]=all&limit=1"
			if next != "" {
				q += "&next=" + next
			}
			p := s.get(t, objectsOf(c), q).page(t)
			got = append(got, p.ids(t)...)
			if next = p.Next; !p.More {
				break
			}
		}
		equal(t, "ids", got, []string{old, both})
	})
	t.Run("5.3.1 media_type says the version of STIX", func(t *testing.T) {
		a := s.get(t, manifestOf(c), "match[id]="+old)
		a.page(t)
		if !strings.Contains(string(a.body), `"media_type":"application/stix+json;version=2.0"`) {
			t.Errorf("%s", a.body)
		}
	})
	t.Run("5.8 versions: the latest of STIX unless asked", func(t *testing.T) {
		path := objectsOf(c, both, "versions")
		equal(t, "default", s.get(t, path, "").page(t).Versions, []string{v1})
		equal(t, "2.0", s.get(t, path, "match[spec_version]=2.0").page(t).Versions, []string{v2})
		equal(t, "both", s.get(t, path, "match[spec_version]=2.0,2.1").page(t).Versions, []string{v1, v2})
	})
}
