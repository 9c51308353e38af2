package detect

// counted looks at a name that is written as messages of DNS have it, the length of each
// label before it, as Windows logs what its server is asked: (3)www(7)example(0). It gives
// where to go on.
func (f *finder) counted(i int) int {
	var room [longestHost]byte
	name, at := room[:0], i
	for {
		n, label := f.count(at)
		switch {
		case label < 0 || n > longestLabel || label+n > len(f.b) || len(name)+n+1 > longestHost:
			return i + 1
		case n > 0:
			if len(name) > 0 {
				name = append(name, '.')
			}
			name, at = append(name, f.b[label:label+n]...), label+n
		case len(name) > 0:
			f.meant(name, i, label)
			return label
		default:
			return i + 1 // the root
		}
	}
}

// How long names and labels are, RFC 1035 section 2.3.4.
const (
	longestHost  = 255
	longestLabel = 63
)

// count is the number between brackets at a place, and where it ends; -1 when there is none.
func (f *finder) count(at int) (n, end int) {
	for i := at + 1; i < min(len(f.b), at+4) && f.b[at] == '('; i++ {
		switch c := f.b[i]; {
		case c-'0' <= 9:
			n = n*10 + int(c-'0')
		case c == ')' && i > at+1:
			return n, i + 1
		default:
			return 0, -1
		}
	}
	return 0, -1
}
