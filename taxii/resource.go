package taxii

import "encoding/json"

// Names of the response headers that give the dates added of the first and
// last object of a page (section 3.2). They accompany 200 answers of the
// objects, object, manifest and versions endpoints.
const (
	HeaderDateAddedFirst = "X-TAXII-Date-Added-First"
	HeaderDateAddedLast  = "X-TAXII-Date-Added-Last"
)

// Discovery describes a server and where its API roots are (section 4.1.1).
type Discovery struct {
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Contact     string   `json:"contact,omitempty"`
	Default     string   `json:"default,omitempty"`   // URL of the API root to use when nothing else decides
	APIRoots    []string `json:"api_roots,omitempty"` // URLs, absolute or relative to the discovery
}

// APIRoot describes one API root (section 4.2.1).
type APIRoot struct {
	Title            string   `json:"title"`
	Description      string   `json:"description,omitempty"`
	Versions         []string `json:"versions"`           // media types of TAXII that it speaks
	MaxContentLength int64    `json:"max_content_length"` // the largest body of a POST, in bytes
}

// Collections lists the collections of an API root (section 5.1.1).
type Collections struct {
	Collections []Collection `json:"collections,omitempty"`
}

// Collection describes one collection and what the asker may do with it
// (section 5.2.1).
type Collection struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Alias       string   `json:"alias,omitempty"` // a readable name that stands for the id in URLs
	CanRead     bool     `json:"can_read"`
	CanWrite    bool     `json:"can_write"`
	MediaTypes  []string `json:"media_types,omitempty"`
}

// Manifest is one page of what a collection holds, without the objects
// (section 5.3.1).
type Manifest struct {
	More    bool             `json:"more,omitempty"`
	Objects []ManifestRecord `json:"objects,omitempty"`
}

// ManifestRecord is one version of one object in a manifest (section 5.3.2).
type ManifestRecord struct {
	ID        string `json:"id"`
	DateAdded string `json:"date_added"`
	Version   string `json:"version"`
	MediaType string `json:"media_type,omitempty"`
}

// Envelope carries objects, both ways (section 3.7). Objects are kept as they
// were written.
type Envelope struct {
	More    bool              `json:"more,omitempty"`
	Next    string            `json:"next,omitempty"` // opaque; only its server understands it
	Objects []json.RawMessage `json:"objects,omitempty"`
}

// Versions is one page of an object's versions (section 5.8.1).
type Versions struct {
	More     bool     `json:"more,omitempty"`
	Versions []string `json:"versions,omitempty"`
}

// States of a Status.
const (
	StatusComplete = "complete"
	StatusPending  = "pending"
)

// Status tells what became of the objects of one POST (section 4.3.1).
type Status struct {
	ID               string         `json:"id"`
	Status           string         `json:"status"`
	RequestTimestamp string         `json:"request_timestamp,omitempty"`
	TotalCount       int            `json:"total_count"`
	SuccessCount     int            `json:"success_count"`
	Successes        []StatusDetail `json:"successes,omitempty"`
	FailureCount     int            `json:"failure_count"`
	Failures         []StatusDetail `json:"failures,omitempty"`
	PendingCount     int            `json:"pending_count"`
	Pendings         []StatusDetail `json:"pendings,omitempty"`
}

// StatusDetail tells what became of one object (section 4.3.2).
type StatusDetail struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Message string `json:"message,omitempty"`
}

// Error is the body of an answer that refuses (section 3.6.1).
type Error struct {
	Title           string            `json:"title"`
	Description     string            `json:"description,omitempty"`
	ErrorID         string            `json:"error_id,omitempty"`
	ErrorCode       string            `json:"error_code,omitempty"`
	HTTPStatus      string            `json:"http_status,omitempty"`
	ExternalDetails string            `json:"external_details,omitempty"`
	Details         map[string]string `json:"details,omitempty"`
}
