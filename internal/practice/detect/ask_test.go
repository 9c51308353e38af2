package detect_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"entente/internal/practice/detect"
)

// Lines of logs as their programs write them, with what indicators ask beside values.
const (
	zeekConn = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n" +
		"#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\n" +
		"#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\n"
	zeekHTTP   = "#separator \\x09\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tmethod\thost\turi\treferrer\tuser_agent\tstatus_code\n"
	sysmonNew  = `{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","UtcTime":"2026-11-20 10:00:00.000","ProcessId":"4711","Image":"C:\\Users\\ana\\AppData\\Local\\Temp\\drum.exe","CommandLine":"\"C:\\Users\\ana\\AppData\\Local\\Temp\\drum.exe\" -enc SQBFAFgA","User":"ESTMARK\\ana","Hashes":"SHA1=7403DA71E1F2A7DA138020A1B6622EE12262AD71,MD5=73F1C359846E25F3319A5F824C4B3B11,IMPHASH=6B9895767E25AEEEC925FE398041E582","ParentImage":"C:\\Program Files\\Office\\WINWORD.EXE","ParentCommandLine":"winword /n"}`
	sysmonNet  = `{"Event":{"System":{"EventID":3},"EventData":{"Image":"C:\\Windows\\drum.exe","User":"ESTMARK\\ana","Protocol":"tcp","SourceIp":"10.0.0.5","SourcePort":50000,"DestinationIp":"198.51.100.7","DestinationPort":8443}}}`
	eveHTTP    = `{"timestamp":"2026-11-20T10:00:00.1+0000","event_type":"http","src_ip":"10.0.0.5","src_port":50000,"dest_ip":"198.51.100.7","dest_port":80,"proto":"TCP","http":{"hostname":"drum.example","url":"\/gate","http_user_agent":"Drum\/2.0 (x64)","http_method":"POST"}}`
	eveFiles   = `{"timestamp":"2026-11-20T10:00:00.1+0000","event_type":"http","files":[{"filename":"/a.exe","size":10,"md5":"00112233445566778899aabbccddee01"},{"filename":"/b.exe","size":20,"md5":"00112233445566778899aabbccddee02"}]}`
	zeekX509   = `{"_path":"x509","fingerprint":"b2dafbcdbc75210672f137f27ce882ccb799887631655d4f11191d5a678e44fe","certificate.serial":"4C0B1D197486A766B41ABF402721762800","certificate.subject":"CN=drum.example","certificate.issuer":"CN=WEBMAIL"}`
	zeekMail   = `{"_path":"smtp","id.orig_h":"192.0.2.9","id.orig_p":4000,"id.resp_h":"10.0.0.25","id.resp_p":25,"helo":"x","mailfrom":"bounce@drum.example","rcptto":["ana@estmark.example"],"from":"Bank <bank@drum.example>","to":["ana@estmark.example"],"subject":"Your invoice"}`
	packetLine = `{"ts":1.000000000,"src_ip":"10.0.0.5","src_port":50000,"dest_ip":"198.51.100.53","dest_port":53,"dns":{"query":["drum.example"],"answers":["198.51.100.7"]}}`
)

func TestWhatIsAskedOfFields(t *testing.T) {
	conn := zeekConn + "1.5\tC1\t10.0.0.5\t50000\t198.51.100.7\t8443\ttcp\tssl\t0.1\t100\t2000\n"
	for _, c := range []struct {
		pattern, log string
		want         bool
	}{
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 8443]", conn, true},
		{"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port IN (80, 8443)]", conn, true},
		{"[network-traffic:dst_ref.value = '198.51.100.0/24' AND network-traffic:dst_port = 8443]", conn, true},
		{"[network-traffic:dst_ref.value ISSUBSET '198.51.100.0/24' AND network-traffic:dst_port = 8443]", conn, true},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443]", conn, false},
		{"[network-traffic:src_ref.value = '198.51.100.7' AND network-traffic:dst_port = 8443]", conn, false},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:protocols[*] = 'ssl']", conn, true},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:protocols[0] = 'tcp' AND network-traffic:dst_byte_count > 1500]", conn, true},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_byte_count > 2500]", conn, false},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port != 443]", conn, true},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port NOT IN (443, 8443)]", conn, false},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND EXISTS network-traffic:dst_port]", conn, true},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND EXISTS network-traffic:end]", conn, false},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_packets < 5]", conn, false},
		{"[ipv4-addr:value = '198.51.100.7' AND network-traffic:dst_port = 8443]", conn, false}, // no object is both
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 8443]", "10.0.0.5 198.51.100.7 8443\n", false},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 8443]", `{"dst":"198.51.100.7","port":8443}`, false},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 8443]", sysmonNet, true},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:src_ref.value = '10.0.0.5' AND network-traffic:dst_port > 1023]", sysmonNet, true},
		{"[url:value = 'http://drum.example/gate' AND url:value LIKE '%/gate']", zeekHTTP + "1.5\tC1\t10.0.0.5\t5\t198.51.100.7\t80\tGET\tdrum.example\t/gate\t-\tDrum/2.0\t200\n", true},
		{"[url:value = 'http://drum.example/gate' AND url:value LIKE '%/gate']", eveHTTP, true},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' LIKE 'Drum/%']", eveHTTP, true},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' MATCHES '^Drum/[0-9.]+ [(]x86']", eveHTTP, false},
		{"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:extensions.'http-request-ext'.request_method = 'POST']", eveHTTP, true},
		{"[file:hashes.MD5 = '73f1c359846e25f3319a5f824c4b3b11' AND file:name = 'drum']", sysmonNew, false},
		{"[file:hashes.MD5 = '73f1c359846e25f3319a5f824c4b3b11' AND file:name LIKE 'drum%']", sysmonNew, true},
		{"[file:hashes.SHA1 = '7403DA71E1F2A7DA138020A1B6622EE12262AD71' AND file:parent_directory_ref.path LIKE '%\\\\Temp']", sysmonNew, true},
		{"[process:image_ref.hashes.MD5 = '73f1c359846e25f3319a5f824c4b3b11' AND process:command_line MATCHES ' -enc ']", sysmonNew, true},
		{"[process:image_ref.hashes.MD5 = '73f1c359846e25f3319a5f824c4b3b11' AND process:parent_ref.image_ref.name = 'WINWORD.EXE' AND process:parent_ref.command_line LIKE '%/n' AND process:pid = 4711]", sysmonNew, true},
		{"[process:image_ref.name = 'drum.exe' AND process:command_line LIKE '% -enc %']", sysmonNew, true},
		{"[process:binary_ref.name = 'DRUM.exe' AND process:command_line LIKE '% -dec %']", sysmonNew, false},
		{"[file:name = 'a.exe' AND file:size = 10]", eveFiles, true},
		{"[file:name = 'b.exe' AND file:size = 10]", eveFiles, false},
		{"[file:hashes.MD5 = '00112233445566778899aabbccddee02' AND file:size < 30]", eveFiles, true},
		{"[x509-certificate:issuer = 'CN=WEBMAIL' AND x509-certificate:serial_number = '4c:0b:1d:19:74:86:a7:66:b4:1a:bf:40:27:21:76:28:00']", zeekX509, true},
		{"[x509-certificate:issuer = 'CN=OTHER' AND x509-certificate:serial_number = '4c:0b:1d:19:74:86:a7:66:b4:1a:bf:40:27:21:76:28:00']", zeekX509, false},
		{"[email-message:from_ref.value = 'bank@drum.example' AND email-message:subject LIKE '%invoice']", zeekMail, true},
		{"[email-message:sender_ref.value = 'bank@drum.example' AND email-message:subject LIKE '%invoice']", zeekMail, false},
		{"[domain-name:value = 'DRUM.example' AND domain-name:resolves_to_refs[*].value LIKE '198.51.%']", packetLine, true},
		{"[domain-name:value = 'drum.example' AND domain-name:resolves_to_refs[*].value LIKE '198.52.%']", packetLine, false},
		{"[(network-traffic:dst_ref.value = '198.51.100.7' OR network-traffic:src_port = 50000) AND network-traffic:dst_port = 8443]", conn, true},
		{"[domain-name:value = 'nothing.example' OR network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 8443]", conn, true},
	} {
		s := setOf(t, c.pattern)
		if got := len(hits(t, s, c.log)) > 0; got != c.want {
			t.Errorf("%s on %.300s: hits %v", c.pattern, c.log, got)
		}
		if got := len(hits(t, keep(t, s), c.log)) > 0; got != c.want {
			t.Errorf("%s on %.300s: hits %v after it was kept", c.pattern, c.log, got)
		}
	}
}

// What is left out, and what only fields tell, is counted.
func TestWhatOnlyFieldsTellIsCounted(t *testing.T) {
	for pattern, want := range map[string]map[detect.Reason]detect.Counts{
		"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443]": {detect.InFields: {Partly: 1}},
		"[network-traffic:dst_port = 443]":                                                                                     {detect.NoValue: {Wholly: 1}},
		"[ipv4-addr:value = '198.51.100.7' AND network-traffic:dst_port = 443]":                                                {detect.NoValue: {Wholly: 1}},
		"[ipv4-addr:value = '198.51.100.7' AND network-traffic:dst_port = 443 OR domain-name:value = 'x.example']":             {detect.NoValue: {Partly: 1}},
		"[network-traffic:dst_ref.value = '198.51.100.7' AND NOT EXISTS network-traffic:dst_port]":                             {detect.Negated: {Wholly: 1}},
		"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_ref.value MATCHES '(?=x)']":                   {detect.Operator: {Wholly: 1}},
		"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:src_ref.value = '10.0.0.1']":                      {},
		"[network-traffic:dst_ref.value = '0.0.0.0/0' AND network-traffic:dst_port = 443]":                                     {detect.Everywhere: {Wholly: 1}},
		"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443] OR [file:name LIKE '%.exe']":      {detect.Operator: {Partly: 1}},
		"[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443] FOLLOWEDBY [file:name = 'a.exe']": {detect.InLines: {Partly: 1}},
		"[file:name = 'a.exe' AND file:x LIKE '" + strings.Repeat("x", 1<<14) + "']":                                           {detect.Operator: {Wholly: 1}},
	} {
		if diff := cmp.Diff(want, setOf(t, pattern).LeftOut()); diff != "" {
			t.Errorf("%.200s: %s", pattern, diff)
		}
	}
}
