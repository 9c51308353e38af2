package detect

// The tables of logs whose lines name each value, as those in event_logs.go.
const (
	cefTable = `
src                      host     network-traffic:src_ref
spt                      number   network-traffic:src_port
shost                    host     -
sourceDnsDomain          host     -
dst                      host     network-traffic:dst_ref
dpt                      url-port network-traffic:dst_port
dhost                    url-host network-traffic:extensions.'http-request-ext'.request_header.Host
destinationDnsDomain     host     -
proto                    protocol network-traffic:protocols[*]
app                      protocol network-traffic:protocols[*]
in                       number   network-traffic:src_byte_count
out                      number   network-traffic:dst_byte_count
request                  url-path network-traffic:extensions.'http-request-ext'.request_value
requestMethod            text     network-traffic:extensions.'http-request-ext'.request_method
requestClientApplication text     network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'
requestContext           text     network-traffic:extensions.'http-request-ext'.request_header.Referer
suser                    user     user-account/source
duser                    user     user-account/target
sproc                    image    process/source
spid                     number   process/source:pid
dproc                    image    process/target
dpid                     number   process/target:pid
deviceProcessName        image    process/device
filePath                 file     file
fname                    file     file
fsize                    number   file:size
fileHash                 digest   file
`
	leefTable = `
src                      host     network-traffic:src_ref
srcPort                  number   network-traffic:src_port
dst                      host     network-traffic:dst_ref
dstPort                  url-port network-traffic:dst_port
proto                    protocol network-traffic:protocols[*]
srcBytes                 number   network-traffic:src_byte_count
dstBytes                 number   network-traffic:dst_byte_count
srcPackets               number   network-traffic:src_packets
dstPackets               number   network-traffic:dst_packets
url                      url-path network-traffic:extensions.'http-request-ext'.request_value
usrName                  user     user-account
`
	keyTable = `
srcip                    host     network-traffic:src_ref
src_ip                   host     network-traffic:src_ref
src                      host     network-traffic:src_ref
SRC                      host     network-traffic:src_ref
srcport                  number   network-traffic:src_port
src_port                 number   network-traffic:src_port
sport                    number   network-traffic:src_port
SPT                      number   network-traffic:src_port
dstip                    host     network-traffic:dst_ref
dst_ip                   host     network-traffic:dst_ref
dst                      host     network-traffic:dst_ref
DST                      host     network-traffic:dst_ref
dstport                  url-port network-traffic:dst_port
dst_port                 url-port network-traffic:dst_port
dport                    url-port network-traffic:dst_port
DPT                      url-port network-traffic:dst_port
proto                    protocol network-traffic:protocols[*]
protocol                 protocol network-traffic:protocols[*]
PROTO                    protocol network-traffic:protocols[*]
service                  protocol network-traffic:protocols[*]
sentbyte                 number   network-traffic:src_byte_count
rcvdbyte                 number   network-traffic:dst_byte_count
sentpkt                  number   network-traffic:src_packets
rcvdpkt                  number   network-traffic:dst_packets
httpmethod               text     network-traffic:extensions.'http-request-ext'.request_method
hostname                 url-host network-traffic:extensions.'http-request-ext'.request_header.Host
url                      url-path network-traffic:extensions.'http-request-ext'.request_value
agent                    text     network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'
referralurl              text     network-traffic:extensions.'http-request-ext'.request_header.Referer
qname                    text     domain-name/asked:value
ipaddr                   hosts    domain-name/asked:resolves_to_refs[*]
user                     user     user-account
filename                 file     file
filesize                 number   file:size
filehash                 digest   file
md5                      digest   file
sha1                     digest   file
sha256                   digest   file
`
)
