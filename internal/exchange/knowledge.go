package exchange

import (
	"encoding/json"
	"errors"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// knowledge is by what somebody's objects are made stricter. A custodian's are by
// all that is there. Anybody else's are by what he may read himself, in the
// collection that he writes to: else he would learn of something hidden by
// writing a reference to it and seeing whether what he wrote vanishes.
type knowledge struct {
	custodian bool
	reader    handling.Reader
	profile   handling.Profile
	reads     bool // the collection
	noted     bool // it is read from a row
}

// knownBy is the row of a writer who is no custodian, beside each of his objects
// that refers to something, so that it is classed by the same rule later on; and of
// any writer beside what he brought under an id that had versions.
type knownBy struct {
	Reader    handling.Reader `json:"reader"`
	Reads     bool            `json:"reads,omitempty"`
	Custodian bool            `json:"custodian,omitempty"`
}

// knownTable has those rows, by the collection and the content's digest.
const knownTable = "known-by"

func knownKey(c Collection, digest [32]byte) string { return c.ID + " " + string(digest[:]) }

func knowledgeOf(by account.Principal, c Collection) knowledge {
	if by.Curates() {
		return knowledge{custodian: true}
	}
	p := handling.ProfileOf(by)
	return knowledge{reader: p.Reader(), profile: p, reads: by.MayRead(c.ID)}
}

func (k knowledge) row() ([]byte, error) {
	return json.Marshal(knownBy{k.reader, k.reads, k.custodian})
}

// knowledge is by what an object that is here was made stricter.
func (x *Exchange) knowledge(c Collection, digest [32]byte) (knowledge, error) {
	row, err := store.GetJSON[knownBy](x.store, knownTable, knownKey(c, digest))
	if errors.Is(err, store.ErrNotFound) {
		return knowledge{custodian: true}, nil
	}
	if err != nil {
		return knowledge{}, err
	}
	if row.Custodian {
		return knowledge{custodian: true, noted: true}, nil
	}
	return knowledge{reader: row.Reader, profile: row.Reader.Profile(), reads: row.Reads, noted: true}, nil
}

// noteKnowledge keeps by what a publication's objects were made stricter.
func (w *writing) noteKnowledge(tx store.Tx, outcomes []store.Outcome) error {
	row, err := w.knows.row()
	if err != nil {
		return err
	}
	for i, o := range outcomes {
		if isWritten(o.State) && (w.weights[i].refers && !w.knows.custodian || w.isStranger(o)) {
			tx.Set(knownTable, knownKey(w.collection, w.puts[i].Digest), row)
		}
	}
	return nil
}

// isStranger tells whether a put came under an id that had versions, perhaps by
// somebody else.
func (w *writing) isStranger(o store.Outcome) bool {
	return !w.trusted && (o.Under || o.State == store.Older)
}

func isWritten(s store.State) bool { return s == store.New || s == store.Older || s == store.Variant }

func has(tx store.Tx, table, key string) bool {
	_, err := tx.Get(table, key)
	return err == nil
}
