package detect

// deepest is how deep JSON may go whose fields are told.
const deepest = 32

// jsonFields are the values of an object of JSON that stands in a line, each named by its
// path, without the numbers of lists. What is no JSON ends it: what came before is told.
func jsonFields(line []byte) []field {
	r := jsonReader{b: line}
	r.value("", 0)
	return r.all
}

// jsonReader goes over JSON in place.
type jsonReader struct {
	b   []byte
	i   int
	all []field
}

func (r *jsonReader) space() {
	for r.i < len(r.b) && (r.b[r.i] == ' ' || r.b[r.i] == '\t' || r.b[r.i] == '\r' || r.b[r.i] == '\n') {
		r.i++
	}
}

// next takes one sign, if it stands there.
func (r *jsonReader) next(c byte) bool {
	r.space()
	if r.i < len(r.b) && r.b[r.i] == c {
		r.i++
		return true
	}
	return false
}

// text goes over a string and gives where what is in it stands.
func (r *jsonReader) text() (start, end int, ok bool) {
	if !r.next('"') {
		return 0, 0, false
	}
	for start = r.i; r.i < len(r.b); r.i++ {
		switch r.b[r.i] {
		case '\\':
			r.i++
		case '"':
			r.i++
			return start, r.i - 1, true
		}
	}
	return start, len(r.b), false
}

// value goes over a value and what is in it; false ends it all.
func (r *jsonReader) value(path string, depth int) bool {
	r.space()
	if r.i == len(r.b) || depth > deepest || len(r.all) == mostFields {
		return false
	}
	switch r.b[r.i] {
	case '{':
		return r.members(path, depth)
	case '[':
		r.i++
		for !r.next(']') {
			if !r.value(path, depth+1) {
				return false
			}
			r.next(',')
		}
		return true
	case '"':
		start, end, ok := r.text()
		r.all = append(r.all, field{name: path, start: start, end: min(end, len(r.b))})
		return ok
	}
	start := r.i
	for r.i < len(r.b) && r.b[r.i] > ' ' && r.b[r.i] != ',' && r.b[r.i] != '}' && r.b[r.i] != ']' {
		r.i++
	}
	r.all = append(r.all, field{name: path, start: start, end: r.i})
	return r.i > start
}

func (r *jsonReader) members(path string, depth int) bool {
	r.i++
	for !r.next('}') {
		start, end, ok := r.text()
		if !ok || !r.next(':') {
			return false
		}
		name := string(r.b[start:end])
		if path != "" {
			name = path + "." + name
		}
		if len(name) > 256 || !r.value(name, depth+1) {
			return false
		}
		r.next(',')
	}
	return true
}
