package lookup

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/stix"
)

// Feedback is what others have made of an indicator, as far as a reader sees it: how often
// it hit, missed and hurt.
type Feedback struct {
	ID             string   `json:"id"`
	Name           string   `json:"name,omitempty"`
	Hits           int      `json:"hits"`      // how often it was seen
	Sightings      int      `json:"sightings"` // that say so
	By             []string `json:"by"`        // who saw it, by name where that is known; some of them
	ByCount        int      `json:"by_count"`  // how many of those who are told
	Unnamed        int      `json:"unnamed"`   // sightings that do not say who saw it
	First          string   `json:"first,omitempty"`
	Last           string   `json:"last,omitempty"`
	Misses         int      `json:"misses"`          // sightings of 0 times: it was looked for in vain
	FalsePositives []Said   `json:"false_positives"` // who says that it hits what is harmless, the newest first; some of them
	Wrong          int      `json:"wrong"`           // how many say so
	Right          int      `json:"right"`           // how many agree with it
	More           bool     `json:"more,omitempty"`  // there is more than was read
}

// Said is an opinion.
type Said struct {
	By      string `json:"by,omitempty"` // a name, or the id of who is not known here; empty when it does not say
	Opinion string `json:"opinion"`
	Why     string `json:"why,omitempty"`
	At      string `json:"at"`
}

// Bounds of what is read and told of one indicator, and gone over for one page.
const (
	heardAtOnce  = 200
	mostFeedback = 10_000
	mostTold     = 20
	mostPassed   = 5000
	leastPassed  = 50 // what a page counts for, however few are in it
)

// FeedbackQuery says of which indicators.
type FeedbackQuery struct {
	IDs   []string // of these; else of those that the reader's organisation made
	All   bool     // also of those of which nobody says anything
	Limit int
	Next  string // of an earlier answer
}

// FeedbackOn tells what became of indicators, in the order in which they were added, and
// how to go on; a page may hold fewer than its limit. Errors: exchange.ErrBadCursor.
func FeedbackOn(ctx context.Context, view *exchange.View, by account.Principal, member string, q FeedbackQuery) ([]Feedback, string, error) {
	if len(q.IDs) > 0 {
		list, err := feedbackOn(ctx, view, q.IDs, true)
		return list, "", err
	}
	w := feedbackWalk{view: view, org: by.Org, mine: map[string]bool{}, all: q.All}
	if by.Own {
		w.mine[member] = true
	}
	return w.page(ctx, max(q.Limit, 1), q.Next)
}

// feedbackWalk goes over the indicators of a reader's organisation.
type feedbackWalk struct {
	view *exchange.View
	org  string
	mine map[string]bool // identities that are the organisation's, or not
	all  bool
}

// page goes on where the last one ended, collection by collection.
func (w *feedbackWalk) page(ctx context.Context, limit int, next string) ([]Feedback, string, error) {
	collections := w.view.Readable()
	at, cursor := 0, ""
	if next != "" {
		id, rest, _ := strings.Cut(next, "~")
		if at = slices.IndexFunc(collections, func(c exchange.Access) bool { return c.ID == id }); at < 0 {
			return nil, "", exchange.ErrBadCursor
		}
		cursor = rest
	}
	for passed := 0; at < len(collections); {
		q := exchange.Query{Types: []string{"indicator"}, Limit: limit, MaxBytes: 8 << 20, Bodies: true, Next: cursor}
		page, err := w.view.Page(ctx, collections[at].ID, q)
		if err != nil {
			return nil, "", err
		}
		passed += max(page.Len(), leastPassed)
		cursor = page.Next
		ids, err := w.own(ctx, page)
		page.Close()
		if err == nil && at > 0 {
			ids, err = w.unseen(ctx, collections[:at], ids)
		}
		if err != nil {
			return nil, "", err
		}
		list, err := feedbackOn(ctx, w.view, ids, w.all)
		if err != nil {
			return nil, "", err
		}
		if cursor == "" {
			at++
		}
		if len(list) > 0 || passed >= mostPassed {
			if at == len(collections) {
				return list, "", nil
			}
			return list, collections[at].ID + "~" + cursor, nil
		}
	}
	return nil, "", nil
}

// own are the indicators of a page that the organisation made.
func (w *feedbackWalk) own(ctx context.Context, page *exchange.Page) (ids []string, err error) {
	authors := make([]string, page.Len())
	var unknown []string
	for i := range page.Len() {
		authors[i] = strings.Clone(read(page.Bytes(i)).text("created_by_ref"))
		if _, known := w.mine[authors[i]]; !known && authors[i] != "" {
			w.mine[authors[i]] = false
			unknown = append(unknown, authors[i])
		}
	}
	names, err := namesOf(ctx, w.view, unknown)
	for id, name := range names {
		w.mine[id] = strings.EqualFold(name, w.org)
	}
	for i, author := range authors {
		if w.mine[author] {
			ids = append(ids, strings.Clone(page.ID(i)))
		}
	}
	return ids, err
}

// unseen leaves those that no earlier collection holds, in which they were told.
func (w *feedbackWalk) unseen(ctx context.Context, earlier []exchange.Access, ids []string) ([]string, error) {
	told := map[string]bool{}
	pages, err := w.view.Objects(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		for i := range page.Len() {
			alias := w.view.Alias(page.Collection(i))
			if slices.ContainsFunc(earlier, func(c exchange.Access) bool { return c.Alias == alias }) {
				told[strings.Clone(page.ID(i))] = true
			}
		}
		page.Close()
	}
	return slices.DeleteFunc(ids, func(id string) bool { return told[id] }), nil
}

// namesOf are what objects are called, as far as the reader sees them.
func namesOf(ctx context.Context, view *exchange.View, ids []string) (map[string]string, error) {
	names, newest := map[string]string{}, map[string]string{}
	for some := range slices.Chunk(ids, 500) {
		pages, err := view.Objects(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, page := range pages {
			for i := range page.Len() {
				if old, twice := newest[page.ID(i)]; twice && stix.CompareVersions(page.Version(i), old) <= 0 {
					continue
				}
				id := strings.Clone(page.ID(i))
				names[id], newest[id] = strings.Clone(read(page.Bytes(i)).name()), strings.Clone(page.Version(i))
			}
			page.Close()
		}
	}
	return names, nil
}

// feedbackOn reads what is said of indicators, in their order; with all also of those of
// which nothing is said.
func feedbackOn(ctx context.Context, view *exchange.View, ids []string, all bool) ([]Feedback, error) {
	list := []Feedback{}
	var sums []*feedbackSum
	var unknown []string
	for some := range slices.Chunk(ids, 100) {
		heard, err := hearFeedback(ctx, view, some)
		if err != nil {
			return nil, err
		}
		for _, sum := range heard {
			if all || sum.said() {
				sums = append(sums, sum)
				unknown = append(unknown, sum.ID)
				unknown = append(unknown, sum.names()...)
			}
		}
	}
	slices.Sort(unknown)
	names, err := namesOf(ctx, view, slices.Compact(unknown))
	if err != nil {
		return nil, err
	}
	for _, sum := range sums {
		list = append(list, sum.tell(names))
	}
	return list, nil
}

// hearFeedback reads what refers to each id, as much as is bounded.
func hearFeedback(ctx context.Context, view *exchange.View, ids []string) ([]*feedbackSum, error) {
	sums := make([]*feedbackSum, len(ids))
	for i, id := range ids {
		sums[i] = newFeedbackSum(id)
	}
	spoken, err := view.Edges(ctx, ids, heardAtOnce, "")
	if err != nil {
		return nil, err
	}
	defer spoken.Close()
	for i, sum := range sums {
		if !spoken.More[i] {
			sum.hear(spoken, spoken.Of[i])
			continue
		}
		if err := sum.hearAll(ctx, view); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// hearAll reads on, a part at a time.
func (sum *feedbackSum) hearAll(ctx context.Context, view *exchange.View) error {
	for n, next := 0, ""; n < mostFeedback; n += heardAtOnce {
		spoken, err := view.Edges(ctx, []string{sum.ID}, heardAtOnce, next)
		if err != nil {
			return err
		}
		sum.hear(spoken, spoken.Of[0])
		next = spoken.Next
		spoken.Close()
		if next == "" {
			return nil
		}
	}
	sum.More = true
	return nil
}

// feedbackSum adds up what is said of one indicator.
type feedbackSum struct {
	Feedback
	heard    map[string]bool // by id
	by       map[string]bool
	opinions map[string]Said // by author, the newest word of each
}

func newFeedbackSum(id string) *feedbackSum {
	return &feedbackSum{Feedback: Feedback{ID: id}, heard: map[string]bool{}, by: map[string]bool{}, opinions: map[string]Said{}}
}

func (sum *feedbackSum) said() bool {
	return sum.Sightings > 0 || sum.Misses > 0 || len(sum.opinions) > 0
}

func (sum *feedbackSum) hear(spoken *exchange.Referrers, refs []exchange.Reference) {
	for _, ref := range refs {
		path, _, _ := strings.Cut(ref.Path, "[")
		if id := spoken.ID(ref.Row); path == "sighting_of_ref" || path == "object_refs" {
			if sum.heard[id] {
				continue
			}
			sum.heard[strings.Clone(id)] = true
		}
		o := read(spoken.Bytes(ref.Row))
		if string(o.raw("revoked")) == "true" {
			continue
		}
		switch typ := o.text("type"); {
		case typ == "sighting" && path == "sighting_of_ref":
			sum.sighting(o)
		case typ == "opinion" && path == "object_refs":
			sum.opinion(o)
		}
	}
}

func (sum *feedbackSum) sighting(o properties) {
	times, given := o.number("count")
	if !given || times < 0 {
		times = 1
	}
	if times == 0 {
		sum.Misses++
		return
	}
	sum.Hits += times
	sum.Sightings++
	if first := o.first("first_seen", "created"); sum.First == "" || stix.CompareVersions(first, sum.First) < 0 {
		sum.First = strings.Clone(first)
	}
	if last := o.first("last_seen", "first_seen", "created"); stix.CompareVersions(last, sum.Last) > 0 {
		sum.Last = strings.Clone(last)
	}
	by := o.texts("where_sighted_refs")
	if creator := o.text("created_by_ref"); len(by) == 0 && creator != "" {
		by = []string{creator}
	}
	if len(by) == 0 {
		sum.Unnamed++
	}
	for _, id := range by {
		sum.by[strings.Clone(id)] = true
	}
}

func (sum *feedbackSum) opinion(o properties) {
	s := Said{By: o.text("created_by_ref"), Opinion: o.text("opinion"), Why: o.text("explanation"), At: o.first("modified", "created")}
	if old, twice := sum.opinions[s.By]; twice && cmp.Or(stix.CompareVersions(s.At, old.At), cmp.Compare(s.Opinion, old.Opinion)) <= 0 {
		return
	}
	sum.opinions[strings.Clone(s.By)] = Said{strings.Clone(s.By), strings.Clone(s.Opinion), strings.Clone(s.Why), strings.Clone(s.At)}
}

// names are the ids whose names are told.
func (sum *feedbackSum) names() (ids []string) {
	for id := range sum.by {
		ids = append(ids, id)
	}
	for id := range sum.opinions {
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// tell puts names in, and what is told of many.
func (sum *feedbackSum) tell(names map[string]string) Feedback {
	f := sum.Feedback
	f.Name = names[f.ID]
	f.By, f.FalsePositives = []string{}, []Said{}
	for id := range sum.by {
		f.By = append(f.By, cmp.Or(names[id], id))
	}
	slices.Sort(f.By)
	f.ByCount = len(f.By)
	f.By = f.By[:min(len(f.By), mostTold)]
	for id, s := range sum.opinions {
		switch s.Opinion {
		case "disagree", "strongly-disagree":
			s.By = cmp.Or(names[id], id)
			f.FalsePositives = append(f.FalsePositives, s)
		case "agree", "strongly-agree":
			f.Right++
		}
	}
	slices.SortFunc(f.FalsePositives, func(a, b Said) int {
		return cmp.Or(stix.CompareVersions(b.At, a.At), cmp.Compare(a.By, b.By))
	})
	f.Wrong = len(f.FalsePositives)
	f.FalsePositives = f.FalsePositives[:min(f.Wrong, mostTold)]
	return f
}
