package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Decision is whether a reader may read something, and why.
type Decision struct {
	Allow     bool      `json:"allow"`
	Reason    string    `json:"reason"`
	Agreement string    `json:"agreement,omitempty" doc:"By which it is allowed: own, clear and grant are built in."`
	Opens     time.Time `json:"opens,omitzero" doc:"Refused now, allowed from here on."`
	Ends      time.Time `json:"ends,omitzero" doc:"Allowed now, refused from here on."`
}

// Explanation is why a reader may or may not read one version of an object in
// one collection.
type Explanation struct {
	Collection  string       `json:"collection" doc:"Alias."`
	Modified    string       `json:"modified,omitempty" doc:"The version; absent where there is none."`
	Class       string       `json:"class" doc:"What the decision depends on (docs/reference/handling.md)."`
	Granted     bool         `json:"granted" doc:"The reader has a grant to read the collection."`
	Reads       bool         `json:"reads" doc:"The reader gets it: granted, and allowed."`
	Stricter    []string     `json:"stricter,omitempty" doc:"What made it stricter than its own markings, or parts of it than the rest, as far as the asker may know of that."`
	Lacks       int          `json:"lacks,omitempty" doc:"How many parts the copy lacks that the reader gets in its stead; absent where there is none."`
	Unexplained []string     `json:"unexplained,omitempty" doc:"Of each marking that nothing explains although a definition is here, why; for curators."`
	Decision    Decision     `json:"decision"`
	Steps       []PolicyStep `json:"steps" nullable:"false" doc:"Every rule and agreement that was looked at, in order."`

	Copy *ExplainedCopy `json:"copy,omitempty" doc:"What is decided of the copy without its stricter parts, of a reader who may not read all of it; absent where there is none."`
}

// ExplainedCopy is why somebody may or may not read an object without its stricter parts.
type ExplainedCopy struct {
	Class    string       `json:"class" doc:"Of what is left."`
	Decision Decision     `json:"decision"`
	Steps    []PolicyStep `json:"steps" nullable:"false" doc:"Every rule and agreement that was looked at, in order."`
}

// PolicyStep is one rule or agreement of a decision.
type PolicyStep struct {
	Rule   string `json:"rule"`
	Holds  bool   `json:"holds"`
	Detail string `json:"detail,omitempty"`
}

// PolicyCase asks whether a reader may read a class.
type PolicyCase struct {
	As         string `json:"as" maxLength:"1024" doc:"An account, or an organisation."`
	Collection string `json:"collection,omitempty" maxLength:"256" doc:"Alias or id of a collection in which it would be read; none in particular unless given."`
	Class      string `json:"class" maxLength:"65536" doc:"As tlp:amber pap:red to:org:x; fields in any order."`
}

// PolicyCases are several of them.
type PolicyCases struct {
	Cases []PolicyCase `json:"cases" nullable:"false" minItems:"1" maxItems:"10000"`
}

// PolicyAnswers are the decisions, in the order of the cases.
type PolicyAnswers struct {
	Decisions []Decision `json:"decisions" nullable:"false"`
}

// PolicyDraft is agreements that are compared with others.
type PolicyDraft struct {
	Old *[]NewAgreement `json:"old,omitempty" nullable:"false" maxItems:"10000" doc:"The agreements that are in force unless given."`
	New []NewAgreement  `json:"new" nullable:"false" maxItems:"10000"`
}

// PolicyChange is a class that an account gains or loses.
type PolicyChange struct {
	Account    string   `json:"account"`
	Org        string   `json:"org"`
	Collection string   `json:"collection,omitempty" doc:"Alias of a collection that agreements name; absent: all others."`
	Class      string   `json:"class"`
	Before     Decision `json:"before"`
	After      Decision `json:"after"`
}

// PolicyChanges is what a draft changes.
type PolicyChanges struct {
	Accounts int            `json:"accounts" doc:"How many were looked at."`
	Classes  int            `json:"classes" doc:"How many were looked at: those that objects have had here."`
	Changes  []PolicyChange `json:"changes" nullable:"false"`
}

// PolicyFinding is an agreement or a class that may not do what it is for.
type PolicyFinding struct {
	About   string `json:"about" doc:"An agreement, or a class."`
	Says    string `json:"says"`
	Warning bool   `json:"warning,omitempty" doc:"It may well be meant so."`
}

// PolicyFindings is what somebody should look at.
type PolicyFindings struct {
	Findings []PolicyFinding `json:"findings" nullable:"false"`
}

// ExplainPolicy tells whether an account or organisation may read an object,
// and why. Others than curators may ask about themselves, with an empty as.
func (c *Client) ExplainPolicy(ctx context.Context, id, as string) (List[Explanation], error) {
	query := url.Values{"id": {id}}
	if as != "" {
		query.Set("as", as)
	}
	return get[List[Explanation]](ctx, c, http.MethodGet, "/policy/explain?"+query.Encode(), nil)
}

// CheckPolicy lists what may not do what it is for; it takes a curator, as all
// that follows of policy.
func (c *Client) CheckPolicy(ctx context.Context) (PolicyFindings, error) {
	return get[PolicyFindings](ctx, c, http.MethodGet, "/policy/check", nil)
}

// TestPolicy decides on cases.
func (c *Client) TestPolicy(ctx context.Context, cases []PolicyCase) (PolicyAnswers, error) {
	return get[PolicyAnswers](ctx, c, http.MethodPost, "/policy/test", PolicyCases{cases})
}

// DiffPolicy tells who would gain and lose what.
func (c *Client) DiffPolicy(ctx context.Context, draft PolicyDraft) (PolicyChanges, error) {
	return get[PolicyChanges](ctx, c, http.MethodPost, "/policy/diff", draft)
}
