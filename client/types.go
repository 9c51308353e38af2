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
	MaxObjects  int64  `json:"max_objects,omitempty" doc:"How many object versions are kept, the newest; no bound when absent."`
	MaxBytes    int64  `json:"max_bytes,omitempty" doc:"How many bytes of objects are kept, the newest; no bound when absent."`
	SourceQuota int64  `json:"source_quota,omitempty" doc:"How many object versions one organisation may have; no bound when absent."`
}

// CollectionChange changes a collection's limits; what is absent stays.
type CollectionChange struct {
	Keep        *string `json:"keep,omitempty" doc:"How long objects are kept after their date added: days as 90d, hours as 36h; 0 for ever. Older ones are recalled within a minute."`
	MaxObjects  *int64  `json:"max_objects,omitempty" minimum:"0" doc:"How many object versions are kept; beyond it the oldest are recalled; 0 for no bound."`
	MaxBytes    *int64  `json:"max_bytes,omitempty" minimum:"0" doc:"How many bytes of objects are kept; beyond it the oldest are recalled; 0 for no bound."`
	SourceQuota *int64  `json:"source_quota,omitempty" minimum:"0" doc:"How many object versions one organisation may have; it is refused more; 0 for no bound."`
}

// NewCollection says what a collection is to be.
type NewCollection struct {
	Alias       string `json:"alias" doc:"1 to 64 of a-z, 0-9, '.', '_' and '-', starting with a letter or digit."`
	Title       string `json:"title,omitempty" doc:"For people; the alias unless given."`
	Description string `json:"description,omitempty" doc:"For people."`
	Marking     string `json:"marking,omitempty" doc:"TLP label that unmarked objects count as: clear, green, amber, amber+strict or red; amber unless given."`
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
	Role    string    `json:"role" enum:"contributor,curator,admin"`
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
	Role      string   `json:"role,omitempty" doc:"contributor, curator or admin; contributor unless given."`
	Org       string   `json:"org,omitempty" doc:"A partner organisation; the node's own member unless given."`
	Grants    []Grant  `json:"grants,omitempty" nullable:"false"`
	Groups    []string `json:"groups,omitempty" nullable:"false" doc:"Sharing groups it is in, as markings and agreements name them."`
	Purpose   string   `json:"purpose,omitempty" doc:"Why it asks: defence, research, law-enforcement, attribution or publication; defence unless given."`
	Use       string   `json:"use,omitempty" doc:"What it does with what it reads: read, lookup (at third parties) or block; read unless given. PAP limits it."`
	ExpiresIn int64    `json:"expires_in,omitempty" minimum:"0" doc:"How long its token lives, in seconds; a year, which is the longest, unless given."`
}

// Org is an organisation that accounts belong to.
type Org struct {
	Name    string    `json:"name"`
	Own     bool      `json:"own" doc:"The node's own member."`
	Created time.Time `json:"created,omitzero"`
}

// NewOrg says which partner organisation is to be known.
type NewOrg struct {
	Name string `json:"name" doc:"1 to 128 printable characters."`
}

// Me is who asks, and what that account may do.
type Me struct {
	Account     string       `json:"account" doc:"operator at the admin socket."`
	Org         string       `json:"org"`
	Own         bool         `json:"own" doc:"The organisation is the node's own member."`
	Role        string       `json:"role" enum:"contributor,curator,admin"`
	Curates     bool         `json:"curates" doc:"Sees all that the node keeps."`
	Administers bool         `json:"administers" doc:"Opens and ends accounts, adds and removes collections."`
	Collections []Collection `json:"collections" nullable:"false" doc:"Those it may read or write."`
	Groups      []string     `json:"groups,omitempty" nullable:"false" doc:"Sharing groups the account is in."`
	Purpose     string       `json:"purpose" enum:"defence,research,law-enforcement,attribution,publication" doc:"Why it asks."`
	Use         string       `json:"use" enum:"read,lookup,block" doc:"What it does with what it reads, as PAP limits it."`
}

// Version is one version of an object in one collection.
type Version struct {
	Version    string    `json:"version,omitempty" doc:"modified, or created, as written; absent where the object has neither."`
	Spec       string    `json:"spec" doc:"Version of STIX."`
	Collection string    `json:"collection" doc:"Alias of the collection."`
	Added      time.Time `json:"added"`
}

// Result is what became of one object that was sent.
type Result struct {
	Index   int       `json:"index" doc:"Which object of the body, from 0."`
	ID      string    `json:"id,omitempty"`
	Version string    `json:"version,omitempty"`
	Verdict string    `json:"verdict" enum:"new,same,older,variant,conflict,refused" doc:"new, same and older are kept as sent or were there; variant is kept beside other content of the same id; conflict is kept aside for a curator; refused is not kept."`
	Reason  string    `json:"reason,omitempty" doc:"For people; with a place in the body where the object cannot be read."`
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
