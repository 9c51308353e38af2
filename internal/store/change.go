package store

// ChangeKind says what a Change is.
type ChangeKind uint8

// The kinds of changes.
const (
	ChangeAdded ChangeKind = iota + 1
	ChangeRemoved
	ChangeReclassed // Row is the new one, Was the tick it had
)

// Change is one step of the store's history. For ChangeRemoved, Row has no
// body: Added is the tick of the removal and Was that of the row removed.
//
// The feed tells what is there now, and in what order it came to be so. A
// removed row's ChangeAdded is no longer in it. When a re-classed row goes, by
// removal or by another re-classing, its step stays as the ChangeRemoved of
// the row it came from. So a follower that stopped at any tick and applies the
// rest holds what the store holds; a Was that it never heard of is nothing to it.
type Change struct {
	Kind ChangeKind
	Row  Row
	Was  Tick
}

// Changes is a run of history; its strings and bodies are valid until Close.
type Changes struct {
	List []Change
	More bool
	Free func()
}

// Close gives the buffers back.
func (c *Changes) Close() {
	if c != nil && c.Free != nil {
		c.Free()
		c.Free = nil
		c.List = nil
	}
}
