package main

import (
	"bufio"
	"encoding/binary"
	"os"
	"strings"
	"testing"
)

// A capture is told from a log by its first bytes, also packed; a hit's line is the packet's
// number.
func TestScanReadsCaptures(t *testing.T) {
	request := "GET /gate HTTP/1.1\r\nHost: pay.drum.example\r\n\r\n"
	ip := append([]byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 14, 198, 51, 100, 9},
		0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 5<<4, 0x18, 0, 0, 0, 0, 0, 0)
	o := binary.LittleEndian
	b := append(o.AppendUint32(nil, 0xa1b2c3d4), 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 101, 0, 0, 0)
	for _, payload := range []string{"", request} {
		n := uint32(len(ip) + len(payload))
		b = o.AppendUint32(o.AppendUint32(o.AppendUint32(o.AppendUint32(b, 1331901000), 0), n), n)
		b = append(append(b, ip...), payload...)
	}
	set, capture := inFile(t, "set.jsonl", scanSet), inFile(t, "c.pcap", string(b))
	told, out := piped(t)
	if code := run([]string{"scan", "--json", "--set", set, capture}, os.Stdin, out, os.Stderr); code != 0 {
		t.Errorf("exit code %d", code)
	}
	out.Close()
	line, err := bufio.NewReader(told).ReadString('\n')
	if err != nil || !strings.Contains(line, `"line":2,`) || !strings.Contains(line, `"value":"pay.drum.example","how":"exact","field":"http.hostname","time":"2012-03-16T12:30:00Z"`) {
		t.Errorf("%s, %v", line, err)
	}
}
