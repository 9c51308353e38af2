// Package events takes events as machines send them by themselves: syslog by UDP (RFC
// 5426), TCP (RFC 6587) and TLS (RFC 5425), and files that grow. Each message is a line, whatever its
// form (RFC 5424, 3164 or none); nothing of it is believed, and nobody is answered.
//
// Whoever can reach a listener can send. So what waits is bounded, and so are lines,
// connections, and lines a second: over the bound, what comes by UDP is dropped and counted,
// and who sends by TCP waits.
package events
