package node

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"entente/internal/door/admin"
	"entente/internal/door/export"
	"entente/internal/exchange"
	"entente/internal/format/blocklist"
	"entente/internal/practice/device"
	"entente/internal/trust/account"
)

// exportTo leads the admin door's exports to what makes them.
func (n *Node) exportTo(ctx context.Context, w io.Writer, by account.Principal, e admin.Export) error {
	if slices.Contains(device.FormatNames(), e.Form) {
		return n.listTo(ctx, w, by, e)
	}
	if device.Languages[e.Form] != "" {
		return n.rulesTo(ctx, w, by, e)
	}
	f, err := export.ParseForm(e.Form)
	if err != nil {
		return fmt.Errorf("%w; lists are %s, and rules sigma and yara", err, strings.Join(device.FormatNames(), ", "))
	}
	if e.Chooses() {
		return fmt.Errorf("%w: kinds, confidence, score and limit are for lists, and %s holds whole objects", exchange.ErrInvalid, f)
	}
	_, err = export.Write(ctx, w, n.Exchange.View(by), export.Options{Form: f, Collections: e.Collections, Latest: e.Latest, Reviewed: e.Reviewed})
	return err
}

// chosen is told of a list beside it, in the header Entente-List.
type chosen struct {
	Entries int           `json:"entries"`
	Left    []device.Left `json:"left"`
}

// tell tells what a list holds, and of what it does not the first reasons.
func tell(e admin.Export, entries int, left []device.Left) error {
	told, err := json.Marshal(chosen{entries, left[:min(len(left), 100)]})
	if err == nil {
		e.Tell("Entente-List", string(told))
	}
	return err
}

// listTo writes a list for devices.
func (n *Node) listTo(ctx context.Context, w io.Writer, by account.Principal, e admin.Export) error {
	f, err := device.FormatByName(e.Form)
	if err != nil {
		return err
	}
	if e.Latest {
		return fmt.Errorf("%w: latest is for whole objects; %s holds values of the latest versions", exchange.ErrInvalid, f.Name)
	}
	kinds, err := blocklist.ParseKinds(e.Kinds)
	if err != nil {
		return fmt.Errorf("%w: %w", exchange.ErrInvalid, err)
	}
	list, err := n.Devices.Choose(ctx, by, device.Wish{Format: f, Kinds: kinds, Collections: e.Collections,
		MinConfidence: e.MinConfidence, MinScore: e.MinScore, Limit: e.Limit, Reviewed: e.Reviewed})
	if err != nil {
		return err
	}
	defer list.Close()
	if err := tell(e, list.Len, list.Left); err != nil {
		return err
	}
	_, err = n.Devices.Write(ctx, by, w, list, blocklist.Head{At: n.now(), Entries: list.Len}, nil)
	return err
}

// rulesTo writes rules in other languages as they came.
func (n *Node) rulesTo(ctx context.Context, w io.Writer, by account.Principal, e admin.Export) error {
	if e.Latest || e.Chooses() {
		return fmt.Errorf("%w: %s holds all rules of the latest versions; choose by collection, account and review alone", exchange.ErrInvalid, e.Form)
	}
	rules, err := n.Devices.Carry(ctx, by, e.Form, e.Collections, e.Reviewed)
	if err != nil {
		return err
	}
	defer rules.Close()
	if err := tell(e, rules.Len, rules.Left); err != nil {
		return err
	}
	return rules.Write(w)
}
