package store

// Standing is an object as it stands in a collection.
type Standing struct {
	Place          // Class is that of all of the object
	Face   ClassID // of the face beside it; 0 without one
	Source string  // who brought it first
	Since  Tick    // when it came there, however often it has moved since
	Bare   bool    // it has no version
}
