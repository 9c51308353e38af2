package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/practice/webhook"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/stix"
)

const own = "CERT Example"

// house is an exchange with webhooks that are sent to, and a receiver of them.
type house struct {
	*testing.T
	x        *exchange.Exchange
	hooks    *webhook.Hooks
	dir      string
	receiver *httptest.Server
	refuse   atomic.Bool  // the receiver takes nothing
	got      chan message // what it was sent and took
	ended    atomic.Bool  // the account has
	token    atomic.Int64 // it has
	pauses   []time.Duration
	ana      account.Principal
	stop     func()
}

// message is one that came.
type message struct {
	id, signed string
	body       []byte
	kind       string
	object     string // last digits of its id
}

func build(t *testing.T) *house {
	t.Helper()
	h := &house{T: t, dir: t.TempDir(), got: make(chan message, 100), pauses: []time.Duration{time.Millisecond, time.Millisecond}}
	h.receiver = httptest.NewServer(http.HandlerFunc(h.receive))
	t.Cleanup(h.receiver.Close)
	h.open()
	t.Cleanup(func() { h.stop() })
	c, err := h.x.AddCollection(t.Context(), account.Operator(own), exchange.Collection{Alias: "c"})
	if err != nil {
		t.Fatal(err)
	}
	h.ana = account.Principal{ID: "1", Account: "ana", Org: own, Own: true, Role: account.Contributor, Grants: map[string]account.Access{c.ID: account.Read}}
	return h
}

func (h *house) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || h.refuse.Load() {
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	var m struct {
		Type   string
		Object struct{ ID string }
	}
	if err := json.Unmarshal(body, &m); err != nil {
		h.Errorf("%v: %s", err, body)
	}
	h.got <- message{r.Header.Get("webhook-id"), r.Header.Get("webhook-id") + "." + r.Header.Get("webhook-timestamp") + "." + r.Header.Get("webhook-signature"), body,
		m.Type, strings.TrimLeft(m.Object.ID[max(0, len(m.Object.ID)-12):], "0")}
}

// open starts the node's parts on its directory.
func (h *house) open() {
	h.Helper()
	db, err := pebble.Open(h.Context(), h.dir, pebble.Options{})
	if err != nil {
		h.Fatal(err)
	}
	if h.x, err = exchange.Open(h.Context(), db, exchange.Options{Own: own}); err != nil {
		h.Fatal(err)
	}
	h.hooks = webhook.New(h.x, webhook.Options{Pauses: h.pauses, Who: func(string, string) (account.Principal, string, error) {
		if h.ended.Load() {
			return account.Principal{}, "", errors.New("the account ana is revoked")
		}
		return h.ana, strconv.Itoa(int(h.token.Load())), nil
	}})
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.hooks.Run(ctx) }()
	h.stop = func() {
		end()
		<-done
		h.x.Close()
		if err := db.Close(); err != nil {
			h.Error(err)
		}
	}
}

func (h *house) publish(i int, tlp string) {
	h.Helper()
	marking := map[string]string{"green": "bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "red": "e828b379-4e03-4974-9ac4-e53a884c97c1"}[tlp]
	o, err := stix.Read([]byte(fmt.Sprintf(`{"type": "campaign", "spec_version": "2.1","id":"campaign--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z",
  "name":"c%d","object_marking_refs":["marking-definition--%s"]}`, i, i, marking)))
	if err != nil {
		h.Fatal(err)
	}
	if _, err := h.x.Publish(h.Context(), account.Operator(own), exchange.Publication{Collection: "c", Objects: []stix.Object{o}}); err != nil {
		h.Fatal(err)
	}
}

func (h *house) next() message {
	h.Helper()
	select {
	case m := <-h.got:
		return m
	case <-time.After(20 * time.Second):
		h.Fatal("nothing was sent")
		return message{}
	}
}

// until asks again and again.
func (h *house) until(what string, ok func() bool) {
	h.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for late := time.After(20 * time.Second); !ok(); {
		select {
		case <-ticker.C:
		case <-late:
			h.Fatal("never came about: " + what)
		}
	}
}

func (h *house) add(w webhook.Wanted) *webhook.Shown {
	h.Helper()
	w.URL, w.Private, w.Name = h.receiver.URL+"/hook", true, "soc"
	s, err := h.hooks.Add(h.Context(), h.ana, w)
	if err != nil {
		h.Fatal(err)
	}
	return s
}

// What comes is sent, signed, as the account may see it; nothing that was there.
func TestObjectsAreSentAsTheyCome(t *testing.T) {
	h := build(t)
	h.publish(1, "green")
	s := h.add(webhook.Wanted{Collections: []string{"c"}, Types: []string{"campaign"}})
	h.publish(2, "red") // an own contributor is not named in it, and does not see it
	h.publish(3, "green")
	m := h.next()
	if m.kind != "object" || m.object != "3" || !strings.Contains(string(m.body), "\n  \"name\":\"c3\"") {
		t.Errorf("%s came, want object 3 as it was written", m.body)
	}
	id, rest, _ := strings.Cut(m.signed, ".")
	stamp, signature, _ := strings.Cut(rest, ".")
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.Secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, stamp, m.body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); signature != want || !strings.HasPrefix(id, "msg_") {
		t.Errorf("message %s is signed %s, want %s", id, signature, want)
	}
	test, err := h.hooks.Test(t.Context(), h.ana, "soc")
	if err != nil || !test.OK || h.next().kind != "test" {
		t.Errorf("a test: %+v, %v", test, err)
	}
	h.ended.Store(true)
	h.publish(4, "green")
	h.until("the trouble with an account that has ended", func() bool {
		all, err := h.hooks.List(h.ana)
		return err == nil && len(all) == 1 && strings.Contains(all[0].Trouble, "revoked") && all[0].Secret == "" && all[0].Sent == 1
	})
	if err := h.hooks.Remove(t.Context(), h.ana, "soc"); err != nil {
		t.Error(err)
	}
	if all, err := h.hooks.List(h.ana); err != nil || len(all) != 0 {
		t.Errorf("left are %v, %v", all, err)
	}
}

// A webhook that somebody added with a token goes with it, as when the token was stolen.
func TestAWebhookEndsWithTheToken(t *testing.T) {
	h := build(t)
	h.add(webhook.Wanted{All: true})
	h.token.Store(1)
	h.publish(1, "green")
	h.until("the trouble with another token", func() bool {
		all, err := h.hooks.List(h.ana)
		return err == nil && len(all) == 1 && strings.Contains(all[0].Trouble, "another token") && all[0].Sent == 0
	})
}

// What is not taken is tried again, then kept without its content, and can be sent
// again, as it may be seen then; a restart loses nothing.
func TestWhatIsNotTakenIsKept(t *testing.T) {
	h := build(t)
	h.add(webhook.Wanted{All: true})
	h.refuse.Store(true)
	h.publish(1, "green")
	h.publish(2, "green")
	failed := func(want int) func() bool {
		return func() bool {
			all, err := h.hooks.Failed(t.Context(), h.ana, "soc")
			return err == nil && len(all) == want
		}
	}
	h.until("both fail", failed(2))
	h.stop()
	h.open()
	all, err := h.hooks.Failed(t.Context(), h.ana, "soc")
	if err != nil || all[0].Tries != 3 || !strings.Contains(all[0].Trouble, "503") || all[0].Collection != "c" {
		t.Fatalf("failed are %+v, %v", all, err)
	}
	done, err := h.hooks.Replay(t.Context(), h.ana, "soc", nil)
	if err != nil || len(done) != 2 || done[0].Result != "failed" {
		t.Errorf("sent again they are %+v, %v", done, err)
	}
	h.refuse.Store(false)
	if _, err := h.x.Recall(t.Context(), account.Operator(own), "c", all[1].Object, exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	if done, err = h.hooks.Replay(t.Context(), h.ana, "soc", []string{all[0].ID}); err != nil || len(done) != 1 || done[0].Result != "sent" {
		t.Errorf("the first is %+v, %v", done, err)
	}
	if m := h.next(); m.id != all[0].ID || m.object != "1" {
		t.Errorf("there came %+v, want message %s", m, all[0].ID)
	}
	if list, err := h.hooks.List(h.ana); err != nil || list[0].Trouble != "" || list[0].Sent != 1 {
		t.Errorf("of a receiver that takes messages again it is told %+v, %v", list, err)
	}
	if done, err = h.hooks.Replay(t.Context(), h.ana, "soc", nil); err != nil || len(done) != 1 || done[0].Result != "gone" {
		t.Errorf("the recalled one is %+v, %v", done, err)
	}
	h.until("nothing is left", failed(0))
	h.publish(3, "green")
	if m := h.next(); m.object != "3" {
		t.Errorf("then comes %+v, want object 3", m)
	}
	if _, err := h.hooks.Replay(t.Context(), h.ana, "soc", []string{"msg_none"}); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("a message that is not there: %v", err)
	}
}

// Whoever has mended a receiver waits for no try that is hours away.
func TestWhatWaitsIsSentWhenATestIsTaken(t *testing.T) {
	h := build(t)
	h.stop()
	h.pauses = []time.Duration{time.Hour}
	h.open()
	h.add(webhook.Wanted{All: true})
	h.refuse.Store(true)
	h.publish(1, "green")
	h.until("it waits", func() bool {
		list, err := h.hooks.List(h.ana)
		return err == nil && !list[0].Next.IsZero() && strings.Contains(list[0].Trouble, "503")
	})
	if test, err := h.hooks.Test(t.Context(), h.ana, "soc"); err != nil || test.OK {
		t.Errorf("a test that is refused: %+v, %v", test, err)
	}
	h.refuse.Store(false)
	if test, err := h.hooks.Test(t.Context(), h.ana, "soc"); err != nil || !test.OK {
		t.Errorf("a test that is taken: %+v, %v", test, err)
	}
	if m := h.next(); m.kind != "test" {
		t.Errorf("there came %+v, want the test", m)
	}
	if m := h.next(); m.object != "1" {
		t.Errorf("then came %+v, want object 1", m)
	}
	h.until("it is well", func() bool {
		list, err := h.hooks.List(h.ana)
		return err == nil && list[0].Trouble == "" && list[0].Next.IsZero()
	})
}

func TestWebhooksThatAreRefused(t *testing.T) {
	h := build(t)
	bo := account.Principal{ID: "2", Account: "bo", Org: "Water"}
	for name, c := range map[string]struct {
		who  account.Principal
		w    webhook.Wanted
		want error
	}{
		"a partner":       {bo, webhook.Wanted{URL: "https://soc.example"}, exchange.ErrForbidden},
		"in the clear":    {h.ana, webhook.Wanted{URL: "http://soc.example"}, exchange.ErrInvalid},
		"with a password": {h.ana, webhook.Wanted{URL: "https://a:b@soc.example"}, exchange.ErrInvalid},
		"no address":      {h.ana, webhook.Wanted{URL: "soc.example"}, exchange.ErrInvalid},
		"a private one":   {h.ana, webhook.Wanted{URL: "https://10.1.2.3/hook"}, exchange.ErrInvalid},
		"a public one":    {h.ana, webhook.Wanted{URL: "http://198.41.0.4/hook", Private: true}, exchange.ErrInvalid},
		"of the provider": {h.ana, webhook.Wanted{URL: "https://169.254.169.254/", Private: true}, exchange.ErrInvalid},
		"no type":         {h.ana, webhook.Wanted{URL: "https://soc.example", Types: []string{"indicatr"}}, exchange.ErrInvalid},
		"a name":          {h.ana, webhook.Wanted{URL: "https://soc.example", Name: "a b"}, exchange.ErrInvalid},
		"a collection":    {h.ana, webhook.Wanted{URL: "https://soc.example", Collections: []string{"d"}}, exchange.ErrNotFound},
	} {
		if _, err := h.hooks.Add(t.Context(), c.who, c.w); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for i := range webhook.MaxHooks {
		if _, err := h.hooks.Add(t.Context(), h.ana, webhook.Wanted{URL: "https://localhost:1/", Name: fmt.Sprint("n", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.hooks.Add(t.Context(), h.ana, webhook.Wanted{URL: "https://soc.example"}); !errors.Is(err, exchange.ErrInvalid) {
		t.Errorf("one too many: %v", err)
	}
	if _, err := h.hooks.Add(t.Context(), h.ana, webhook.Wanted{URL: "http://198.41.0.4/hook", Private: true}); err == nil || !strings.Contains(err.Error(), "198.41.0.4:80 ") {
		t.Errorf("a public address in the clear: %v", err)
	}
	if _, err := h.hooks.Add(t.Context(), h.ana, webhook.Wanted{URL: "https://10.1.2.3/hook"}); err == nil || !strings.Contains(err.Error(), "10.1.2.3:443 is a private address; say that it is meant (--private)") {
		t.Errorf("a private address that is not said to be meant: %v", err)
	}
	// Nothing is connected to within the site unless that was meant.
	if test, err := h.hooks.Test(t.Context(), h.ana, "n1"); err != nil || test.OK || !strings.Contains(test.Trouble, "private address") {
		t.Errorf("a test of a private address: %+v, %v", test, err)
	}
}
