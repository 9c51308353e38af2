// Package coding is content coding, as HTTP has it (RFC 9110 section 8.4).
//
// [Choose] reads an Accept-Encoding and names the coding that a client likes
// best. What is written to a [Writer] comes out packed by gzip or zstd; writers
// are used again, since making one costs more than packing a small answer.
// Whether an answer should be packed, and what that means for its headers, is
// for its door to say; nothing here knows of requests, nothing is unpacked.
package coding
