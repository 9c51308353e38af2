package author

import (
	"context"
	"maps"
	"slices"

	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Making says how an object was made, in the words of the provenance extension
// (docs/reference/handling.md). The zero Making says nothing.
type Making struct {
	MadeBy     string   `json:"made_by,omitempty" doc:"who made it: person, tool or model; nothing is said of it when this and the next two are empty"`
	Tool       string   `json:"tool,omitempty" doc:"name and version of the tool that made it"`
	Model      string   `json:"model,omitempty" doc:"name and version of the model that made it"`
	ReviewedBy []string `json:"reviewed_by,omitempty" doc:"persons' review of it: ids of identities that answer for it, or me for the own member"`
}

// mostReviewers bounds those that are named at once.
const mostReviewers = 64

// making settles who is named: me is the own member, and others must be identities that
// the writer sees.
func (d *Desk) making(ctx context.Context, by account.Principal, m Making) (Making, error) {
	if len(m.ReviewedBy) > mostReviewers {
		return m, bad("%d reviewers are named; at most %d are at once", len(m.ReviewedBy), mostReviewers)
	}
	m.ReviewedBy = slices.Clone(m.ReviewedBy)
	for i, who := range m.ReviewedBy {
		if who == "me" || who == d.member.ID {
			m.ReviewedBy[i] = d.member.ID
			continue
		}
		if typ, _, err := stix.ParseID(who); err != nil || typ != "identity" {
			return m, bad("reviewed by %q: name the id of an identity, or me for %s", shorten(who), d.member.Name)
		}
		if _, err := d.standing(ctx, by, who); err != nil {
			return m, err
		}
	}
	switch {
	case m.MadeBy == "" && m.Model != "":
		m.MadeBy = "model"
	case m.MadeBy == "" && m.Tool != "":
		m.MadeBy = "tool"
	case m.MadeBy != "" && m.MadeBy != "person" && m.MadeBy != "tool" && m.MadeBy != "model":
		return m, bad("made by %q: it was made by a person, a tool or a model", shorten(m.MadeBy))
	}
	if m.Model != "" && m.MadeBy != "model" {
		return m, bad("a model is named, so a model made it, whoever ran it: say --made-by model, and who reviewed it")
	}
	return m, nil
}

// say has an object say it, on top of what it says already. Errors: exchange.ErrInvalid,
// when that is weaker, or a review of what does not say how it was made.
func (m *Making) say(o map[string]any) error {
	if m.MadeBy == "" && len(m.ReviewedBy) == 0 {
		return nil
	}
	if _, ok := o["extensions"].(map[string]any); !ok && o["extensions"] != nil {
		return bad("extensions holds %s, not a dictionary", kindOf(o["extensions"]))
	}
	was, says := handling.Made(o)
	if !says && m.MadeBy == "" {
		return bad("a review is of what says how it was made: say --made-by person, tool or model, too")
	}
	before, _ := clone(o).(map[string]any)
	words := maps.Clone(was)
	if words == nil {
		words = map[string]any{}
	}
	for name, text := range map[string]string{"made_by": m.MadeBy, "tool": m.Tool, "model": m.Model} {
		if text != "" {
			words[name] = text
		}
	}
	if len(m.ReviewedBy) > 0 {
		m.review(words)
	}
	handling.SayMade(o, words)
	return asMade("it", before, o)
}

// review adds reviewers. What stands there and is no identity does not count, and goes.
func (m *Making) review(words map[string]any) {
	var all []any
	for _, who := range m.ReviewedBy {
		if !slices.Contains(all, any(who)) {
			all = append(all, who)
		}
	}
	before, _ := words["reviewed_by_refs"].([]any)
	for _, who := range slices.Backward(before) {
		id, _ := who.(string)
		if typ, _, err := stix.ParseID(id); err == nil && typ == "identity" && !slices.Contains(all, who) {
			all = slices.Insert(all, 0, who)
		}
	}
	words["reviewed_by_refs"], words["review_level"] = all, "human-reviewed"
	if len(all) > 1 {
		words["review_level"] = "multi-party-reviewed"
	}
}

// asMade refuses an object that says less of how it was made than what it is a version
// of, or made of, which is named.
func asMade(named string, from, o map[string]any) error {
	if how := handling.Weakened(from, o); how != "" {
		return bad("%s says how it was made, and so does whatever is made of it: %s; a person's review is added by --reviewed-by me", named, how)
	}
	return nil
}

// passOn has an object say how that was made that it is made of, unless it says as much
// itself: a machine's claim does not become a person's by passing through.
func passOn(named string, from, o map[string]any) error {
	made, said := handling.Made(from)
	if _, says := handling.Made(o); said && !says {
		handling.SayMade(o, maps.Clone(made))
		return nil
	}
	return asMade(named, from, o)
}

// onlyReviewedSince tells whether two objects have the same extensions, apart from what
// that which is there says more of how it was made: reviews since it was asked for.
func onlyReviewedSince(asked, there map[string]any) bool {
	if same, err := equal(handling.WithoutMade(asked), handling.WithoutMade(there)); err != nil || !same {
		return false
	}
	words, _ := handling.Made(asked)
	is, _ := handling.Made(there)
	by, _ := is["reviewed_by_refs"].([]any)
	for name, value := range words {
		switch who, _ := value.([]any); {
		case name == "review_level" && len(by) > 0:
		case name == "reviewed_by_refs" && !slices.ContainsFunc(who, func(one any) bool { return !slices.Contains(by, one) }):
		default:
			if same, err := equal(value, is[name]); err != nil || !same {
				return false
			}
		}
	}
	return true
}
