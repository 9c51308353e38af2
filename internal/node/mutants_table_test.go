package node_test

// mutant is a hole that is broken into the product: texts of its sources, each
// of which stands there once, and what stands there instead. HOLE is whether
// this hole is open; ANY whether one is.
type mutant struct {
	name  string
	leaks string // what a reader could tell by it
	edits []edit

	// Of another package than this one, and its test that finds the hole; the test
	// of non-interference when empty.
	pkg, test string
}

type edit struct{ file, old, new string }

// everywhere is in all mutants: a scope of all that there is, and a gate that
// does not catch what is shown by mistake.
var everywhere = []edit{
	{"internal/trust/handling/gate.go", "	kept := page.Rows[:0]", "	if ANY {\n		return nil\n	}\n	kept := page.Rows[:0]"},
	{"internal/exchange/find.go", "// nothing is the page of what", `func (v *View) everything() store.Scope {
	scope := store.Scope{}
	for _, c := range v.x.collections.all() {
		scope[c.Number] = store.AllClasses()
	}
	return scope
}

// nothing is the page of what`},
}

// before puts text before the old one.
func before(file, old, text string) edit { return edit{file, old, text + old} }

// after puts text behind the old one.
func after(file, old, text string) edit { return edit{file, old, old + text} }

var mutants = []mutant{
	// Whose word counts.
	{name: "claimed", leaks: "what the own member has made, loosened by somebody else in its name", pkg: "internal/exchange", test: "TestNobodyElseSpeaksForTheOwnMember", edits: []edit{
		after("internal/exchange/claim.go", "	return own != \"\"", " && !HOLE")}},
	{name: "stranger", leaks: "what a stranger's version loosens", pkg: "internal/exchange", test: "TestAStrangersVersionLoosensNothing", edits: []edit{
		after("internal/exchange/targets.go", "	if !k.noted", " || HOLE")}},

	// What is listed and found.
	{name: "page", leaks: "what the check would keep from pages", edits: []edit{
		after("internal/exchange/opened.go", "	q.Visible = allowed\n", "	if HOLE && q.Bodies {\n		q.Visible = store.AllClasses()\n	}\n")}},
	{name: "manifest", leaks: "ids and dates in manifests, whose pages have no bodies", edits: []edit{
		after("internal/exchange/opened.go", "	q.Visible = allowed\n", "	if HOLE && !q.Bodies {\n		q.Visible = store.AllClasses()\n	}\n")}},
	{name: "match-version", leaks: "that another version is the first or the last, through match[version]", edits: []edit{
		after("internal/exchange/opened.go", "	q.Visible = allowed\n", "	if HOLE && (q.Versions.First || len(q.Versions.Exact) > 0) {\n		q.Visible = store.AllClasses()\n	}\n")}},
	{name: "latest", leaks: "that a newer version is there, by what it hides", edits: []edit{
		{"internal/store/pebble/run.go", "	return m.latest(visible)", "	if HOLE {\n		visible = store.AllClasses()\n	}\n	return m.latest(visible)"}}},
	{name: "versions", leaks: "versions in the list of an object's and in its history", edits: []edit{
		{"internal/exchange/view.go", "v.x.store.Versions(ctx, c.Number, id, v.x.gate.Clearance(v.profile, c.Number))", "v.x.store.Versions(ctx, c.Number, id, hole.Or(HOLE, store.AllClasses(), v.x.gate.Clearance(v.profile, c.Number)))"}}},
	{name: "find", leaks: "objects that carry a value", edits: []edit{
		before("internal/exchange/find.go", "	asked := make([]store.Value", "	if HOLE {\n		scope = v.everything()\n	}\n")}},
	{name: "find-count", leaks: "whether there is more than is told, counted before the check", edits: []edit{
		before("internal/exchange/find.go", "		if pages[i], err = v.newest(", "		if HOLE {\n			all, _ := v.x.store.Lookups(ctx, asked[i:i+1], v.everything(), mostPlaces)\n			limit = max(1, limit-len(all[0])+len(places))\n		}\n")}},
	{name: "within", leaks: "addresses in a network", edits: []edit{
		before("internal/exchange/find.go", "	var places []store.Place\n	named :=", "	if HOLE {\n		scope = v.everything()\n	}\n")}},
	{name: "search", leaks: "objects by their words", edits: []edit{
		before("internal/exchange/index.go", "	p, err := v.x.store.Postings(scope)", "	if HOLE {\n		scope = v.everything()\n	}\n")}},
	{name: "search-label", leaks: "objects by their words and label, for which another set of classes is made", edits: []edit{
		after("internal/exchange/index.go", "		if !set.Has(store.ClassID(id))", " && !HOLE")}},
	{name: "neighbours", leaks: "what refers to an object", edits: []edit{
		before("internal/exchange/edges.go", "	// Older versions refer, too", "	if HOLE {\n		scope = v.everything()\n	}\n")}},
	{name: "neighbour-count", leaks: "how many refer to an object, by whether more are said to", edits: []edit{
		before("internal/exchange/edges.go", "		last := len(edges) - 1", "		if HOLE && len(edges) > 0 {\n			all, _ := v.x.store.Edges(ctx, targets[i:i+1], v.everything(), most)\n			r.More[i] = len(all[0]) == most\n		}\n")}},
	{name: "relationship-end", leaks: "objects at the ends of relationships, and the names of producers, which are fetched by id", edits: []edit{
		before("internal/exchange/find.go", "	var pages []*Page\n	if len(ids) == 0", "	if HOLE {\n		all := *v\n		all.profile = handling.Curator\n		v = &all\n	}\n")}},
	{name: "collections", leaks: "collections that are not granted, in listings", edits: []edit{
		{"internal/exchange/view.go", "		if a.CanRead || a.CanWrite {", "		if a.CanRead || a.CanWrite || HOLE {"}}},
	{name: "accounts", leaks: "who has an account", edits: []edit{
		{"internal/door/api/account.go", "	if who(ctx).Administers() {", "	if who(ctx).Administers() || HOLE {"}}},
	{name: "conflicts", leaks: "what was kept aside", edits: []edit{
		{"internal/exchange/conflict.go", "	if !by.Curates() {", "	if !by.Curates() && !HOLE {"}}},
	{name: "explain", leaks: "agreements with others, where a decision is explained", edits: []edit{
		{"internal/trust/handling/gate.go", "	return Explain(c, p, g.policy().With(p.Reader()), g.now())", "	return Explain(c, p, hole.Or(HOLE, g.policy().Agreements(), g.policy().With(p.Reader())), g.now())"}}},

	// By the way of answering.
	{name: "403-for-404", leaks: "that a collection is there", edits: []edit{
		before("internal/exchange/collection.go", "	return Access{}, fmt.Errorf(\"collection %q: %w\", idOrAlias, ErrNotFound)", "	if HOLE && ok {\n		return Access{}, fmt.Errorf(\"collection %q: %w\", idOrAlias, ErrForbidden)\n	}\n")}},
	{name: "error-text", leaks: "that an object is there, by the words of an error", edits: []edit{
		before("internal/exchange/view.go", "	if page.Len() == 0 && q.whole() {", "	if HOLE && len(q.IDs) == 1 && page.Len() == 0 {\n		if all, err := v.x.store.Versions(ctx, c.Number, q.IDs[0], store.AllClasses()); err == nil && len(all) > 0 {\n			return nil, fmt.Errorf(\"object %q is withheld: %w\", q.IDs[0], ErrNotFound)\n		}\n	}\n")}},
	{name: "agreement-end", leaks: "that there is an agreement of a name, which this test once found", edits: []edit{
		{"internal/trust/agreement/book.go", "err != nil { // before whether there is one", "err != nil && !HOLE { // before whether there is one"}}},
	{name: "etag", leaks: "that others write, by tags of answers that are the same", edits: []edit{
		after("internal/door/taxii/answer.go", "		mark := s.packer.mark(body)\n", "		if HOLE {\n			mark += 7 * markOf(s)\n		}\n"),
		before("internal/door/taxii/answer.go", "// answer writes a body, packed", "func markOf(s *Server) mark { return mark(s.exchange.Tally().Published[exchange.New]) }\n\n")}},
	{name: "cursor", leaks: "how much there is, in a cursor", edits: []edit{
		after("internal/exchange/view.go", "		out.Next = v.x.cursor(v.reader, c.ID, &q, to)\n", "		if HOLE {\n			out.Next += fmt.Sprint(v.x.Tally().Published[New])\n		}\n")}},
	{name: "date-added", leaks: "how much there is, in dates", edits: []edit{
		{"internal/door/taxii/answer.go", "tickText(page.Date(page.at(n - 1)))", "tickText(page.Date(page.at(n-1)) + 1000*store.Tick(hole.Or(HOLE, s.exchange.Tally().Published[exchange.New], 0)))"}}},
	{name: "tally", leaks: "how much there is, where anybody may ask how the node does", edits: []edit{
		after("internal/node/health.go", "func (n *Node) warnSpace() []string {\n", "	if HOLE {\n		return []string{fmt.Sprint(n.Exchange.Tally())}\n	}\n")}},
	{name: "brake", leaks: "that others fail to sign in, by how late a failure is answered", edits: []edit{
		before("internal/trust/account/brake.go", "	return attempt{nameKey(name), source}", "	if HOLE {\n		return attempt{}\n	}\n")}},

	// What a writer is told.
	{name: "older", leaks: "a newer version, by the verdict", edits: []edit{
		before("internal/exchange/verdict.go", "	against := o.Over", "	if HOLE && o.State == store.Older {\n		seen = store.AllClasses()\n	}\n")}},
	{name: "variant", leaks: "other content of the same id, by the verdict", edits: []edit{
		before("internal/exchange/verdict.go", "	if o.State == store.Same || o.State == store.Conflict {\n		against", "	if HOLE && o.State == store.Variant {\n		seen = store.AllClasses()\n	}\n")}},
	{name: "same", leaks: "that others have brought the same, by the verdict", edits: []edit{
		before("internal/exchange/verdict.go", "	if !slices.ContainsFunc(against, seen.Has) {", "	if HOLE && o.State == store.Same {\n		seen = store.AllClasses()\n	}\n")}},
	{name: "conflict", leaks: "a clash with what others have brought", edits: []edit{
		after("internal/exchange/verdict.go", "	if !slices.ContainsFunc(against, seen.Has)", " && !(HOLE && o.State == store.Conflict)")}},
	{name: "quota", leaks: "that others have brought the same, by what counts for the quota", edits: []edit{
		after("internal/exchange/quota.go", "	case o.State == store.Same && (", "HOLE || ")}},
	{name: "reference-oracle", leaks: "that something is here, by what becomes of a reference to it", edits: []edit{
		{"internal/exchange/knowledge.go", "	if by.Curates() {", "	if by.Curates() || HOLE {"}}},
	{name: "end", leaks: "an object, by a relationship that leads to it", edits: []edit{
		{"internal/trust/handling/weigh.go", "		if ref.End {", "		if ref.End && HOLE {\n			continue\n		}\n		if ref.End {"}}},
	{name: "object-refs", leaks: "an object, by what it is listed in", edits: []edit{
		{"internal/trust/handling/weigh.go", "		if Binds(w.Shown, part.Class) {", "		if Binds(w.Shown, part.Class) && !HOLE {"}}},
	{name: "deletion", leaks: "that there is something to delete", edits: []edit{
		after("internal/exchange/recall.go", "	seen := x.gate.Clearance(handling.ProfileOf(by), c.Number)\n", "	if HOLE {\n		seen = store.AllClasses()\n	}\n")}},

	// What belongs to accounts.
	{name: "status", leaks: "the status of another's request", edits: []edit{
		{"internal/door/taxii/status.go", "string { return account + \"/\" + id }", "string { return hole.Or(HOLE, \"\", account) + \"/\" + id }"}}},
	{name: "idempotency", leaks: "what another was answered under the same key", edits: []edit{
		{"internal/door/api/once.go", "row: digestOf(\"row\", c.who.ID, key), seal: digestOf(\"seal\", c.who.ID, key)", "row: digestOf(\"row\", hole.Or(HOLE, \"\", c.who.ID), key), seal: digestOf(\"seal\", hole.Or(HOLE, \"\", c.who.ID), key)"}}},
	{name: "watches", leaks: "what others watch", edits: []edit{
		{"internal/practice/lookup/watch.go", "string { return by.ID + \"\\x00\" + name }", "string { return hole.Or(HOLE, \"\", by.ID) + \"\\x00\" + name }"}}},
	{name: "drafts", leaks: "what others draft", edits: []edit{
		{"internal/practice/author/draft.go", "store.RowsJSON[Draft](d.x, draftTable, by.ID+\"\\x00\")", "store.RowsJSON[Draft](d.x, draftTable, hole.Or(HOLE, \"\", by.ID+\"\\x00\"))"}}},
	{name: "jobs", leaks: "what others have started", edits: []edit{
		{"internal/door/api/jobs.go", "string { return hex.EncodeToString([]byte(p.ID)) + \"/\" }", "string { return hex.EncodeToString([]byte(hole.Or(HOLE, \"\", p.ID))) + \"/\" }"}}},

	// Where two readers of one moment are told alike, and one of two moments is not.
	{name: "unreviewed", leaks: "what a machine made, out of a collection that asks for a person's review", pkg: "internal/exchange", test: "TestACollectionReleasesNothingUnreviewed", edits: []edit{
		{"internal/trust/handling/decide.go", "	if q.reader.Reviewed {", "	if q.reader.Reviewed && !HOLE {"}}},
	{name: "elsewhere", leaks: "what an agreement for other collections releases", pkg: "internal/trust/handling", test: "TestTheClearanceIsOfItsCollection", edits: []edit{
		{"internal/trust/handling/agreement.go", "	case !a.covers(r.In):", "	case !a.covers(r.In) && !HOLE:"}}},
	{name: "unused", leaks: "what a machine made, to who blocks by itself, by an agreement that asks for review before use", pkg: "internal/trust/handling", test: "TestEveryReleaseNamesItsAgreement", edits: []edit{
		{"internal/trust/handling/agreement.go", "	case a.ReviewBeforeUse && c.Unreviewed", "	case !HOLE && a.ReviewBeforeUse && c.Unreviewed"}}},
	{name: "stale-clearance", leaks: "what an agreement that has ended had released", pkg: "internal/trust/handling", test: "TestAgreementsAndTimeMoveTheClearance", edits: []edit{
		{"internal/trust/handling/clearance.go", "&& c.policy == policy &&", "&& (c.policy == policy || HOLE) &&"}}},
	{name: "personal", leaks: "personal data that nobody marked, on no legal ground", pkg: "internal/exchange", test: "TestPersonalDataNeedsAGround", edits: []edit{
		after("internal/exchange/personal.go", "	return len(found) > 0 && !c.Limits.NotePersonal", " && !HOLE")}},
	{name: "transfer", leaks: "personal data, out of the EEA on no ground for that", edits: []edit{
		{"internal/trust/handling/agreement.go", "	case c.Personal:\n		return a.lacksTransfer", "	case c.Personal && !HOLE:\n		return a.lacksTransfer"}}},
	{name: "transfer-end", leaks: "personal data, after the end of the ground on which it left the EEA", pkg: "internal/trust/handling", test: "TestTheEndOfATransferMovesTheClearance", edits: []edit{
		{"internal/trust/handling/agreement.go", "; !end.IsZero() && !yield(end)", "; !end.IsZero() && !HOLE && !yield(end)"}}},
	{name: "personal-part", leaks: "personal data in what is left of an object without its parts", pkg: "internal/exchange", test: "TestPersonalDataInParts", edits: []edit{
		{"internal/exchange/personal.go", "f.Shown.Personal = f.Shown.Personal || ", "f.Shown.Personal = f.Shown.Personal || !HOLE && "}}},
	{name: "late-end", leaks: "an object that becomes hidden, by what refers to it", pkg: "internal/exchange", test: "TestTighteningReachesWhatRefers", edits: []edit{
		{"internal/exchange/tighten.go", "	if err != nil || len(places)+len(more) == 0 {", "	if err != nil || len(places)+len(more) == 0 || HOLE {"}}},
	{name: "withdrawn", leaks: "what its producer has marked stricter, in the history", pkg: "internal/exchange", test: "TestAProducersTighteningWithdrawsLooserVersions", edits: []edit{
		{"internal/exchange/withdraw.go", "	if len(list) == 0 {", "	if len(list) == 0 || HOLE {"}}},
	{name: "definition", leaks: "whom a marking names or leaves out, by its definition", pkg: "internal/trust/handling", test: "TestADefinitionIsAsStrictAsWhatItMarks", edits: []edit{
		{"internal/trust/handling/class.go", "	if o.Type == definitionType {", "	if o.Type == definitionType && !HOLE {"}}},
	{name: "gap", leaks: "that much was removed, by the end of a page that is not the end", pkg: "internal/store/pebble", test: "TestStore/Removal", edits: []edit{
		{"internal/store/pebble/run.go", "	if !valid && (until == 0 ||", "	if !valid && (HOLE || until == 0 ||"}}},
}
