package taxii_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"entente/internal/door/taxii"
	"entente/internal/door/taxii/conformance"
	"entente/internal/exchange"
	"entente/internal/trust/account"
	wire "entente/taxii"
)

// visitor is an account at a node's door.
type visitor struct {
	*node
	who conformance.Account
}

func (n *node) as(who conformance.Account) visitor { return visitor{n, who} }

// send makes a request and reads the answer.
func (v visitor) send(t testing.TB, method, path string, body []byte) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequest(method, v.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", wire.MediaTAXII)
	r.Header.Set("Content-Type", wire.MediaTAXII)
	r.SetBasicAuth(v.who.Name, v.who.Token)
	resp, err := plain.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, b
}

// read gets a resource into v.
func read[T any](t testing.TB, v visitor, path string) (out T) {
	t.Helper()
	resp, b := v.send(t, http.MethodGet, path, nil)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d: %s", path, resp.StatusCode, b)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// publish posts objects and gives the status.
func (v visitor) publish(t testing.TB, c exchange.Collection, objects ...string) wire.Status {
	t.Helper()
	resp, b := v.send(t, http.MethodPost, pathOf(c)+"objects/", []byte(`{"objects":[`+strings.Join(objects, ",")+`]}`))
	if resp.StatusCode != http.StatusAccepted {
		t.Fatalf("status %d: %s", resp.StatusCode, b)
	}
	var s wire.Status
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func pathOf(c exchange.Collection) string { return taxii.Root + "collections/" + c.ID + "/" }

const (
	tlpGreen = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	tlpAmber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
	tlpRed   = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
)

// campaign is a small object with a number, a version and a marking.
func campaign(n int, modified, marking string) string {
	return fmt.Sprintf(`{"type":"campaign","spec_version":"2.1","id":"campaign--00000000-0000-4000-8000-%012d",`+
		`"created":"2024-01-01T00:00:00.000Z","modified":%q,"name":"c%d","object_marking_refs":[%q]}`, n, modified, n, marking)
}

func campaigns(from, to int) (out []string) {
	for n := from; n < to; n++ {
		out = append(out, campaign(n, "2024-01-01T00:00:00.000Z", tlpGreen))
	}
	return out
}

func TestSlowBatchIsPendingThenComplete(t *testing.T) {
	n := open(t, taxii.Options{Patience: time.Nanosecond})
	c := n.collection(t, "feed")
	ana := n.as(n.account(t, "ana", account.Read|account.Write, c))
	s := ana.publish(t, c, append(campaigns(0, 3000), `{"id":"nothing"}`)...)
	if s.Status != wire.StatusPending || s.PendingCount != 3000 || s.FailureCount != 1 || s.TotalCount != 3001 {
		t.Fatalf("the answer is %s with %d pending, %d failed of %d", s.Status, s.PendingCount, s.FailureCount, s.TotalCount)
	}
	for deadline := time.Now().Add(time.Minute); s.Status == wire.StatusPending; {
		if time.Now().After(deadline) {
			t.Fatal("it stays pending")
		}
		s = read[wire.Status](t, ana, taxii.Root+"status/"+s.ID+"/")
	}
	if s.SuccessCount != 3000 || s.FailureCount != 1 || s.PendingCount != 0 {
		t.Errorf("it ended with %d, %d, %d", s.SuccessCount, s.FailureCount, s.PendingCount)
	}
}

func TestCloseWaitsForPendingBatches(t *testing.T) {
	n := open(t, taxii.Options{Patience: time.Nanosecond})
	c := n.collection(t, "feed")
	ana := n.as(n.account(t, "ana", account.Read|account.Write, c))
	s := ana.publish(t, c, campaigns(0, 3000)...)
	if err := n.door.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if s = read[wire.Status](t, ana, taxii.Root+"status/"+s.ID+"/"); s.Status != wire.StatusComplete || s.SuccessCount != 3000 {
		t.Errorf("%s with %d successes", s.Status, s.SuccessCount)
	}
}

func TestStatusIsForgottenAfterADay(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	n := open(t, taxii.Options{Now: func() time.Time { return now }})
	c := n.collection(t, "feed")
	ana := n.as(n.account(t, "ana", account.Read|account.Write, c))
	first := ana.publish(t, c, campaigns(0, 1)...)
	now = now.Add(23 * time.Hour)
	second := ana.publish(t, c, campaigns(1, 2)...)
	now = now.Add(2 * time.Hour)
	third := ana.publish(t, c, campaigns(2, 3)...)
	if err := n.door.Close(context.Background()); err != nil { // the sweep is over
		t.Fatal(err)
	}
	for id, want := range map[string]int{first.ID: http.StatusNotFound, second.ID: http.StatusOK, third.ID: http.StatusOK} {
		if resp, b := ana.send(t, http.MethodGet, taxii.Root+"status/"+id+"/", nil); resp.StatusCode != want {
			t.Errorf("status %s is answered %d, want %d: %s", id, resp.StatusCode, want, b)
		}
	}
}

func TestANameGivenAnewInheritsNoStatus(t *testing.T) {
	n := open(t, taxii.Options{})
	c := n.collection(t, "feed")
	ana := n.as(n.account(t, "ana", account.Read|account.Write, c))
	path := taxii.Root + "status/" + ana.publish(t, c, campaigns(0, 1)...).ID + "/"
	if resp, b := ana.send(t, http.MethodGet, path, nil); resp.StatusCode != http.StatusOK {
		t.Fatalf("its own status is answered %d: %s", resp.StatusCode, b)
	}
	if err := n.accounts.Remove(t.Context(), n.operator, "ana"); err != nil {
		t.Fatal(err)
	}
	ana = n.as(n.account(t, "ana", account.Read|account.Write, c))
	if resp, b := ana.send(t, http.MethodGet, path, nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("who has the name next is answered %d: %s", resp.StatusCode, b)
	}
}

// One publication holds exchange.MaxBatch objects; an envelope may hold more.
func TestEnvelopeLargerThanOnePublication(t *testing.T) {
	n := open(t, taxii.Options{Patience: time.Minute})
	c := n.collection(t, "feed")
	ana := n.as(n.account(t, "ana", account.Read|account.Write, c))
	const count = exchange.MaxBatch + 5
	s := ana.publish(t, c, campaigns(0, count)...)
	if s.Status != wire.StatusComplete || s.SuccessCount != count || len(s.Successes) != count {
		t.Fatalf("%s with %d successes", s.Status, s.SuccessCount)
	}
	again := read[wire.Status](t, ana, taxii.Root+"status/"+s.ID+"/")
	if again.Status != wire.StatusComplete || again.SuccessCount != count || again.PendingCount != 0 {
		t.Errorf("the record is %s with %d successes, %d pending", again.Status, again.SuccessCount, again.PendingCount)
	}
}

// Many clients send a body whole before they read; a refusal reaches them, too.
func TestRefusalReachesWhoSendsEverythingFirst(t *testing.T) {
	const maxBody = 1 << 20
	n := open(t, taxii.Options{MaxBody: maxBody})
	c := n.collection(t, "feed")
	ana, rita := n.account(t, "ana", account.Read|account.Write, c), n.account(t, "rita", account.Read, c)
	for name, r := range map[string]struct {
		by     conformance.Account
		media  string
		size   int
		chunks bool
		want   int
	}{
		"too large":            {ana, wire.MediaTAXII, 12 * maxBody, false, http.StatusRequestEntityTooLarge},
		"too large, in chunks": {ana, wire.MediaTAXII, 12 * maxBody, true, http.StatusRequestEntityTooLarge},
		"another type":         {ana, "text/plain", 12 * maxBody, false, http.StatusUnsupportedMediaType},
		"no right to write":    {rita, wire.MediaTAXII, maxBody, false, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequest(http.MethodPost, n.URL+pathOf(c)+"objects/", bytes.NewReader(make([]byte, r.size)))
			if err != nil {
				t.Fatal(err)
			}
			if r.chunks {
				req.ContentLength = -1
			}
			req.Header.Set("Content-Type", r.media)
			req.SetBasicAuth(r.by.Name, r.by.Token)
			conn, err := net.Dial("tcp", n.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := req.Write(conn); err != nil {
				t.Fatal(err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != r.want {
				t.Errorf("status %d, want %d", resp.StatusCode, r.want)
			}
		})
	}
}

func TestRateIsPerAccount(t *testing.T) {
	n := openAt(t, 0.001, taxii.Options{}) // one request, then none for a long time
	c := n.collection(t, "feed")
	ana := n.as(n.account(t, "ana", account.Read, c))
	ben := n.as(n.account(t, "ben", account.Read, c))
	read[wire.Envelope](t, ana, pathOf(c)+"objects/")
	resp, b := ana.send(t, http.MethodGet, pathOf(c)+"objects/", nil)
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" || resp.Header.Get("Content-Type") != wire.MediaTAXII {
		t.Errorf("status %d, Retry-After %q: %s", resp.StatusCode, resp.Header.Get("Retry-After"), b)
	}
	read[wire.Envelope](t, ben, pathOf(c)+"objects/")
}

func TestLimitIsCutToTheServers(t *testing.T) {
	n := open(t, taxii.Options{MaxPage: 3})
	c := n.collection(t, "feed")
	ana := n.as(n.account(t, "ana", account.Read|account.Write, c))
	ana.publish(t, c, campaigns(0, 7)...)
	for _, q := range []string{"", "?limit=100", "?limit=3"} {
		e := read[wire.Envelope](t, ana, pathOf(c)+"objects/"+q)
		if len(e.Objects) != 3 || !e.More || e.Next == "" {
			t.Errorf("%q: %d objects, more %v, next %q", q, len(e.Objects), e.More, e.Next)
		}
	}
}

func TestPageIsBoundInSize(t *testing.T) {
	n := open(t, taxii.Options{})
	c := n.collection(t, "feed")
	ana := n.as(n.account(t, "ana", account.Read|account.Write, c))
	var objects []string
	for i := range 12 {
		o := campaign(i, "2024-01-01T00:00:00.000Z", tlpGreen)
		objects = append(objects, strings.Replace(o, `"name":"c`, `"name":"`+strings.Repeat("m", 1_000_000), 1))
	}
	ana.publish(t, c, objects...)
	seen := 0
	for next := ""; ; {
		e := read[wire.Envelope](t, ana, pathOf(c)+"objects/?next="+next)
		if len(e.Objects) == 0 || len(e.Objects) == 12 {
			t.Fatalf("%d objects in one answer", len(e.Objects))
		}
		seen += len(e.Objects)
		if !e.More {
			break
		}
		next = e.Next
	}
	if seen != 12 {
		t.Errorf("%d objects in all", seen)
	}
}

// A partner's account sees what is released to it; all else looks as if it
// were not there.
func TestPartnerSeesNoTraceOfWhatIsWithheld(t *testing.T) {
	n := open(t, taxii.Options{})
	c := n.collection(t, "feed")
	if _, err := n.accounts.AddOrg(t.Context(), n.operator, "water", ""); err != nil {
		t.Fatal(err)
	}
	_, token, err := n.accounts.Add(t.Context(), n.operator, account.Application{Name: "pia", Org: "water",
		Grants: map[string]account.Access{c.ID: account.Read}})
	if err != nil {
		t.Fatal(err)
	}
	ana := n.as(n.account(t, "ana", account.Read|account.Write, c))
	pia := n.as(conformance.Account{Name: "pia", Token: token})
	if _, err := n.accounts.AddOrg(t.Context(), n.operator, "fern", ""); err != nil {
		t.Fatal(err)
	}
	_, token, err = n.accounts.Add(t.Context(), n.operator, account.Application{Name: "fern", Org: "fern",
		Grants: map[string]account.Access{c.ID: account.Write}})
	if err != nil {
		t.Fatal(err)
	}
	fern := n.as(conformance.Account{Name: "fern", Token: token})
	const v1, v2 = "2024-01-01T00:00:00.000Z", "2024-02-01T00:00:00.000Z"
	ana.publish(t, c, campaign(1, v1, tlpGreen))
	tag := func() string {
		resp, _ := pia.send(t, http.MethodGet, pathOf(c)+"objects/?match[version]=all", nil)
		return resp.Header.Get("ETag")
	}
	before := tag()
	ana.publish(t, c, campaign(2, v1, tlpAmber), campaign(3, v1, tlpRed))
	fern.publish(t, c, campaign(1, v2, tlpAmber)) // of the producer's own, the older version would go, too
	if after := tag(); after != before {
		t.Errorf("the tag changed from %s to %s with objects that are withheld", before, after)
	}
	e := read[wire.Envelope](t, pia, pathOf(c)+"objects/?match[version]=all&limit=1")
	if len(e.Objects) != 1 || e.More || string(e.Objects[0]) != campaign(1, v1, tlpGreen) {
		t.Errorf("%s, more %v", e.Objects, e.More)
	}
	if e := read[wire.Envelope](t, pia, pathOf(c)+"objects/"); len(e.Objects) != 1 {
		t.Errorf("the latest version that the partner may see is not given: %s", e.Objects)
	}
	id := func(n int) string { return fmt.Sprintf("campaign--00000000-0000-4000-8000-%012d", n) }
	if v := read[wire.Versions](t, pia, pathOf(c)+"objects/"+id(1)+"/versions/"); len(v.Versions) != 1 || v.Versions[0] != v1 {
		t.Errorf("versions %v", v.Versions)
	}
	withheld, a := pia.send(t, http.MethodGet, pathOf(c)+"objects/"+id(2)+"/", nil)
	absent, b := pia.send(t, http.MethodGet, pathOf(c)+"objects/"+id(9)+"/", nil)
	if withheld.StatusCode != http.StatusNotFound || absent.StatusCode != http.StatusNotFound ||
		strings.ReplaceAll(string(a), id(2), id(9)) != string(b) {
		t.Errorf("withheld %d %s, absent %d %s", withheld.StatusCode, a, absent.StatusCode, b)
	}
	if e := read[wire.Envelope](t, ana, pathOf(c)+"objects/?match[version]=all"); len(e.Objects) != 3 {
		t.Errorf("the own member's reader sees %d objects, not all but RED", len(e.Objects))
	}
}
