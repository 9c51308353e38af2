package node

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"entente/internal/practice/asset"
	"entente/internal/practice/detect"
	"entente/internal/practice/device"
	"entente/internal/practice/lookup"
	"entente/internal/practice/warninglist"
	"entente/internal/score"
	"entente/internal/trust/account"
	"entente/stix"
)

// chooser puts together what chooses lists for devices, out of practices that do not
// know each other.
func (n *Node) chooser(assets *asset.Register, lists *warninglist.Register) *device.Chooser {
	return device.NewChooser(device.Parts{Exchange: n.Exchange, Hear: hear, Now: n.now,
		Temp: n.listFiles(), Stamp: func() (any, error) { return n.stampOf(assets, lists) },
		Model:  func() (*score.Model, error) { m, _, err := lookup.NewModels(n.Exchange).Model(); return m, err },
		Own:    func(ctx context.Context, by account.Principal) (device.Guards, error) { return owned(ctx, assets, by) },
		Listed: func(by account.Principal) (device.Guards, error) { return onLists(lists, by) }})
}

// stampOf is another one when assets, warninglists or half-lives are: what is asked of them is made anew then.
func (n *Node) stampOf(assets *asset.Register, lists *warninglist.Register) (any, error) {
	own, err := assets.Set()
	if err != nil {
		return nil, err
	}
	all, err := lists.Stamp()
	if err != nil {
		return nil, err
	}
	_, model, err := lookup.NewModels(n.Exchange).Model()
	return [3]any{own, all, model}, err
}

// listFiles is the folder in which lists are made. What a kill has left in it goes.
func (n *Node) listFiles() string {
	dir := filepath.Join(n.Dir, "lists")
	if err := os.RemoveAll(dir); err != nil {
		n.log.Warn("files of lists from before stay", "err", err)
	}
	return dir
}

// hear is what an indicator says, for lists.
func hear(said *device.Reading, raw []byte) {
	s := detect.Said{Values: said.Values}
	detect.Hear(&s, raw)
	*said = device.Reading{Values: s.Values, Together: s.Together, Left: s.Left.String(), Since: s.Since, Until: s.Until,
		Confidence: s.Confidence, Language: s.Language, Pattern: s.Pattern}
}

// owned guards what is the own member's, and what others told it to be theirs, as far as
// an account may know. What a partner's devices do not block would tell him what is
// here, so that for them it guards nothing: a partner guards by what he knows himself.
func owned(ctx context.Context, register *asset.Register, by account.Principal) (device.Guards, error) {
	if !by.Own {
		return nil, nil
	}
	set, err := register.Set()
	if err != nil {
		return nil, err
	}
	told, err := register.Told(ctx, by, "")
	if err != nil {
		return nil, err
	}
	list, owners := told.Assets()
	own, others := set.Reach(), asset.NewSet(list).Reach()
	return func(v stix.Value) (string, bool) {
		if a := own.Touches(v); a != nil {
			return fmt.Sprintf("your own: %s", a), true
		}
		if a := others.Touches(v); a != nil {
			return fmt.Sprintf("told to be of %s: %s", owners[*a], a), true
		}
		return "", false
	}, nil
}

// onLists guards what is on warninglists. What a partner's devices do not block would tell
// him of the member's own lists: for them those of others count alone, which tell nothing
// but that they are in use.
func onLists(lists *warninglist.Register, by account.Principal) (device.Guards, error) {
	set, err := lists.Set()
	if !by.Own {
		set, err = lists.Others()
	}
	if err != nil || set.Lists() == 0 {
		return nil, err
	}
	return func(v stix.Value) (string, bool) {
		hits := set.On(v)
		if len(hits) == 0 {
			return "", false
		}
		return "on the warninglist " + hits[0].String(), true
	}, nil
}
