package detect

import (
	"strings"
	"sync"
)

// log is a kind of log whose fields are known.
type log struct {
	name   string
	table  string
	marks  []string // a line that has one of these fields is of it
	within []string // what the names of its fields may begin with, without meaning anything
	fields map[string][]target
}

// target is what a field says.
type target struct {
	object string // a type, and, behind a slash, which of several objects of it
	path   string
	as     func(*event, target, string)
}

// below is a path that goes on behind that of a target.
func (t target) below(path string) string {
	if t.path == "" {
		return path
	}
	return t.path + "." + path
}

// ways are how fields say something, by their names in the tables below.
var ways = map[string]func(*event, target, string){
	"text": asText, "number": asNumber, "words": asWords, "protocol": asProtocol, "host": asHost, "hosts": asHosts, "mail": asMail, "file": asFile, "image": asImage,
	"digest": asDigest, "hashes": asHashes, "user": asUser, "url-host": asURLHost, "url-port": asURLPort, "url-path": asURLPath, "key": asKey, "key-data": asKeyData,
}

// The tables: a field, in which way it says something, and what it is of. "host" and "hosts"
// also make an object of each address and name, "image" one of the file.
const (
	zeekFields = `
id.orig_h           host     network-traffic:src_ref
id.orig_p           number   network-traffic:src_port
id.resp_h           host     network-traffic:dst_ref
id.resp_p           url-port network-traffic:dst_port
proto               words    network-traffic:protocols[*]
service             words    network-traffic:protocols[*]
orig_bytes          number   network-traffic:src_byte_count
resp_bytes          number   network-traffic:dst_byte_count
orig_pkts           number   network-traffic:src_packets
resp_pkts           number   network-traffic:dst_packets
query               text     domain-name/asked:value
answers             hosts    domain-name/asked:resolves_to_refs[*]
method              text     network-traffic:extensions.'http-request-ext'.request_method
host                url-host network-traffic:extensions.'http-request-ext'.request_header.Host
uri                 url-path network-traffic:extensions.'http-request-ext'.request_value
user_agent          text     network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'
referrer            text     network-traffic:extensions.'http-request-ext'.request_header.Referer
server_name         host     -
subject             text     x509-certificate:subject
issuer              text     x509-certificate:issuer
certificate.subject text     x509-certificate:subject
certificate.issuer  text     x509-certificate:issuer
certificate.serial  text     x509-certificate:serial_number
fingerprint         digest   x509-certificate
filename            file     file
mime_type           text     file:mime_type
total_bytes         number   file:size
md5                 digest   file
sha1                digest   file
sha256              digest   file
`
	zeekMailFields = `
id.orig_h           host     network-traffic:src_ref
id.orig_p           number   network-traffic:src_port
id.resp_h           host     network-traffic:dst_ref
id.resp_p           number   network-traffic:dst_port
mailfrom            mail     email-message:sender_ref
rcptto              mail     email-message:to_refs[*]
from                mail     email-message:from_ref
to                  mail     email-message:to_refs[*]
cc                  mail     email-message:cc_refs[*]
subject             text     email-message:subject
`
	eveFields = `
src_ip              host     network-traffic:src_ref
src_port            number   network-traffic:src_port
dest_ip             host     network-traffic:dst_ref
dest_port           url-port network-traffic:dst_port
proto               words    network-traffic:protocols[*]
app_proto           words    network-traffic:protocols[*]
flow.bytes_toserver number   network-traffic:src_byte_count
flow.bytes_toclient number   network-traffic:dst_byte_count
flow.pkts_toserver  number   network-traffic:src_packets
flow.pkts_toclient  number   network-traffic:dst_packets
dns.rrname          text     domain-name/asked:value
dns.query           text     domain-name/asked:value
dns.query.rrname    text     domain-name/asked:value
dns.queries.rrname  text     domain-name/asked:value
dns.rdata           hosts    domain-name/asked:resolves_to_refs[*]
dns.answers         hosts    domain-name/asked:resolves_to_refs[*]
dns.answers.rdata   hosts    domain-name/asked:resolves_to_refs[*]
dns.grouped.A       hosts    domain-name/asked:resolves_to_refs[*]
dns.grouped.AAAA    hosts    domain-name/asked:resolves_to_refs[*]
dns.grouped.CNAME   hosts    domain-name/asked:resolves_to_refs[*]
http.http_method    text     network-traffic:extensions.'http-request-ext'.request_method
http.hostname       url-host network-traffic:extensions.'http-request-ext'.request_header.Host
http.url            url-path network-traffic:extensions.'http-request-ext'.request_value
http.http_user_agent text    network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'
http.http_refer     text     network-traffic:extensions.'http-request-ext'.request_header.Referer
tls.sni             host     -
tls.subject         text     x509-certificate:subject
tls.issuerdn        text     x509-certificate:issuer
tls.serial          text     x509-certificate:serial_number
tls.fingerprint     digest   x509-certificate
fileinfo.filename   file     file
fileinfo.size       number   file:size
fileinfo.md5        digest   file
fileinfo.sha1       digest   file
fileinfo.sha256     digest   file
files.filename      file     file
files.size          number   file:size
files.md5           digest   file
files.sha1          digest   file
files.sha256        digest   file
smtp.mail_from      mail     email-message:sender_ref
smtp.rcpt_to        mail     email-message:to_refs[*]
email.from          mail     email-message:from_ref
email.to            mail     email-message:to_refs[*]
email.cc            mail     email-message:cc_refs[*]
email.subject       text     email-message:subject
`
	windowsFields = `
Image               image    process
NewProcessName      image    process
CommandLine         text     process:command_line
ProcessCommandLine  text     process:command_line
CurrentDirectory    text     process:cwd
ProcessId           number   process:pid
ParentImage         file     process:parent_ref.image_ref
ParentProcessName   file     process:parent_ref.image_ref
ParentCommandLine   text     process:parent_ref.command_line
ParentProcessId     number   process:parent_ref.pid
User                user     user-account
User                user     process:creator_user_ref
TargetUserName      user     user-account/target
SubjectUserName     user     user-account/subject
TargetFilename      file     file/target
ImageLoaded         file     file/loaded
Hashes              hashes   -
Hash                hashes   -
TargetObject        key      -
ObjectName          key      -
Details             key-data -
SourceIp            host     network-traffic:src_ref
SourceAddress       host     network-traffic:src_ref
SourcePort          number   network-traffic:src_port
DestinationIp       host     network-traffic:dst_ref
DestinationIp       host     process:opened_connection_refs[*].dst_ref
DestinationPort     number   process:opened_connection_refs[*].dst_port
DestAddress         host     network-traffic:dst_ref
DestinationPort     number   network-traffic:dst_port
DestPort            number   network-traffic:dst_port
DestinationHostname host     -
Protocol            words    network-traffic:protocols[*]
IpAddress           host     network-traffic:src_ref
IpPort              number   network-traffic:src_port
QueryName           text     domain-name/asked:value
QueryResults        hosts    domain-name/asked:resolves_to_refs[*]
`
)

// logs are those that are known; the first that a line has a mark of is its.
var logs = sync.OnceValue(func() []*log {
	all := []*log{
		{name: "Zeek's log of mail", table: zeekMailFields, marks: []string{"rcptto", "mailfrom"}},
		{name: "Zeek", table: zeekFields, marks: []string{"id.orig_h", "id_orig_h", "fuid", "certificate.serial"}},
		{name: "Suricata's EVE, and captures of packets", table: eveFields, marks: []string{"event_type", "dest_ip"}},
		{name: "Windows and Sysmon", table: windowsFields, marks: []string{"EventID", "EventID.#text", "EventID.Value", "event_id", "Image", "CommandLine"},
			within: []string{"Event.EventData.", "Event.System.", "EventData.", "System.", "winlog.event_data.", "winlog.", "event_data."}},
		{name: "CEF", table: cefTable, marks: []string{"deviceVendor"}},
		{name: "LEEF", table: leefTable, marks: []string{"leefVendor"}},
		{name: "Firewalls, as FortiGate and netfilter write it", table: keyTable, marks: []string{"srcip", "src_ip", "src", "SRC", "dstip", "dst_ip", "dst", "DST"}},
	}
	for _, l := range all {
		l.fields = fieldTable(l.table)
	}
	return all
})

func fieldTable(text string) map[string][]target {
	all := map[string][]target{}
	for line := range strings.Lines(text) {
		cells := strings.Fields(line)
		if len(cells) != 3 {
			continue
		}
		object, path, _ := strings.Cut(strings.TrimPrefix(cells[2], "-"), ":")
		all[cells[0]] = append(all[cells[0]], target{object, path, ways[cells[1]]})
	}
	return all
}

// short is the name of a field without what stands before it in any case.
func (l *log) short(name string) string {
	for _, before := range l.within {
		if rest, ok := strings.CutPrefix(name, before); ok {
			return rest
		}
	}
	if strings.HasPrefix(name, "id_") { // as some shippers write Zeek's
		return "id." + name[len("id_"):]
	}
	return name
}

// logOf is the log that a line is of; nil for one that is not known.
func logOf(fields []field) *log {
	for _, l := range logs() {
		for _, f := range fields {
			name := l.short(f.name)
			for _, mark := range l.marks {
				if name == mark {
					return l
				}
			}
		}
	}
	return nil
}

func (e *event) say(paths map[string]bool) {
	e.end()
	for _, o := range e.objects {
		for path := range o.Values {
			paths[o.Type+":"+path] = true
		}
	}
}

// said are the paths that fields of logs say anything of, found by having each field say
// something of each form.
var said = sync.OnceValue(func() map[string]bool {
	forms := []string{"1", "tcp", "192.0.2.1", "2001:db8::1", "a.example", "a@b.example", `C:\a\b.exe`, "/a",
		"MD5=" + strings.Repeat("0", 32) + ",SHA1=" + strings.Repeat("0", 40) + ",SHA256=" + strings.Repeat("0", 64)}
	for digits := range digestNames {
		forms = append(forms, strings.Repeat("0", digits))
	}
	all := map[string]bool{}
	for _, l := range logs() {
		for _, form := range forms {
			together := newEvent()
			for _, targets := range l.fields {
				for _, t := range targets {
					t.as(together, t, form)
					alone := newEvent()
					for _, image := range l.fields["Image"] { // whose hashes may stand beside it
						image.as(alone, image, form)
					}
					t.as(alone, t, form)
					alone.say(all)
				}
			}
			together.say(all)
		}
	}
	return all
})
