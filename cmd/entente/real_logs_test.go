package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// labelled are real logs of attacks, played and suffered, and what stands in them: each
// row was counted without this program and looked at. They are public (OTRF
// Security-Datasets, brimdata zed-sample-data, elastic examples, FrankHassanabad
// suricata-sample-data), each file packed by itself; they lie in logs/ of ENTENTE_REALDATA.
var labelled = []struct {
	file, value string
	times       int
	lines       string // where they are few
}{
	{"elastic/auth.log.xz", "49.4.143.105", 100, ""}, // guesses of passwords; 49.4.143.10 is nobody
	{"suricata/honeypot-2018_alerts-only.json.xz", "8.42.77.171", 7, "7 27 47 87 107 127 147"},
	{"suricata/honeypot-2018_alerts-only.json.xz", "92.63.194.33", 2, "241 895"},
	{"otrf-host/aptsimulator_cobaltstrike_2021-06-11T21081492.json.xz", "http://10.0.2.15/pixel.gif", 4, "2089 2089 2568 2568"},
	{"otrf-host/aptsimulator_cobaltstrike_2021-06-11T21081492.json.xz", "CreateNamedPipe.exe", 872, ""},
	{"otrf-host/aptsimulator_cobaltstrike_2021-06-11T21081492.json.xz", "b6a1458f396.exe", 76, ""},
	{"otrf-host/aptsimulator_cobaltstrike_2021-06-11T21081492.json.xz", simulated, 72, ""},
	{"otrf-host/cmd_bitsadmin_download_psh_script_2020-10-2302365189.json.xz", simulated, 4, ""},
	{"otrf-host/cmd_bitsadmin_download_psh_script_2020-10-2302365189.json.xz", atomics + "T1197/T1197.md", 4, "3 3 118 118"},
	{"otrf-host/cmd_mshta_javascript_getobject_sct_2020-10-2202214475.json.xz", simulated, 10, ""},
	{"otrf-host/cmd_mshta_javascript_getobject_sct_2020-10-2202214475.json.xz", atomics + "T1218.005/src/mshta.sct", 6, "5 5 202 202 377 377"},
	{"otrf-host/cmd_psexec_lsa_secrets_dump_2020-10-1903305471.json.xz", simulated, 4, ""},
	{"otrf-host/mimikatz_CVE-2020-1472_Unauthenticated_NetrServerAuthenticate2_2020-09-16233923.json.xz", simulated, 6, ""},
	{"otrf-host/psh_python_webserver_2020-10-2900161507.json.xz", simulated, 6, ""},
	{"otrf-host/schtask_create_2020-12-1907003032.json.xz", simulated, 22, ""},
	{"otrf-zeek/apt29_day1_NASHUA.tar.xz", "192.168.0.4", 1506, ""},
	{"otrf-zeek/apt29_day1_SCRANTON.tar.xz", "192.168.0.4", 204, ""},
	{"otrf-zeek/apt29_day1_SCRANTON.tar.xz", "192.168.0.5", 9, ""},
	{"otrf-zeek/apt29_day2_UTICA-A.tar.xz", "192.168.0.4", 574, ""},
	{"otrf-zeek/apt29_day2_UTICA-D.tar.xz", "192.168.0.4", 630, ""},
	{"wrccdc-zeek-default/dns.log.gz", "arena1.wrccdc.cpp.edu", 766, ""},
	{"wrccdc-zeek-default/dns.log.gz", "forums.jerry.land", 138, ""},
	{"wrccdc-zeek-default/smtp.log.gz", "nessus49048747@hotmail.com", 5, ""},
	{"wrccdc-zeek-default/x509.log.gz", "F344CE69EA61BBD2", 1, ""},
	{"wrccdc-zeek-json/smtp.json.gz", "nessus49048747@hotmail.com", 5, ""},
	{"wrccdc-zeek-json/x509.json.gz", "F344CE69EA61BBD2", 1, ""},
}

const (
	simulated = "E5A863D3F4BFEFED7D73A7B1499F81B7235BC9AE3C108065041BCB8E5446B1BB"
	atomics   = "https://raw.githubusercontent.com/redcanaryco/atomic-red-team/master/atomics/"
)

// lookedFor are the patterns; the last five are parts of longer values, and of nothing else.
var lookedFor = []string{
	"[ipv4-addr:value = '192.168.0.4']", "[ipv4-addr:value = '192.168.0.5']", "[ipv4-addr:value = '8.42.77.171']", "[ipv4-addr:value = '92.63.194.33']",
	"[ipv4-addr:value = '49.4.143.105']", "[url:value = 'http://10.0.2.15/pixel.gif']", "[url:value = '" + atomics + "T1218.005/src/mshta.sct']",
	"[url:value = '" + atomics + "T1197/T1197.md']", "[domain-name:value = 'forums.jerry.land']", "[domain-name:value = 'arena1.wrccdc.cpp.edu']",
	"[file:name = 'CreateNamedPipe.exe']", "[file:name = 'b6a1458f396.exe']", "[file:hashes.'SHA-256' = '" + strings.ToLower(simulated) + "']",
	"[email-addr:value = 'nessus49048747@hotmail.com']", "[x509-certificate:serial_number = 'F344CE69EA61BBD2']",
	"[ipv4-addr:value = '49.4.143.10']", "[ipv4-addr:value = '10.0.2.1']", "[domain-name:value = 'jerry.lan']", "[file:name = 'NamedPipe.exe']", "[email-addr:value = '48747@hotmail.com']",
}

// A scan of real logs finds what stands in them, and nothing else.
func TestRealLogs(t *testing.T) {
	dir := os.Getenv("ENTENTE_REALDATA")
	if dir == "" {
		t.Skip("ENTENTE_REALDATA names no folder with the logs that are labelled here in logs/")
	}
	samples := filepath.Join(dir, "logs")
	set := filepath.Join(t.TempDir(), "set.jsonl")
	var objects []byte
	for i, pattern := range lookedFor {
		o, err := json.Marshal(map[string]any{"type": "indicator", "spec_version": "2.1", "id": fmt.Sprintf("indicator--5a5a5a5a-0000-4000-8000-%012d", i),
			"created": "2020-01-01T00:00:00.000Z", "modified": "2020-01-01T00:00:00.000Z", "pattern": pattern, "pattern_type": "stix", "valid_from": "2020-01-01T00:00:00Z"})
		if err != nil {
			t.Fatal(err)
		}
		objects = append(append(objects, o...), '\n')
	}
	if err := os.WriteFile(set, objects, 0o600); err != nil {
		t.Fatal(err)
	}
	type place struct{ file, value string }
	lines := map[place][]string{}
	cmd := exec.Command("entente", "scan", "--set", set, "--json", samples)
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("scan: %v: %s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	for line := range bytes.Lines(out) {
		var hit struct {
			File, Value string
			Line        int
		}
		if err := json.Unmarshal(line, &hit); err != nil {
			t.Fatal(err)
		}
		file, err := filepath.Rel(samples, hit.File)
		if err != nil {
			t.Fatal(err)
		}
		at := place{filepath.ToSlash(file), hit.Value}
		lines[at] = append(lines[at], fmt.Sprint(hit.Line))
	}
	for _, l := range labelled {
		at := place{l.file, l.value}
		if got := lines[at]; len(got) != l.times || l.lines != "" && strings.Join(got, " ") != l.lines {
			t.Errorf("%s: %s %d times at %v; it stands there %d times %s", l.file, l.value, len(got), got[:min(20, len(got))], l.times, l.lines)
		}
		delete(lines, at)
	}
	for at, n := range lines {
		t.Errorf("%s: %s does not stand there, found at %v", at.file, at.value, n[:min(20, len(n))])
	}
}
