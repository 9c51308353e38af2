package exchange

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"entente/internal/recent"
	"entente/internal/store"
	"entente/internal/trust/handling"
)

// What answers that are kept may take, each with what is around it; a larger answer, or
// one of more objects, is made again.
const (
	answerBytes   = 12 << 20
	aroundAnswer  = 256
	largestAnswer = 16 << 10
	mostGiven     = 256
)

// answers are those that readers were given lately, each with what it was made of.
type answers struct {
	*recent.Cache[asked, *answer]
}

func newAnswers() answers {
	return answers{recent.New[asked, *answer](answerBytes, aroundAnswer)}
}

// asked is who asks what.
type asked struct {
	reader   string
	profile  handling.Profile
	question string
}

// answer is one, and what it holds by: what it was made of, and, where it tells of times,
// until when.
type answer struct {
	text  []byte
	of    glance
	from  time.Time // when it was made
	until time.Time // zero: always
	given given
}

// glance is what stood in the store, and what of it a reader may see: while it is the same,
// so is all that he sees.
type glance struct {
	tick  store.Tick
	reach []reach
}

// reach is what a reader may see of one collection, and how that is called for him.
type reach struct {
	collection store.Collection
	alias      string
	removing   bool
	classes    *store.Classes
}

// given is what a view has released while an answer was made.
type given struct {
	pages  []givenPage
	vainly []vainly
	rows   int
}

// givenPage is where the objects of a page stand, in their order.
type givenPage struct {
	places []store.Place
	bodies bool
}

// vainly is what was asked for by name and not given.
type vainly struct {
	collection Collection
	id         string
}

// Again gives the answer to a question as make makes it of what the view shows. Where
// nothing was added to the store or taken out of it since the same reader asked the same,
// and he may see the same, that answer still holds and is given again: each of its objects
// goes through the gate and into the audit as before, but nothing is read. The question
// must say all that the answer depends on and make does not read through the view; until
// is when time changes the answer, zero for never. make may use the view that it is given
// by one goroutine, and only until it returns.
func (v *View) Again(ctx context.Context, question string, now time.Time, make func(v *View) (text []byte, until time.Time, err error)) ([]byte, error) {
	key := asked{v.reader.ID, v.profile, question}
	of := v.glance()
	if a, ok := v.x.answers.Get(key); ok && a.holds(of, now) {
		if same, err := v.giveAgain(ctx, &a.given); same || err != nil {
			return a.text, err
		}
	}
	recorded := *v
	recorded.recorded = &given{}
	text, until, err := make(&recorded)
	if err != nil {
		return nil, err
	}
	a := &answer{text, of, now, until, *recorded.recorded}
	// Anonymous readers are told apart by nothing; what came meanwhile may be in it.
	if v.reader.ID != "" && len(text) <= largestAnswer && a.given.rows <= mostGiven && a.holds(v.glance(), now) {
		key.question = strings.Clone(question)
		v.x.answers.Put(key, a, len(question)+len(text)+a.given.size())
	}
	return text, nil
}

func (a *answer) holds(now glance, at time.Time) bool {
	inTime := !at.Before(a.from) && (a.until.IsZero() || at.Before(a.until))
	return inTime && a.of.is(now)
}

// glance is of this moment. What is read after it may hold more.
func (v *View) glance() glance {
	tick := v.x.store.Now()
	all := v.x.collections.all()
	out := make([]reach, 0, len(all))
	for i := range all {
		if v.reader.MayRead(all[i].ID) {
			out = append(out, reach{all[i].Number, all[i].Alias, all[i].Removing, v.x.gate.Clearance(v.profile, all[i].Number)})
		}
	}
	return glance{tick, out}
}

func (g glance) is(o glance) bool { return g.tick == o.tick && slices.Equal(g.reach, o.reach) }

// giveAgain releases what was released and accounts for it; false where not all of it may
// be released any more, and nothing was.
func (v *View) giveAgain(ctx context.Context, g *given) (same bool, err error) {
	var pages []*handling.Page
	for i := range g.pages {
		rows := make([]store.Row, len(g.pages[i].places))
		for n, at := range g.pages[i].places {
			rows[n] = store.Row{Collection: at.Collection, Added: at.Added, Class: at.Class}
		}
		page, err := v.x.gate.Release(v.profile, &store.Page{Rows: rows})
		if err != nil || page.Len() != len(rows) {
			return false, err
		}
		pages = append(pages, page)
	}
	for i, page := range pages {
		if _, err := v.give(ctx, page, g.pages[i].bodies); err != nil {
			return false, err
		}
	}
	for _, vain := range g.vainly {
		v.askedInVain(vain.collection, vain.id)
	}
	return true, nil
}

// GiveAgain accounts for objects that were read by an earlier view of the same reader and
// whose content leaves once more, by the places where they stood: they go through the gate
// as they would if they were read again. False where one of them may not be released to
// him by now; then what was made of them must not leave.
func (v *View) GiveAgain(ctx context.Context, places []store.Place) (all bool, err error) {
	places = slices.Clone(places)
	slices.SortFunc(places, func(a, b store.Place) int {
		return cmp.Or(cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Added, b.Added))
	})
	scope := v.scope()
	for _, p := range places {
		if !scope[p.Collection].Has(p.Class) {
			return false, nil
		}
	}
	for len(places) > 0 {
		n := 1
		for n < min(len(places), 1000) && places[n].Collection == places[0].Collection {
			n++
		}
		if all, err := v.giveAgain(ctx, &given{pages: []givenPage{{places[:n], true}}}); err != nil || !all {
			return false, err
		}
		places = places[n:]
	}
	return true, nil
}

// note records a page that is given.
func (g *given) note(page *handling.Page, bodies bool) {
	if g == nil || page.Len() == 0 {
		return
	}
	if g.rows += page.Len(); g.rows > mostGiven {
		return // it is not kept
	}
	places := make([]store.Place, page.Len())
	for i := range places {
		places[i] = page.Place(i)
	}
	g.pages = append(g.pages, givenPage{places, bodies})
}

func (g *given) noteVain(c Collection, id string) {
	if g != nil {
		g.vainly = append(g.vainly, vainly{c, strings.Clone(id)})
	}
}

// size is about what keeping it takes.
func (g *given) size() int {
	const place, page, vain = 16, 64, 300
	return g.rows*place + len(g.pages)*page + len(g.vainly)*vain
}
