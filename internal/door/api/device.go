package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/practice/device"
	"entente/internal/trust/account"
	"entente/stix"
)

// devices registers what is done with machines that fetch lists.
func (s *Server) devices() {
	tags := []string{"devices"}
	register(s, huma.Operation{OperationID: "listDevices", Method: http.MethodGet, Path: "/devices", Tags: tags,
		Summary: "List devices by name, with how their lists stand", Description: "For admins."}, s.listDevices, Forbidden, BadCursor)
	register(s, huma.Operation{OperationID: "addDevice", Method: http.MethodPost, Path: "/devices", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary:     "Open an account for a machine that fetches a list",
		Description: "For admins. The account reads the collections named, as far as handling lets it; what its list blocks by, PAP must let be blocked. Its token opens `/export/v1` alone, in a header or in the path; it is in this answer and never shown again."},
		s.addDevice, Forbidden, NotFound, Exists, StorageFull)
	register(s, huma.Operation{OperationID: "removeDevice", Method: http.MethodDelete, Path: "/devices/{device}", Tags: tags,
		Summary: "End a device's token at once and forget the device", Description: "For admins."}, s.removeDevice, Forbidden, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "releaseDevice", Method: http.MethodPost, Path: "/devices/{device}/release", Tags: tags,
		Summary: "Let new values that are held back go out", Description: "For admins. A device is not given more than `max_change` new values at once; what is more waits for this. Values that are gone from the list go at once."},
		s.releaseDevice, Forbidden, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "listInsisted", Method: http.MethodGet, Path: "/insisted", Tags: tags,
		Summary: "List the values that people insist on", Description: "For accounts of the own member."}, s.listInsisted, Forbidden, BadCursor)
	register(s, huma.Operation{OperationID: "insist", Method: http.MethodPost, Path: "/insisted", Tags: tags,
		Summary: "Insist that a value is blocked though a warninglist holds it, or others tell it to be a false positive", Description: "For curators. It is noted in the audit, with the reason. It blocks nothing that no indicator asks for, and nothing of one's own."},
		s.insist, Forbidden, StorageFull)
	register(s, huma.Operation{OperationID: "relent", Method: http.MethodPost, Path: "/insisted/remove", Tags: tags,
		Summary: "Insist no more", Description: "For curators."}, s.relent, Forbidden, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "getFalsePositives", Method: http.MethodGet, Path: "/false-positives", Tags: tags,
		Summary: "Get the rule by which false positives are left out of lists", Description: "docs/reference/lists.md has all of it."}, s.getRule)
	register(s, huma.Operation{OperationID: "changeFalsePositives", Method: http.MethodPatch, Path: "/false-positives", Tags: tags,
		Summary: "Change the rule by which false positives are left out of lists", Description: "For admins. It is noted in the audit."}, s.changeRule, Forbidden, StorageFull)
}

// Rule is when a false positive is left out of lists.
type Rule struct {
	Others int `json:"others" minimum:"0" maximum:"1000" doc:"How many organisations it takes beside the own member and the producer, whose words suffice; 0 when no number of them does."`
}

type oneRule struct{ Body Rule }

func (s *Server) getRule(ctx context.Context, _ *struct{}) (*oneRule, error) {
	r, err := s.Devices.Rule()
	return &oneRule{Rule{r.Others}}, err
}

func (s *Server) changeRule(ctx context.Context, in *oneRule) (*oneRule, error) {
	if err := s.Devices.SetRule(ctx, who(ctx), device.Rule{Others: in.Body.Others}); err != nil {
		return nil, err
	}
	return s.getRule(ctx, nil)
}

// NewDevice is a device that is wanted.
type NewDevice struct {
	Name          string   `json:"name" doc:"Of its account."`
	Org           string   `json:"org,omitempty" doc:"The node's own member unless given."`
	Format        string   `json:"format" doc:"As entente export has them."`
	Kinds         []string `json:"kinds,omitempty" doc:"Of values; the format's usual ones unless given."`
	Collections   []string `json:"collections" minItems:"1" nullable:"false" doc:"Ids or aliases of those that it reads."`
	Groups        []string `json:"groups,omitempty" doc:"Sharing groups it is in."`
	MinConfidence int      `json:"min_confidence,omitempty" minimum:"0" maximum:"100"`
	MinScore      int      `json:"min_score,omitempty" minimum:"0" maximum:"100"`
	Limit         int      `json:"limit,omitempty" minimum:"0" doc:"Values at most, the best by score; 0 for all."`
	Reviewed      bool     `json:"reviewed,omitempty" doc:"Without what a machine made and no person has reviewed."`
	MaxChange     *int     `json:"max_change,omitempty" minimum:"0" doc:"New values at most that go out at once; 0 for any number, 50,000 unless given."`
	ExpiresIn     int64    `json:"expires_in,omitempty" minimum:"0" doc:"Seconds until the token ends; a year at most, and unless given."`
}

// ShownDevice is a device as people see it.
type ShownDevice struct {
	wire.Account
	device.Device
	List device.State `json:"list" doc:"How its list stands."`
	Path string       `json:"path,omitempty" doc:"Where it fetches its list when it can send no header; in the answer that has the token alone."`
}

type oneDevice struct{ Body ShownDevice }

func (s *Server) showDevice(ctx context.Context, a *account.Account) (ShownDevice, error) {
	dev, state, err := s.Devices.Get(a.ID)
	return ShownDevice{Account: s.showAccount(ctx, a), Device: dev, List: state}, err
}

func (s *Server) listDevices(ctx context.Context, in *Paging) (*listing[ShownDevice], error) {
	if err := administers(ctx); err != nil {
		return nil, err
	}
	accounts, err := s.Accounts.List()
	if err != nil {
		return nil, err
	}
	all := []ShownDevice{}
	for i := range accounts {
		d, err := s.showDevice(ctx, &accounts[i])
		if errors.Is(err, exchange.ErrNotFound) {
			continue
		} else if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return pageOf(all, func(d *ShownDevice) string { return d.Name }, *in)
}

func (s *Server) addDevice(ctx context.Context, in *struct{ Body NewDevice }) (*oneDevice, error) {
	if err := administers(ctx); err != nil {
		return nil, err
	}
	want := in.Body
	var grants []wire.Grant
	for _, c := range want.Collections {
		grants = append(grants, wire.Grant{Collection: c, Access: "r"})
	}
	read, err := s.grantsOf(ctx, grants)
	if err != nil {
		return nil, err
	}
	dev := device.Device{Format: want.Format, Kinds: want.Kinds, MinConfidence: want.MinConfidence, MinScore: want.MinScore, Limit: want.Limit, Reviewed: want.Reviewed, MaxChange: device.DefaultMaxChange}
	if want.MaxChange != nil {
		dev.MaxChange = *want.MaxChange
	}
	a, token, err := s.Devices.Add(ctx, who(ctx), account.Application{Name: want.Name, Org: want.Org, Grants: read,
		Groups: want.Groups, Life: lifeOf(want.ExpiresIn)}, dev)
	if err != nil {
		return nil, err
	}
	shown, err := s.showDevice(ctx, &a)
	if err != nil {
		return nil, err
	}
	callOf(ctx).lasting = shown
	shown.Token, shown.Path = token, "/export/v1/"+token
	return &oneDevice{shown}, nil
}

// InDevice is the input of what is done to one device.
type InDevice struct {
	Device string `path:"device" doc:"Name of a device."`
}

// deviceOf is the account of a device; exchange.ErrNotFound for others.
func (s *Server) deviceOf(ctx context.Context, name string) (account.Account, error) {
	if err := administers(ctx); err != nil {
		return account.Account{}, err
	}
	a, err := s.Accounts.Get(name)
	if err == nil {
		_, _, err = s.Devices.Get(a.ID)
	}
	if errors.Is(err, account.ErrNotFound) || errors.Is(err, exchange.ErrNotFound) {
		err = fmt.Errorf("the device %q: %w; entente device list tells which there are", name, exchange.ErrNotFound)
	}
	return a, err
}

func (s *Server) removeDevice(ctx context.Context, in *InDevice) (*struct{}, error) {
	if _, err := s.deviceOf(ctx, in.Device); err != nil {
		return nil, err
	}
	return nil, s.Accounts.Remove(ctx, who(ctx), in.Device)
}

func (s *Server) releaseDevice(ctx context.Context, in *InDevice) (*struct{}, error) {
	a, err := s.deviceOf(ctx, in.Device)
	if err != nil {
		return nil, err
	}
	return nil, s.Devices.Release(ctx, who(ctx), &a)
}

// Insisted is a value that somebody insists on.
type Insisted struct {
	Value  string    `json:"value"`
	Kind   string    `json:"kind"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// Insisting says what to insist on.
type Insisting struct {
	Value  string `json:"value" doc:"An address, a prefix, a name, a URL or a digest; also defanged."`
	Reason string `json:"reason,omitempty" doc:"For people, one line; needed to insist."`
}

func (s *Server) listInsisted(ctx context.Context, in *Paging) (*listing[Insisted], error) {
	list, err := s.Devices.Insisted(who(ctx))
	if err != nil {
		return nil, err
	}
	all := make([]Insisted, len(list))
	for i, one := range list {
		all[i] = Insisted{one.Value.Text, one.Value.Kind.String(), one.Reason, one.By, one.At}
	}
	return pageOf(all, insistedKey, *in)
}

func insistedKey(i *Insisted) string { return i.Kind + " " + i.Value }

// insistable reads a value that lists may hold.
func insistable(text string) (stix.Value, error) {
	text = strings.TrimSpace(stix.Refang(text))
	kind := stix.ValueDomain // an address given as one becomes one
	if strings.Contains(text, "://") {
		kind = stix.ValueURL
	} else if len(text) >= 32 && !strings.ContainsAny(text, ".:/@") {
		kind = stix.ValueHash
	}
	v, ok := stix.NewValue(kind, text)
	if !ok {
		return v, problemf(Invalid, "%.100q is no address, prefix, name, URL or digest", text)
	}
	return v, nil
}

func (s *Server) insist(ctx context.Context, in *struct{ Body Insisting }) (*struct{}, error) {
	v, err := insistable(in.Body.Value)
	if err != nil {
		return nil, err
	}
	return nil, s.Devices.Insist(ctx, who(ctx), v, in.Body.Reason)
}

func (s *Server) relent(ctx context.Context, in *struct{ Body Insisting }) (*struct{}, error) {
	v, err := insistable(in.Body.Value)
	if err != nil {
		return nil, err
	}
	return nil, s.Devices.Relent(ctx, who(ctx), v)
}
