package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Agreement is one version of what the node's own member has agreed to release.
type Agreement struct {
	Name            string     `json:"name"`
	Version         int        `json:"version" doc:"Counts from 1."`
	State           string     `json:"state" enum:"in force,to come,over,ended,replaced" doc:"over is past its end, ended was ended by an admin, replaced has a newer version."`
	Kind            string     `json:"kind" enum:"bilateral,group,invitation" doc:"An invitation is to every partner."`
	To              []string   `json:"to" nullable:"false" doc:"Recipients: org:NAME, group:NAME, person:ACCOUNT@ORG, folded."`
	TLP             string     `json:"tlp" enum:"clear,green,amber,amber+strict,red" doc:"The strictest label that it releases."`
	PAP             string     `json:"pap" enum:"clear,green,amber,red" doc:"The same of PAP."`
	Terms           []string   `json:"terms" nullable:"false" doc:"Terms of markings that the recipients have agreed to."`
	Purposes        []string   `json:"purposes" nullable:"false"`
	LegalGrounds    []string   `json:"legal_grounds" nullable:"false"`
	Review          bool       `json:"review" doc:"What a machine made needs a person's review first."`
	ReviewBeforeUse bool       `json:"review_before_use,omitempty" doc:"Recipients have a person review what a machine made before it is used; to accounts whose use is block nothing unreviewed goes by it."`
	RetentionDays   int        `json:"retention_days,omitempty" doc:"Recipients erase what they were given so many days after they received it; absent: no end is agreed."`
	Collections     []string   `json:"collections,omitempty" nullable:"false" doc:"Aliases of the collections that it is for; absent: all. One that is no more is shown by its number, as #7."`
	Transfers       []Transfer `json:"transfers,omitempty" nullable:"false" doc:"On which grounds personal data may go out of the EEA by it."`
	From            time.Time  `json:"from"`
	Until           time.Time  `json:"until,omitzero" doc:"Absent: until it is ended."`
	Note            string     `json:"note,omitempty"`
	Recorded        time.Time  `json:"recorded"`
	By              string     `json:"by" doc:"The account that recorded this version."`
}

// Transfer is a ground on which personal data may go out of the EEA (GDPR Chapter V). What
// each has to say stands in docs/reference/handling.md.
type Transfer struct {
	Ground   string    `json:"ground" doc:"gdpr-45-adequacy, gdpr-46-safeguards, gdpr-48-treaty, gdpr-49-derogation or cbpr."`
	To       []string  `json:"to,omitempty" nullable:"false" maxItems:"300" doc:"To which countries, by their codes of two letters (ISO 3166-1); to any unless given."`
	Basis    string    `json:"basis,omitempty" doc:"One line: the document, the treaty, the case, the decision and its scope."`
	Until    time.Time `json:"until,omitzero" doc:"It holds no longer from here on; as long as the agreement unless given."`
	Assessed time.Time `json:"assessed,omitzero" doc:"When the transfer was assessed."`
}

// NewAgreement says what an agreement, or its next version, is to be.
type NewAgreement struct {
	Name            string     `json:"name" doc:"1 to 64 of a-z, 0-9, '.', '_' and '-', starting with a letter or digit."`
	Kind            string     `json:"kind,omitempty" doc:"bilateral, group or invitation; bilateral unless given."`
	To              []string   `json:"to,omitempty" nullable:"false" maxItems:"1024" doc:"Recipients: org:NAME or person:ACCOUNT@ORG of a bilateral agreement, group:NAME of a group's, none of an invitation."`
	TLP             string     `json:"tlp" doc:"The strictest label that it releases."`
	PAP             string     `json:"pap,omitempty" doc:"The same of PAP; red unless given."`
	Terms           []string   `json:"terms,omitempty" nullable:"false" maxItems:"64" doc:"Terms of markings that the recipients have agreed to."`
	Purposes        []string   `json:"purposes,omitempty" nullable:"false" maxItems:"64" doc:"defence unless given."`
	LegalGrounds    []string   `json:"legal_grounds" nullable:"false" maxItems:"64" doc:"On which it releases; ids as docs/reference/handling.md lists them."`
	Review          bool       `json:"review,omitempty" doc:"What a machine made needs a person's review first."`
	ReviewBeforeUse bool       `json:"review_before_use,omitempty" doc:"Recipients have a person review what a machine made before it is used; to accounts whose use is block nothing unreviewed goes by it."`
	RetentionDays   int        `json:"retention_days,omitempty" minimum:"0" maximum:"36500" doc:"Recipients erase what they were given so many days after they received it; no end is agreed unless given."`
	Collections     []string   `json:"collections,omitempty" nullable:"false" maxItems:"256" doc:"Aliases or ids of the collections that it is for; all unless given."`
	Transfers       []Transfer `json:"transfers,omitempty" nullable:"false" maxItems:"64" doc:"On which grounds personal data may go out of the EEA by it; each is one of its legal grounds besides."`
	From            time.Time  `json:"from,omitzero" doc:"Now unless given."`
	Until           time.Time  `json:"until,omitzero" doc:"Until it is ended unless given."`
	Note            string     `json:"note,omitempty" doc:"One line for people."`
	Replaces        int        `json:"replaces,omitempty" minimum:"0" doc:"The version that this one takes the place of; absent when there is none of that name."`
}

// Agreements gives the newest version of each agreement, by name; it takes a
// curator, as all that follows of agreements; changing them takes an admin.
func (c *Client) Agreements(ctx context.Context) iter.Seq2[Agreement, error] {
	return pages[Agreement](ctx, c, "/agreements")
}

// AgreementHistory gives all versions of an agreement, oldest first.
func (c *Client) AgreementHistory(ctx context.Context, name string) iter.Seq2[Agreement, error] {
	return pages[Agreement](ctx, c, "/agreements/"+url.PathEscape(name))
}

// AddAgreement makes an agreement, or its next version.
func (c *Client) AddAgreement(ctx context.Context, want NewAgreement) (Agreement, error) {
	return get[Agreement](ctx, c, http.MethodPost, "/agreements", want)
}

// EndAgreement ends an agreement; nothing more is released by it.
func (c *Client) EndAgreement(ctx context.Context, name string) (Agreement, error) {
	return get[Agreement](ctx, c, http.MethodPost, "/agreements/"+url.PathEscape(name)+"/end", nil)
}
