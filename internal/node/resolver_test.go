package node_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// upstream answers every question about a name with an address.
func upstream(t *testing.T) net.Addr {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.Authoritative, m.RecursionAvailable, m.Additionals = true, true, true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}, Body: &dnsmessage.AResource{A: [4]byte{192, 0, 2, 7}}}}
			}
			if b, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(b, from)
			}
		}
	}()
	return conn.LocalAddr()
}

// unbound is a running resolver.
type unbound struct {
	t      *testing.T
	config string
	at     string
}

// newUnbound starts one that fetches a policy zone from an address, as docs/reference/lists.md
// tells its operator.
func newUnbound(t *testing.T, zone string) *unbound {
	free, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := free.LocalAddr().(*net.UDPAddr)
	free.Close()
	dir := t.TempDir()
	u := &unbound{t, filepath.Join(dir, "unbound.conf"), at.String()}
	text := fmt.Sprintf(`server:
	interface: 127.0.0.1@%[1]d
	port: %[1]d
	num-threads: 1
	do-daemonize: no
	use-syslog: no
	username: ""
	chroot: ""
	directory: "%[2]s"
	pidfile: "%[2]s/pid"
	do-not-query-localhost: no
	module-config: "respip validator iterator"
	domain-insecure: "example."
	local-zone: "example." nodefault
remote-control:
	control-enable: yes
	control-interface: "%[2]s/control"
	control-use-cert: no
forward-zone:
	name: "example."
	forward-addr: %[3]s
rpz:
	name: "entente.rpz."
	url: "%[4]s"
`, at.Port, dir, strings.Replace(upstream(t).String(), ":", "@", 1), zone)
	if err := os.WriteFile(u.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	path := found(t, "unbound")
	var log strings.Builder
	run := exec.Command(path, "-d", "-c", u.config)
	run.Stdout, run.Stderr = &log, &log
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Kill()
		_ = run.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	return u
}

// found is where a program is; the test is passed over where there is none.
func found(t *testing.T, name string) string {
	t.Helper()
	for _, at := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(at); err == nil {
			return path
		}
	}
	t.Skipf("%s is not here: that it blocks what a node publishes is not checked", name)
	return ""
}

// resolves waits until a name has an address, or has none any more.
func (u *unbound) resolves(name string, want bool) {
	u.t.Helper()
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", u.at)
	}}
	ctx, cancel := context.WithTimeout(u.t.Context(), 30*time.Second)
	defer cancel()
	for again := time.NewTicker(20 * time.Millisecond); ; {
		got, err := r.LookupIP(ctx, "ip4", name+".")
		var no *net.DNSError
		if want && err == nil && len(got) == 1 || !want && errors.As(err, &no) && no.IsNotFound {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			u.t.Fatalf("%s: %v %v, want an address: %v", name, got, err, want)
		}
	}
}

// refresh has it fetch the zone at once.
func (u *unbound) refresh() {
	u.t.Helper()
	out, err := exec.Command(found(u.t, "unbound-control"), "-c", u.config, "auth_zone_transfer", "entente.rpz").CombinedOutput()
	if err != nil {
		u.t.Fatalf("%v: %s", err, out)
	}
}

// A resolver that people run fetches its list by its token, and blocks a name from when
// it is published, also one that it has answered before.
func TestAResolverBlocksPrograms(t *testing.T) {
	found(t, "unbound")
	l := newLister(t)
	l.indicate("pay.drum.example", "")
	server := httptest.NewServer(l.public)
	t.Cleanup(server.Close)
	u := newUnbound(t, server.URL+"/export/v1/"+l.device(`,"format":"rpz"`))
	u.resolves("good.example", true)
	u.resolves("pay.drum.example", false)
	u.resolves("www.pay.drum.example", false)
	u.resolves("new.drum.example", true)
	l.indicate("new.drum.example", "")
	u.refresh()
	u.resolves("new.drum.example", false)
	u.resolves("good.example", true)
}
