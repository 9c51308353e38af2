package node_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"entente/internal/node"
	"entente/taxii"
)

// A POST whose body does not come, or not whole, is never answered as done.
func TestBrokenBodyIsNeverAnsweredAsTaken(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{Limits: node.Limits{Grace: 100 * time.Millisecond, Pace: 1 << 30}})
	token, collection := h.writer("ana")
	head := "POST /taxii2/root/collections/" + collection + "/objects/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token +
		"\r\nAccept: application/taxii+json;version=2.1\r\nContent-Type: application/taxii+json;version=2.1\r\n"
	for what, test := range map[string]struct {
		rest  string
		close bool // of the client's side
		want  int
	}{
		"a body that stops":         {"Content-Length: 1000\r\n\r\n{", false, http.StatusRequestTimeout},
		"a body that never begins":  {"Content-Length: 1000\r\n\r\n", false, http.StatusRequestTimeout},
		"a chunked body that stops": {"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", false, http.StatusRequestTimeout},
		"a body that is cut":        {"Content-Length: 1000\r\n\r\n{", true, http.StatusBadRequest},
	} {
		conn := h.dial()
		if _, err := fmt.Fprint(conn, head+test.rest); err != nil {
			t.Fatal(err)
		}
		if test.close {
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if resp.StatusCode != test.want {
			t.Errorf("%s is answered %s, want %d", what, resp.Status, test.want)
		}
	}
}

// A path that is not clean is TAXII's to refuse, not the mux's to redirect.
func TestWhatLiesUnderTAXIIIsItsDoors(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{})
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{"/taxii2", "/taxii2/", "/taxii2//", "/taxii2/./root/", "/taxii2/root//collections/", "/taxii2/root/../root/"} {
		resp, err := client.Get(h.url + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("Content-Type") != taxii.MediaTAXII {
			t.Errorf("%s is answered with %s, %s", path, resp.Status, resp.Header.Get("Content-Type"))
		}
	}
}
