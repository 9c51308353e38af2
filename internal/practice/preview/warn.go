package preview

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/internal/trust/personal"
	"entente/stix"
)

// Warning is something in an object that its author might regret.
type Warning struct {
	Code string `json:"code"`
	Path string `json:"path,omitempty"` // of the property; empty when it is about the whole, or a value that stands in no text as it is looked up
	What string `json:"what"`           // for people
}

// Codes of warnings.
const (
	OwnAsset     = "own-asset"     // something of one's own, by the assets
	OwnStaff     = "own-staff"     // an address of a mail domain of one's own
	InternalName = "internal-name" // a host name that means something on the inside alone
	InternalAddr = "internal-address"
	UserPath     = "user-path"           // a path with the name of a user
	PersonalData = "personal-data"       // data about people, which partners need a legal ground for
	Looser       = "looser-than-ref"     // it refers to something with a stricter label
	Undefined    = "definition-stricter" // what it is marked with has a definition with a stricter label
	Held         = "held"                // a part is stricter than the whole and cannot be left out
	Told         = "told-elsewhere"      // a value of a part that is stricter stands in another, which is not
	OnList       = "warninglist"         // an indicator for what is on a warninglist
	Wide         = "everywhere"          // an indicator that hits nearly all there is
	Unread       = "unread"              // there is more than was looked at or told
)

const (
	mostWarnings = 100
	mostRefs     = 200     // references whose labels are compared
	mostText     = 1 << 20 // bytes of texts that are looked through
)

// warn looks for what an author might regret, each once.
func (p *Previewer) warn(ctx context.Context, by account.Principal, o *stix.Object, f exchange.Foreseen) ([]Warning, error) {
	w, err := p.warnings()
	if err != nil {
		return nil, err
	}
	for _, selector := range f.Held {
		w.add(Held, selector, "%s is marked stricter than the whole and no copy can lack it, so that who may not read it gets nothing; entente tearline makes a looser object without it", selector)
	}
	for _, one := range f.Told {
		w.add(Told, one.Path, "%s is in a part that is marked stricter, and stands here, too; mark this as strict, or leave it out", one.Text)
	}
	if err := p.looser(ctx, by, o, f.Own, w); err != nil {
		return nil, err
	}
	w.texts(o.Type, "", "", o.Raw)
	for _, v := range o.Values { // what is left of them stands in no text as it is looked up
		w.value("", v, true)
	}
	if err := p.aimed(o, w); err != nil {
		return nil, err
	}
	for _, f := range personal.Find(o, false) {
		w.add(PersonalData, "", "it holds personal data: %s %s", f.Kind, f.Text)
	}
	return w.all(), nil
}

// warnings are none as yet.
func (p *Previewer) warnings() (*warnings, error) {
	w := &warnings{list: []Warning{}, own: nothing{}, told: map[string]bool{}, unread: mostText}
	if p.Own == nil {
		return w, nil
	}
	own, err := p.Own()
	w.own = own
	return w, err
}

// nothing is what one has of whom nothing is known.
type nothing struct{}

func (nothing) Owns(stix.Value) (string, bool) { return "", false }
func (nothing) Named(string) []string          { return nil }

type warnings struct {
	list   []Warning
	more   bool            // there are more than fit
	own    Own             //
	told   map[string]bool // values and names, so that each is told once
	unread int             // bytes of texts that are still looked at; negative: too many
}

func (w *warnings) add(code, path, format string, args ...any) {
	one := Warning{code, path, fmt.Sprintf(format, args...)}
	switch {
	case slices.Contains(w.list, one):
	case len(w.list) == mostWarnings:
		w.more = true
	default:
		w.list = append(w.list, one)
	}
}

// all are the warnings, with what was not looked at or not told.
func (w *warnings) all() []Warning {
	if w.more {
		w.list = append(w.list, Warning{Unread, "", fmt.Sprintf("there is more to warn of than these %d; mend them and preview it again", mostWarnings)})
	}
	if w.unread < 0 {
		w.list = append(w.list, Warning{Unread, "", fmt.Sprintf("its texts are long: only the first %d KiB of them were looked at for what is of the inside", mostText>>10)})
	}
	return w.list
}

// first tells whether something is told for the first time.
func (w *warnings) first(what string) bool {
	if w.told[what] {
		return false
	}
	w.told[what] = true
	return true
}

// looser warns where the object refers to something with a stricter label, or is marked
// by what those who get it are not shown, as far as the author sees it.
func (p *Previewer) looser(ctx context.Context, by account.Principal, o *stix.Object, class handling.Class, w *warnings) error {
	view := p.Exchange.View(by)
	label := strings.ToUpper(class.TLP.String())
	for _, ref := range o.Refs[:min(len(o.Refs), mostRefs)] {
		labels, err := labelsOf(ctx, view, ref.ID)
		if err != nil {
			return err
		}
		for _, tlp := range labels {
			if tlp > class.TLP {
				w.add(Looser, ref.Path, "it is TLP:%s and refers to %s, which is TLP:%s", label, ref.ID, strings.ToUpper(tlp.String()))
			}
		}
	}
	for _, id := range slices.Concat(o.MarkingRefs, o.GranularMarkingRefs) {
		if !handling.IsDefined(id) {
			continue
		}
		labels, err := labelsOf(ctx, view, id)
		if err != nil {
			return err
		}
		if len(labels) > 0 && slices.Min(labels) > class.TLP {
			w.add(Undefined, "", "it is TLP:%s and marked with %s, whose definition is TLP:%s: who gets the one and not the other is not told what is asked; delete the definition and bring it in with a label like this one's", label, id, strings.ToUpper(slices.Min(labels).String()))
		}
	}
	return nil
}

// labelsOf are those of the newest of an object, in each collection that has it.
func labelsOf(ctx context.Context, view *exchange.View, id string) (labels []handling.Level, err error) {
	for _, c := range view.Readable() {
		page, err := view.Page(ctx, c.ID, exchange.Query{IDs: []string{id}, Limit: 1, Versions: store.VersionFilter{Latest: true}})
		if err != nil {
			return nil, err
		}
		if page.Len() > 0 {
			labels = append(labels, page.Class(0).TLP)
		}
		page.Close()
	}
	return labels, nil
}
