package blocklist_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"entente/internal/format/blocklist"
)

// programs are those that read a format, each asked whether it takes a file.
var programs = []struct {
	format string
	kind   blocklist.Kind // 0: all that the format says
	config string         // to be read in place of the list; LIST is its path
	run    string         // FILE is the path of that, DIR its folder
	says   string         // what it says when it takes it; empty: its exit code says it
}{
	{"rpz", 0, "", "named-checkzone -q rpz.entente.invalid FILE", ""},
	{"unbound", 0, "include: LIST\nserver:\n\tchroot: \"\"\n\tusername: \"\"\n\tdirectory: \"DIR\"\n", "unbound-checkconf FILE", "no errors"},
	{"dnsmasq", 0, "", "dnsmasq --test --conf-file=FILE", "syntax check OK"},
	{"nft", 0, "", "nft -c -f FILE", ""},
	{"squid", blocklist.Domain, "acl bad dstdomain \"LIST\"\nhttp_access deny bad\nhttp_port 127.0.0.1:3128\ncoredump_dir DIR\npid_filename none\nvisible_hostname x.example\n", "squid -k parse -f FILE", ""},
	{"squid", blocklist.IP, "acl bad dst \"LIST\"\nhttp_access deny bad\nhttp_port 127.0.0.1:3128\ncoredump_dir DIR\npid_filename none\nvisible_hostname x.example\n", "squid -k parse -f FILE", ""},
	{"nginx", 0, "daemon off;\npid DIR/pid;\nerror_log stderr;\nevents {}\nhttp { access_log off; include LIST; }\n", "nginx -t -p DIR -c FILE", "test is successful"},
	{"haproxy", blocklist.IP, "defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\nfrontend f\n bind 127.0.0.1:8899\n http-request deny if { src,map_ip(LIST) -m found }\n", "haproxy -c -f FILE", ""},
	{"suricata", 0, "%YAML 1.1\n---\n", "suricata -T --init-errors-fatal -c FILE -S DIR/list -l DIR", ""},
	{"suricata-dataset", blocklist.Domain, dataset("dns", "dns.query; to_lowercase", "string"), suricataTest, ""},
	{"suricata-dataset", blocklist.URL, dataset("http", "http.uri.raw", "string"), suricataTest, ""},
	{"suricata-dataset", blocklist.IP, dataset("ip", "ip.dst", "ip"), suricataTest, ""},
	{"suricata-dataset", blocklist.MD5, dataset("http", "file.data; to_md5", "md5"), suricataTest, ""},
	{"suricata-dataset", blocklist.SHA256, dataset("http", "file.data; to_sha256", "sha256"), suricataTest, ""},
	{"haproxy", blocklist.Domain, "defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\nfrontend f\n bind 127.0.0.1:8899\n http-request deny if { hdr(host),map_dom(LIST) -m found }\n", "haproxy -c -f FILE", ""},
}

// dataset is a rule that asks a dataset whether something of the traffic is in it.
func dataset(protocol, of, kind string) string {
	return "alert " + protocol + ` any any -> any any (msg:"x"; ` + of + "; dataset:isset,entente,type " + kind + ",load LIST; sid:2000001; rev:1;)\n"
}

const suricataTest = "suricata -T --init-errors-fatal -c /etc/suricata/suricata.yaml -S FILE -l DIR"

// TestProgramsReadTheFormats: what this package writes is what the programs read, by
// their own word. Where one is absent the test says so and is passed over.
func TestProgramsReadTheFormats(t *testing.T) {
	for _, p := range programs {
		t.Run(p.format+p.kind.String(), func(t *testing.T) {
			args := strings.Fields(p.run)
			path := program(t, args[0])
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			list := filepath.Join(dir, "list")
			save(t, list, write(t, format(t, p.format), fitting(t, p.format, p.kind)...))
			file := list
			if p.config != "" {
				file = filepath.Join(dir, "config")
				save(t, file, strings.NewReplacer("LIST", list, "DIR", dir).Replace(p.config))
			}
			for i := range args {
				args[i] = strings.NewReplacer("FILE", file, "DIR", dir).Replace(args[i])
			}
			out, err := exec.Command(path, args[1:]...).CombinedOutput()
			if err != nil || !strings.Contains(string(out), p.says) || strings.Contains(strings.ToLower(string(out)), "error:") {
				if strings.Contains(string(out), "Operation not permitted") {
					t.Skipf("%s may not ask the kernel here: %s", args[0], out)
				}
				t.Errorf("%s: %v\n%s", strings.Join(args, " "), err, out)
			}
		})
	}
}

// program finds a program, also where administrators' ones lie.
func program(t *testing.T, name string) string {
	t.Helper()
	for _, at := range []string{name, "/usr/sbin/" + name, "/sbin/" + name} {
		if path, err := exec.LookPath(at); err == nil {
			return path
		}
	}
	t.Skipf("%s is not here: its format is not checked by it", name)
	return ""
}

func save(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fitting are entries that a format takes, of one kind or all, of which none covers
// another.
func fitting(t *testing.T, name string, kind blocklist.Kind) (list []blocklist.Entry) {
	t.Helper()
	f := format(t, name)
	for _, e := range each {
		if (kind == 0 || e.Kind == kind) && f.Takes(&e) {
			list = append(list, e)
		}
	}
	for i := range 2000 {
		for _, e := range []blocklist.Entry{entry(blocklist.Domain, fmt.Sprintf("h%d.bad.example", i)), entry(blocklist.IP, fmt.Sprintf("203.0.%d.%d", 100+i/256, i%256)), entry(blocklist.IP, fmt.Sprintf("2001:db8:ffff::%x", i+1))} {
			if (kind == 0 || e.Kind == kind) && f.Takes(&e) {
				list = append(list, e)
			}
		}
	}
	return list
}
