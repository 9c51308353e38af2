package preview

import "entente/stix"

// Regrets tells what the author of an indicator might regret as soon as it is looked for:
// what it asks for is one's own, on a warninglist, of the inside, or everywhere. Of other
// objects it tells nothing.
func (p *Previewer) Regrets(o *stix.Object) ([]Warning, error) {
	if o.Type != "indicator" {
		return nil, nil
	}
	w, err := p.warnings()
	if err != nil {
		return nil, err
	}
	for _, v := range o.Values {
		w.value("pattern", v, true)
	}
	err = p.aimed(o, w)
	return w.all(), err
}

// aimed warns of an indicator that hits what is harmless.
func (p *Previewer) aimed(o *stix.Object, w *warnings) error {
	if o.Type != "indicator" {
		return nil
	}
	if p.Everywhere != nil && p.Everywhere(o) {
		w.add(Wide, "pattern", "it asks for what is everywhere: scans and lists leave that out")
	}
	if p.Listed == nil {
		return nil
	}
	on, err := p.Listed()
	if err != nil {
		return err
	}
	for _, v := range o.Values {
		if list := on(v); list != "" {
			w.add(OnList, "", "%s is on the warninglist %s: where it is looked for it may hit what is harmless, and lists that block leave it out", v.Text, list)
		}
	}
	return nil
}
