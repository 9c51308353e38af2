package main

import (
	"net"
)

// tellSystemd tells the service manager that started the program of a change,
// by sd_notify(3): READY=1, STOPPING=1. Without one that listens, as
// NOTIFY_SOCKET says, it does nothing. What cannot be told is the manager's to
// notice, which waits for it with a timeout of its own.
func (c *cli) tellSystemd(state string) {
	path, _ := c.env("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	if path[0] == '@' { // an abstract socket
		path = "\x00" + path[1:]
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(state))
}
