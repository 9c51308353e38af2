// Package pcap reads captures of packets, pcap and pcapng, as lines of JSON: one for each
// packet, in their order, so that line n is packet n. A line says who spoke to whom, and
// what names were said in the clear: questions and answers of DNS, the server's name in a
// TLS ClientHello, host and URL of an HTTP request.
//
// Captures are hostile: no length in one is believed beyond what is there, and what is kept
// of connections to put together what comes in several packets has a bound. What is not
// understood of a packet leaves its line shorter.
package pcap
