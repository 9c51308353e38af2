package device

import (
	"bytes"
	"encoding/binary"

	"entente/stix"
)

// pack makes a row of what was told of one version of an indicator: those of one indicator
// stand together, the newest version first.
func (t *told) pack(id, version string) []byte {
	b := newestFirst(id, version)
	for i := range t.at {
		b = appendText(b, t.row(i))
	}
	return b
}

// newestFirst begins a row so that those of one indicator stand together, the newest
// version first: its id, ended by 0, and 8 bytes.
func newestFirst(id, version string) []byte {
	age := uint64(1) << 63
	if t, err := stix.ParseTimestamp(version); err == nil {
		age -= uint64(t.Time().UnixMicro())
	}
	return binary.BigEndian.AppendUint64(append([]byte(id), 0), age)
}

// newest takes the rows of the newest version of each indicator.
func newest(versions, into *sorter) error {
	var last []byte
	for packed, err := range versions.all() {
		if err != nil {
			return err
		}
		id := packed[:bytes.IndexByte(packed, 0)]
		if bytes.Equal(id, last) {
			continue
		}
		last = append(last[:0], id...)
		for rest := packed[len(id)+1+8:]; len(rest) > 0; {
			var row []byte
			row, rest = cutText(rest)
			if err := into.add(row); err != nil {
				return err
			}
		}
	}
	return nil
}
