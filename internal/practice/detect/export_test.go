package detect

// PieceWork is how many letters are compared to find the pieces that a set looks for in a text,
// and how many are found.
func PieceWork(s *Set, text string) (letters, found int) {
	f := finder{Set: s, b: []byte(text)}
	f.findPieces()
	return f.inChunk.work, len(f.spots)
}
