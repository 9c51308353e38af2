package detect

// arena keeps texts end to end in blocks, so that a million of them are some
// dozens of things to the collector, and growing copies nothing.
type arena struct {
	blocks [][]byte
	file   *fromFile // nil where none of the blocks is from one
}

const blockSize = 1 << 18

// place is where a text stands: its block and its start in it.
type place uint32

// keep keeps a text of at most blockSize bytes.
func keep[T string | []byte](a *arena, text T) place {
	last := len(a.blocks) - 1
	if last < 0 || len(a.blocks[last])+len(text) > blockSize {
		a.blocks = append(a.blocks, make([]byte, 0, blockSize))
		last++
	}
	at := place(last*blockSize + len(a.blocks[last]))
	a.blocks[last] = append(a.blocks[last], text...)
	return at
}

func (a *arena) text(at place, n int) []byte {
	if n == 0 {
		return nil // its place may be behind the last block
	}
	if !a.file.sound(int(at/blockSize), int(at%blockSize), n) {
		return make([]byte, n)
	}
	return a.blocks[at/blockSize][at%blockSize:][:n:n]
}

// wipe leaves nothing of a text; its place is not used again.
func (a *arena) wipe(at place, n int) { clear(a.text(at, n)) }

// rows are numbered things in blocks, for the same reason.
type rows[T any] struct {
	blocks []*[rowsInBlock]T
	n      uint32
	file   *fromFile // nil where none of the blocks is from one
}

const rowsInBlock = 1 << 12

func (r *rows[T]) at(i uint32) *T {
	row := &r.blocks[i/rowsInBlock][i%rowsInBlock]
	if size := sizeOf[T](); !r.file.sound(int(i/rowsInBlock), int(i%rowsInBlock)*size, size) {
		return new(T)
	}
	return row
}

// add gives the number of one more.
func (r *rows[T]) add(row T) uint32 {
	if r.n%rowsInBlock == 0 {
		r.blocks = append(r.blocks, new([rowsInBlock]T))
	}
	i := r.n
	r.n++
	*r.at(i) = row
	return i
}
