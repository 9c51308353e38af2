package exchange

import (
	"context"
	"iter"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// withdrawn are the versions of one object by one source, above the one that is
// looked at. Each is read once at most, and only when the class in which it stands
// could make an older one stricter, so that a thousand versions are not a million
// comparisons.
type withdrawn struct {
	read   []marked // joined, of those that mark the same parts
	unread []unread
}

// unread are versions of one class, of which their own markings are not known.
type unread struct {
	class    store.ClassID
	versions []*store.Standing
}

// mostParts is how many ways of marking parts are told from each other; versions
// with others count as if all of them were stricter.
const mostParts = 64

// later notes a version, of the class in which it stood, for older ones to come.
func (n *withdrawn) later(s *store.Standing, class store.ClassID) {
	for i := range n.unread {
		if n.unread[i].class == class {
			n.unread[i].versions = append(n.unread[i].versions, s)
			return
		}
	}
	n.unread = append(n.unread, unread{class, []*store.Standing{s}})
}

// readAll reads those, and gives what they are marked, as long as the class in
// which they stand would make own stricter, which may become so meanwhile.
func (n *withdrawn) readAll(ctx context.Context, w *withdrawal, own *handling.Class) iter.Seq2[*marked, error] {
	return func(yield func(*marked, error) bool) {
		for i := range n.unread {
			u := &n.unread[i]
			for len(u.versions) > 0 && handling.Binds(*own, w.class(u.class)) {
				m, err := w.marked(ctx, u.versions[0])
				if err == nil {
					u.versions = u.versions[1:]
					n.add(m)
				}
				if !yield(m, err) || err != nil {
					return
				}
			}
		}
	}
}

// add joins what a version is marked to those that mark the same parts.
func (n *withdrawn) add(m *marked) {
	at := -1
	for i := range n.read {
		if n.read[i].parts == m.parts {
			at = i
		}
	}
	switch {
	case at < 0 && len(n.read) < mostParts:
		n.read = append(n.read, *m)
		return
	case at < 0: // the last ones are of several
		at = len(n.read) - 1
		n.read[at].several = true
	}
	n.read[at].whole = handling.With(n.read[at].whole, m.whole)
	n.read[at].shown = handling.With(n.read[at].shown, m.shown)
}
