package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Footing is on what a reader is given something, apart from the objects: what he is to
// the node, and what is agreed with him. It is kept once, however often he reads, so
// that what becomes of his account and of the agreements changes nothing of the past.
type Footing struct {
	Own     bool   `json:"own,omitempty"`     // of the own member
	Curates bool   `json:"curates,omitempty"` // a custodian of what the node keeps
	Groups  string `json:"groups,omitempty"`  // sharing groups, with line feeds between
	Purpose string `json:"purpose"`
	Use     string `json:"use"`
	Abroad  string `json:"abroad,omitempty"` // the country outside of the EEA that it went to, or that it was not known, when the own member had said that it is inside
	Agreed  string `json:"agreed,omitempty"` // with him and in force, as in "security/2,water/1"; of security/2-1 one transfer was over
}

// FootingID names a footing: the beginning of the SHA-256 of its row, so that a seal of
// a reading binds what it was given on, too.
type FootingID [16]byte

// String is the key of the footing's row.
func (id FootingID) String() string { return hex.EncodeToString(id[:]) }

// Row is the footing as a row.
func (f Footing) Row() (id FootingID, value []byte) {
	value, _ = json.Marshal(f) // strings always can be
	sum := sha256.Sum256(value)
	copy(id[:], sum[:])
	return id, value
}

// ReadFooting reads a row, which must be the one that its name says.
func ReadFooting(id FootingID, value []byte) (f Footing, err error) {
	if sum := sha256.Sum256(value); FootingID(sum[:len(id)]) != id {
		return f, fmt.Errorf("audit: the footing %s is not what was written", id)
	}
	if err := json.Unmarshal(value, &f); err != nil {
		return f, fmt.Errorf("audit: the footing %s: %w", id, err)
	}
	return f, nil
}
