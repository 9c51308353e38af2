package client

import (
	"encoding/json"
	"time"
)

// The types of the API's requests and answers. The server uses the same ones,
// so that the two cannot differ; their tags are what the OpenAPI document says
// of them.

// List is one page of a listing. Next is empty on the last page; else it is the
// next parameter of the request for the following one.
type List[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"The next parameter of the request for the following page; absent on the last one."`
}

// Collection is a collection as the account that asks has it.
type Collection struct {
	ID          string `json:"id" doc:"UUID; it never changes."`
	Alias       string `json:"alias" doc:"Name in paths and verbs; the id does as well."`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Marking     string `json:"marking" enum:"clear,green,amber,amber+strict,red" doc:"TLP label that unmarked objects count as."`
	CanRead     bool   `json:"can_read"`
	CanWrite    bool   `json:"can_write"`
	Keep        string `json:"keep,omitempty" doc:"How long objects are kept after their date added, as 90d; for ever when absent. Limits are shown to admins alone."`
	Objects     int64  `json:"objects,omitempty" doc:"How many object versions it holds; told to admins, of one collection that is asked for; absent when none."`
	MaxObjects  int64  `json:"max_objects,omitempty" doc:"How many object versions are kept, the newest; no bound when absent."`
	MaxBytes    int64  `json:"max_bytes,omitempty" doc:"How many bytes of objects are kept, the newest; no bound when absent."`
	SourceQuota int64  `json:"source_quota,omitempty" doc:"How many object versions one organisation may have; no bound when absent."`

	PersonalData string `json:"personal_data,omitempty" doc:"withhold: an object in which personal data is found counts as if it said so of itself; note: it is reported, and withheld from nobody for it."`
	KeepPersonal string `json:"keep_personal,omitempty" doc:"How long objects with personal data are kept after their content came in, before they are erased; as other objects when absent."`

	ReviewedOnly bool `json:"reviewed_only,omitempty" doc:"What a machine made and no person has reviewed is released to no partner."`
}

// CollectionChange changes a collection's limits; what is absent stays.
type CollectionChange struct {
	Keep        *string `json:"keep,omitempty" doc:"How long objects are kept after their date added: days as 90d, hours as 36h; 0 for ever. Older ones are recalled within a minute."`
	MaxObjects  *int64  `json:"max_objects,omitempty" minimum:"0" doc:"How many object versions are kept; beyond it the oldest are recalled; 0 for no bound."`
	MaxBytes    *int64  `json:"max_bytes,omitempty" minimum:"0" doc:"How many bytes of objects are kept; beyond it the oldest are recalled; 0 for no bound."`
	SourceQuota *int64  `json:"source_quota,omitempty" minimum:"0" doc:"How many object versions one organisation may have; it is refused more; 0 for no bound."`

	PersonalData string `json:"personal_data,omitempty" enum:"withhold,note" doc:"Whether an object in which personal data is found counts as if it said so of itself, or is reported and withheld from nobody for it. It counts for what comes from then on."`

	KeepPersonal *string `json:"keep_personal,omitempty" doc:"How long objects with personal data are kept after their content came in: days as 365d, hours as 36h; 0 as other objects. Older ones are unreadable within a minute and off the disk within a day."`

	ReviewedOnly *bool `json:"reviewed_only,omitempty" doc:"Whether what a machine made and no person has reviewed is released to no partner, by whatever agreement. It counts for all that is there, from the next read on."`
}

// NewCollection says what a collection is to be.
type NewCollection struct {
	Alias       string `json:"alias" doc:"1 to 64 of a-z, 0-9, '.', '_' and '-', starting with a letter or digit."`
	Title       string `json:"title,omitempty" doc:"For people; the alias unless given."`
	Description string `json:"description,omitempty" doc:"For people."`
	Marking     string `json:"marking,omitempty" doc:"TLP label that unmarked objects count as: clear, green, amber, amber+strict or red; amber unless given."`

	ReviewedOnly bool `json:"reviewed_only,omitempty" doc:"Release to no partner what a machine made and no person has reviewed."`
}

// Conflict is content that came under the id and version of another object and
// was kept aside.
type Conflict struct {
	ID      string          `json:"id"`
	Version string          `json:"version,omitempty"`
	Source  string          `json:"source" doc:"The organisation that brought it."`
	Object  json.RawMessage `json:"object" doc:"The object as it came."`
}

// Account is one person's or machine's way in.
type Account struct {
	Name    string    `json:"name"`
	Org     string    `json:"org" doc:"Organisation it belongs to."`
	Own     bool      `json:"own" doc:"The organisation is the node's own member."`
	Role    string    `json:"role" enum:"contributor,curator,auditor,admin,device,sensor"`
	State   string    `json:"state" enum:"active,expired,revoked"`
	Grants  []Grant   `json:"grants" nullable:"false"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires" doc:"When its token ends."`
	Groups  []string  `json:"groups,omitempty" nullable:"false" doc:"Sharing groups it is in."`
	Purpose string    `json:"purpose" enum:"defence,research,law-enforcement,attribution,publication" doc:"Why it asks."`
	Use     string    `json:"use" enum:"read,lookup,block" doc:"What it does with what it reads, as PAP limits it."`
	Token   string    `json:"token,omitempty" doc:"Once, in the answer that opens the account; it is kept nowhere."`
}

// Grant is what an account may do in a collection.
type Grant struct {
	Collection string `json:"collection" doc:"Id; in requests the alias does as well."`
	Alias      string `json:"alias,omitempty" doc:"In answers, where the collection is there."`
	Access     string `json:"access" doc:"r, w or rw."`
}

// NewAccount says what an account is to be.
type NewAccount struct {
	Name      string   `json:"name" doc:"1 to 64 letters, digits and . _ @ + -, starting with a letter or digit."`
	Role      string   `json:"role,omitempty" doc:"contributor, curator, auditor, admin or sensor; contributor unless given."`
	Org       string   `json:"org,omitempty" doc:"A partner organisation; the node's own member unless given."`
	Grants    []Grant  `json:"grants,omitempty" nullable:"false"`
	Groups    []string `json:"groups,omitempty" nullable:"false" doc:"Sharing groups it is in, as markings and agreements name them."`
	Purpose   string   `json:"purpose,omitempty" doc:"Why it asks: defence, research, law-enforcement, attribution or publication; defence unless given."`
	Use       string   `json:"use,omitempty" doc:"What it does with what it reads: read, lookup (at third parties) or block; read unless given. PAP limits it."`
	ExpiresIn int64    `json:"expires_in,omitempty" minimum:"0" doc:"How long its token lives, in seconds; a year, which is the longest, unless given."`
}

// AccountChange says what of an account is to be another; what is absent stays.
type AccountChange struct {
	Role    *string   `json:"role,omitempty" doc:"contributor, curator, auditor, admin or sensor; device is for devices, which addDevice opens."`
	Grants  []Grant   `json:"grants,omitempty" nullable:"false" doc:"Those that change; access - takes one away."`
	Groups  *[]string `json:"groups,omitempty" nullable:"false" doc:"All sharing groups that it is in from now on."`
	Purpose *string   `json:"purpose,omitempty" doc:"Why it asks."`
	Use     *string   `json:"use,omitempty" doc:"What it does with what it reads."`
}

// Renewal says how long an account's next token lives.
type Renewal struct {
	ExpiresIn int64 `json:"expires_in,omitempty" minimum:"0" doc:"Seconds; a year, which is the longest, unless given."`
}

// Org is an organisation that accounts belong to.
type Org struct {
	Name    string    `json:"name"`
	Own     bool      `json:"own" doc:"The node's own member."`
	Created time.Time `json:"created,omitzero"`
	Country string    `json:"country,omitempty" doc:"Its code of two letters (ISO 3166-1); absent: nobody has said."`
}

// NewOrg says which partner organisation is to be known.
type NewOrg struct {
	Name    string `json:"name" doc:"1 to 128 printable characters."`
	Country string `json:"country,omitempty" doc:"Where it is: the code of two letters that ISO 3166-1 has for the country."`
}

// OrgChange says what of an organisation is to be another; what is absent stays.
type OrgChange struct {
	Country *string `json:"country,omitempty" doc:"Where it is: the code of two letters that ISO 3166-1 has for the country; empty: nobody knows."`
}

// Me is who asks, and what that account may do.
type Me struct {
	Account     string       `json:"account" doc:"operator at the admin socket."`
	Org         string       `json:"org"`
	Own         bool         `json:"own" doc:"The organisation is the node's own member."`
	Role        string       `json:"role" enum:"contributor,curator,auditor,admin,device,sensor"`
	Curates     bool         `json:"curates" doc:"Sees all that the node keeps."`
	Administers bool         `json:"administers" doc:"Opens and ends accounts, adds and removes collections."`
	Collections []Collection `json:"collections" nullable:"false" doc:"Those it may read or write."`
	Groups      []string     `json:"groups,omitempty" nullable:"false" doc:"Sharing groups the account is in."`
	Purpose     string       `json:"purpose" enum:"defence,research,law-enforcement,attribution,publication" doc:"Why it asks."`
	Use         string       `json:"use" enum:"read,lookup,block" doc:"What it does with what it reads, as PAP limits it."`
	Agreements  []Allowance  `json:"agreements" nullable:"false" doc:"Those in force by which the own member releases to it what its markings allow; besides, TLP:CLEAR goes to everyone and TLP:GREEN to who has a grant."`
}

// Allowance is what one agreement releases to who asks.
type Allowance struct {
	Name            string    `json:"name"`
	TLP             string    `json:"tlp" doc:"The strictest label."`
	PAP             string    `json:"pap" doc:"The strictest label of PAP."`
	Terms           []string  `json:"terms" nullable:"false" doc:"Terms of markings that the recipient has agreed to; what asks for others is not released."`
	Purposes        []string  `json:"purposes" nullable:"false" doc:"For which it releases."`
	LegalGrounds    []string  `json:"legal_grounds" nullable:"false"`
	Review          bool      `json:"review,omitempty" doc:"What a machine made is released only after a person's review."`
	ReviewBeforeUse bool      `json:"review_before_use,omitempty" doc:"The recipient has a person review what a machine made before it is used."`
	RetentionDays   int       `json:"retention_days,omitempty" doc:"The recipient erases what was given by it so many days after it was received."`
	Collections     []string  `json:"collections,omitempty" nullable:"false" doc:"Aliases of the collections that it is for, of those that the account may read; absent: all."`
	Until           time.Time `json:"until,omitzero"`
}

// Version is one version of an object in one collection.
type Version struct {
	Version    string    `json:"version,omitempty" doc:"modified, or created, as written; absent where the object has neither."`
	Spec       string    `json:"spec" doc:"Version of STIX."`
	Collection string    `json:"collection" doc:"Alias of the collection."`
	Added      time.Time `json:"added"`
}

// StreamedObject is the data of a stream's event object.
type StreamedObject struct {
	Collection string          `json:"collection" doc:"Alias of the collection."`
	Added      time.Time       `json:"added" doc:"When it was added, or opened to the account later."`
	Object     json.RawMessage `json:"object" doc:"The object as its producer wrote it; line breaks within it are spaces."`
}

// StreamEnd is the data of a stream's last event: cut, when the server ends it,
// and end, when it has reached what was asked for.
type StreamEnd struct {
	Code   string `json:"code" doc:"slow, stopping, unauthorized, not_found or another code of a problem; limit or wait of an end."`
	Detail string `json:"detail" doc:"For people."`
	Cursor string `json:"cursor" doc:"Goes on behind what was sent."`
}

// Result is what became of one object that was sent.
type Result struct {
	Index   int       `json:"index" doc:"Which object of the body, from 0."`
	ID      string    `json:"id,omitempty"`
	Version string    `json:"version,omitempty"`
	Verdict string    `json:"verdict" enum:"new,same,older,variant,conflict,refused" doc:"new, same and older are kept as sent or were there; variant is kept beside other content of the same id; conflict is kept aside for a curator; refused is not kept."`
	Reason  string    `json:"reason,omitempty" doc:"For people; with a place in the body where the object cannot be read."`
	Warning string    `json:"warning,omitempty" doc:"What the own member should know of what is kept: a marking definition that explains nothing."`
	Added   time.Time `json:"added,omitzero"`
}

// Tally is the last line of the results: what the body came to.
type Tally struct {
	Objects  int    `json:"objects"`
	New      int    `json:"new"`
	Same     int    `json:"same"`
	Older    int    `json:"older"`
	Variant  int    `json:"variant"`
	Conflict int    `json:"conflict"`
	Refused  int    `json:"refused"`
	Error    *Error `json:"error,omitempty" doc:"Why the rest of the body was not taken; what the lines before tell is kept."`
}

// ResultLine is a line of results: a Result, or at the end the Tally.
type ResultLine struct {
	*Result
	Tally *Tally `json:"tally,omitempty"`
}

// Job is long work that goes on by itself.
type Job struct {
	ID      string          `json:"id"`
	Kind    string          `json:"kind" enum:"import,verify,rebuild"`
	On      string          `json:"on,omitempty" doc:"The collection or follower it is about."`
	State   string          `json:"state" enum:"running,done,failed,cancelled,interrupted" doc:"interrupted: the node stopped meanwhile; start it again."`
	By      string          `json:"by" doc:"The account that started it."`
	Created time.Time       `json:"created"`
	Ended   time.Time       `json:"ended,omitzero"`
	Done    int64           `json:"done" doc:"How much is done: objects."`
	Result  json.RawMessage `json:"result,omitempty" doc:"What it came to: for an import the summary, for a verification what disagrees."`
	Error   *Error          `json:"error,omitempty" doc:"Why it failed."`
}

// NewJob says which work is to start.
type NewJob struct {
	Kind string `json:"kind" enum:"verify,rebuild" doc:"verify reads everything back and compares; rebuild lets a follower read history from the start."`
	On   string `json:"on,omitempty" doc:"The follower to rebuild."`
}

// Verification is what a job of kind verify came to.
type Verification struct {
	Problems []string `json:"problems" nullable:"false" doc:"The first hundred things that disagree."`
	Count    int      `json:"count" doc:"How many do."`
}
