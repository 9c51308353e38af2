package taxii_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/stix"
	"entente/taxii"
)

// written is a sequence of n small objects and, with them, what was not read.
func written(n int, unread ...error) (iter.Seq2[*stix.Object, error], []string) {
	var raws []string
	for i := range n {
		raws = append(raws, fmt.Sprintf(`{ "type":"indicator", "id":"indicator--00000000-0000-4000-8000-%012d","modified":"2024-01-01T00:00:00.000Z", "name":"<&>\u0041" }`, i))
	}
	return func(yield func(*stix.Object, error) bool) {
		for _, err := range unread {
			if !yield(nil, err) {
				return
			}
		}
		for _, raw := range raws {
			object, err := stix.Read([]byte(raw))
			if !yield(&object, err) {
				return
			}
		}
	}, raws
}

// objectsOf are the objects of the envelopes that the server took, as written.
func (f *foreign) objectsOf(t *testing.T, taken ...[]byte) (list []string) {
	t.Helper()
	for _, body := range taken {
		var e taxii.Envelope
		if err := json.Unmarshal(body, &e); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		for _, o := range e.Objects {
			list = append(list, string(o))
		}
	}
	return list
}

func complete(n int) taxii.Status {
	return taxii.Status{ID: "s1", Status: taxii.StatusComplete, TotalCount: n, SuccessCount: n}
}

// takeAll answers with a status of success.
func takeAll(w http.ResponseWriter, body []byte, n int) {
	reply(w, 202, complete(bytes.Count(body, []byte(`"id"`))))
}

func TestPushSendsEveryObjectByteForByteInEnvelopesThatFit(t *testing.T) {
	for _, options := range []taxii.PushOptions{{}, {MaxObjects: 7}, {MaxBytes: 300}, {MaxBytes: 1 << 20}} {
		t.Run(fmt.Sprintf("%+v", options), func(t *testing.T) {
			f := newForeign(t) // takes 4096 bytes
			f.post = takeAll
			objects, raws := written(100)
			report, err := f.client(t).Push(t.Context(), collectionID, objects, options)
			if err != nil || report.Succeeded != 100 || report.Failed+report.Pending != 0 {
				t.Fatalf("%+v, %v", report, err)
			}
			if got := f.objectsOf(t, f.posted...); !slices.Equal(got, raws) {
				t.Errorf("sent %q", got)
			}
			most := int64(4096)
			if options.MaxBytes > 0 {
				most = min(most, options.MaxBytes)
			}
			for _, body := range f.posted {
				if int64(len(body)) > most {
					t.Errorf("an envelope of %d bytes; %d are allowed", len(body), most)
				}
			}
		})
	}
}

func TestPushFollowsAPendingStatus(t *testing.T) {
	f := newForeign(t)
	f.post = func(w http.ResponseWriter, body []byte, n int) {
		reply(w, 202, taxii.Status{ID: "s/1", Status: taxii.StatusPending, TotalCount: 3, PendingCount: 3})
	}
	f.status = func(n int) taxii.Status {
		if n < 4 {
			return taxii.Status{ID: "s/1", Status: taxii.StatusPending, TotalCount: 3, SuccessCount: 1, PendingCount: 2}
		}
		return taxii.Status{ID: "s/1", Status: taxii.StatusComplete, TotalCount: 3, SuccessCount: 2, FailureCount: 1,
			Failures: []taxii.StatusDetail{{ID: "indicator--x", Version: "v", Message: "no such type"}}}
	}
	objects, _ := written(3)
	time := new(clock)
	report, err := f.client(t, time.option()).Push(t.Context(), collectionID, objects, taxii.PushOptions{})
	if err != nil || report.Succeeded != 2 || report.Failed != 1 || report.Pending != 0 ||
		len(report.Failures) != 1 || report.Failures[0].Message != "no such type" {
		t.Errorf("%+v, %v", report, err)
	}
	if len(time.waits) != 4 || !slices.IsSorted(time.waits) || time.waits[3] < 4*time.waits[0] {
		t.Errorf("waits %v, want 4 that grow", time.waits)
	}
	if want := "GET /api/status/s%2F1/"; !slices.Contains(f.log(), want) {
		t.Errorf("requests %q, want %q", f.log(), want)
	}
}

func TestPushStopsAskingAfterAStatusThatStaysPending(t *testing.T) {
	f := newForeign(t)
	pending := taxii.Status{ID: "s1", Status: taxii.StatusPending, TotalCount: 1, PendingCount: 1}
	f.post = func(w http.ResponseWriter, body []byte, n int) { reply(w, 202, pending) }
	f.status = func(int) taxii.Status { return pending }
	objects, _ := written(1)
	c := new(clock)
	report, err := f.client(t, c.option()).Push(t.Context(), collectionID, objects, taxii.PushOptions{Wait: time.Minute})
	if err != nil || report.Pending != 1 || f.asked == 0 || f.asked > 30 {
		t.Errorf("%+v, %v after %d questions", report, err, f.asked)
	}
}

func TestPushHalvesWhatIsTooLarge(t *testing.T) {
	f := newForeign(t)
	var taken [][]byte
	f.post = func(w http.ResponseWriter, body []byte, n int) {
		if len(body) > 1000 {
			refuse(w, 413, "too large")
			return
		}
		taken = append(taken, body)
		takeAll(w, body, n)
	}
	objects, raws := written(60)
	report, err := f.client(t).Push(t.Context(), collectionID, objects, taxii.PushOptions{})
	if err != nil || report.Succeeded != 60 {
		t.Fatalf("%+v, %v", report, err)
	}
	if got := f.objectsOf(t, taken...); !slices.Equal(got, raws) {
		t.Errorf("taken %q", got)
	}
	if len(f.posted) > 25 {
		t.Errorf("%d envelopes; sizes found too large are not to be tried again", len(f.posted))
	}
}

func TestPushKeepsTheGoodBesideTheBad(t *testing.T) {
	f := newForeign(t)
	f.post = func(w http.ResponseWriter, body []byte, n int) {
		if bytes.Contains(body, []byte("000000000013")) {
			reply(w, 422, taxii.Error{Title: "Unprocessable", Description: "the name is not allowed"})
			return
		}
		takeAll(w, body, n)
	}
	objects, _ := written(25)
	report, err := f.client(t).Push(t.Context(), collectionID, objects, taxii.PushOptions{})
	if err != nil || report.Succeeded != 24 || report.Failed != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	bad := report.Failures[0]
	if !strings.HasSuffix(bad.ID, "13") || bad.Version != "2024-01-01T00:00:00.000Z" || bad.Message != "the name is not allowed" {
		t.Errorf("%+v", bad)
	}
}

func TestPushGivesUpOnAServerThatRefusesEverything(t *testing.T) {
	f := newForeign(t)
	f.post = func(w http.ResponseWriter, body []byte, n int) { refuse(w, 422, "no STIX 2.1 here") }
	objects, _ := written(500)
	report, err := f.client(t).Push(t.Context(), collectionID, objects, taxii.PushOptions{})
	if err == nil || !strings.Contains(err.Error(), "no STIX 2.1 here") || report.Failed != 20 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestPushIsRepeatedAfterACut(t *testing.T) {
	f := newForeign(t)
	f.post = func(w http.ResponseWriter, body []byte, n int) {
		switch n {
		case 1:
			panic(http.ErrAbortHandler)
		case 2:
			refuse(w, 503, "busy")
		default:
			takeAll(w, body, n)
		}
	}
	objects, raws := written(5)
	report, err := f.client(t, new(clock).option()).Push(t.Context(), collectionID, objects, taxii.PushOptions{})
	if err != nil || report.Succeeded != 5 {
		t.Fatalf("%+v, %v", report, err)
	}
	if got := f.objectsOf(t, f.posted[2]); !slices.Equal(got, raws) {
		t.Errorf("sent again %q", got)
	}
}

func TestPushTellsWhatItCouldNotSend(t *testing.T) {
	f := newForeign(t)
	f.post = func(w http.ResponseWriter, body []byte, n int) { w.WriteHeader(202) } // no status
	large := stix.Object{Envelope: stix.Envelope{ID: "artifact--1", Type: "artifact"}, Raw: bytes.Repeat([]byte("x"), 5000)}
	small, _ := written(2, fmt.Errorf("object 0: broken"))
	report, err := f.client(t).Push(t.Context(), collectionID, func(yield func(*stix.Object, error) bool) {
		_ = yield(&large, nil)
		small(yield)
	}, taxii.PushOptions{})
	if err != nil || report.Failed != 1 || report.Pending != 2 || len(report.Unread) != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	if !strings.Contains(report.Failures[0].Message, "more than the 4096") || !strings.Contains(report.Pendings[0].Message, "gave no status") {
		t.Errorf("%+v", report)
	}
}

func TestPushWithoutTheRightToWriteSaysSo(t *testing.T) {
	f := newForeign(t)
	f.post = func(w http.ResponseWriter, body []byte, n int) { refuse(w, 403, "read only") }
	objects, _ := written(2)
	report, err := f.client(t).Push(t.Context(), collectionID, objects, taxii.PushOptions{})
	if err == nil || !strings.Contains(err.Error(), "403: read only") || report.Succeeded+report.Failed != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}
