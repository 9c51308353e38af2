// Package dial is the one outgoing door: every connection that the program
// opens towards a network is opened by a client made by [New].
//
// It connects to no address that the public Internet does not route, unless
// the caller says that an operator typed it (Options.AllowPrivate), and the
// check is made on the resolved address at the moment of connecting, so that
// a name that resolves differently the second time gains nothing. Addresses
// that no service of ours can have (metadata, multicast, reserved ranges) are
// refused always. It reads no proxy from the environment, follows no redirect
// to another host, speaks TLS 1.2 or newer, and bounds the time and the size,
// after decompression, of each answer.
//
// Data flows outwards only; nothing here listens.
package dial
