package store

// State says what became of a part of a batch.
type State uint8

// The states of a Put; then those of Remove and Reclass, which may be Same, too.
const (
	New      State = iota + 1 // kept, the newest version of its id in the collection
	Older                     // kept, but a newer version is there
	Variant                   // kept beside other content of the same id from another source (no version)
	Same                      // the collection already has this content: nothing was written
	Conflict                  // other content under the same id and version: kept aside, not shown
	Removed
	Reclassed
	Absent // nothing was there to remove or re-class, or it was changed or got its face only now
)

// Outcome is what became of one part; outcomes stand in the order of
// Puts, then Removes, then Reclasses.
type Outcome struct {
	State State
	Added Tick    // of the row written, or of the tombstone; for Same and Conflict, of the row that is there; zero for Absent
	Class ClassID // likewise; for Removed, of the row that was there

	// Was is the class before, of what was Reclassed.
	Was ClassID

	// Over are the classes of what makes a row Older or a Variant: of the newer
	// versions, or of the contents from other sources. They rise, without
	// repeats; nil for other states.
	Over []ClassID

	// Under tells that versions stand below an object that was written, New or
	// Older.
	Under bool

	// Beside is the class of the face of the row that Class is of, or of the
	// object whose face that row is; zero without either. For Same and Conflict.
	Beside ClassID

	// Source is who had brought the row that is there already (Same) or that was
	// Removed; of content that several brought, the first.
	Source string

	Gone *Gone // what was Removed; nil for other states
}

// Gone is what a Remove took away.
type Gone struct {
	Digest [32]byte   // as in Put
	Size   int        // length of the body
	Face   bool       // a face alone
	Shown  Place      // of its face that went with it; zero when there was none
	Values []Value    // by which it was found, as in the Put that brought the content
	Aside  [][32]byte // digests of what was kept aside under the same id and version and went, too; rising
}
