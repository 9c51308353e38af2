package blocklist

import (
	"encoding/csv"
	"encoding/json"
	"strconv"
	"time"
)

// everything is all kinds, for formats that can say any.
var everything = []Kind{IP, Domain, URL, MD5, SHA1, SHA256, SHA512, Mail, File, Cert}

// recordFormats are those of analysis: nothing is blocked by them by itself.
var recordFormats = []*Format{
	{Name: "csv", About: "comma-separated values with a head: value, kind, reference, confidence, from, until, TLP, score",
		Media: "text/csv", Kinds: everything, Scored: true, begin: beginCSV, changes: csvChanges},
	{Name: "ndjson", About: "one JSON object a line, with the properties that csv has",
		Media: "application/x-ndjson", Kinds: everything, Scored: true, begin: lines(writeJSON), changes: jsonChanges},
	{Name: "zeek", About: "a file for the intelligence framework of Zeek",
		Media: "text/tab-separated-values", Kinds: everything, fits: fitsZeek, begin: beginZeek},
}

// csvRows writes by encoding/csv, which quotes where that is needed.
type csvRows struct {
	w *csv.Writer
}

// columns are those of CSV.
var columns = []string{"value", "kind", "ref", "confidence", "valid_from", "valid_until", "tlp", "score"}

func beginCSV(o *out) encoder {
	c := &csvRows{w: csv.NewWriter(o)}
	_ = c.w.Write(columns) // its error stays in o
	return c
}

func (c *csvRows) add(e *Entry) { _ = c.w.Write(e.columns()) }

func (e *Entry) columns() []string {
	return []string{e.Value, e.Kind.String(), e.Ref, percent(e.Confidence), moment(e.Since), moment(e.Until), e.TLP, percent(e.Score)}
}

// percent is a number of 0 to 100; empty for none.
func percent(n int) string {
	if n < 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (c *csvRows) end() { c.w.Flush() }

// moment is a time as STIX writes it; empty for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// record is an entry of NDJSON.
type record struct {
	Value      string `json:"value"`
	Kind       string `json:"kind"`
	Ref        string `json:"ref"`
	Confidence *int   `json:"confidence,omitempty"`
	From       string `json:"valid_from,omitempty"`
	Until      string `json:"valid_until,omitempty"`
	TLP        string `json:"tlp,omitempty"`
	Score      *int   `json:"score,omitempty"`
}

func (e *Entry) record() record {
	r := record{Value: e.Value, Kind: e.Kind.String(), Ref: e.Ref, From: moment(e.Since), Until: moment(e.Until), TLP: e.TLP}
	if e.Confidence >= 0 {
		r.Confidence = &e.Confidence
	}
	if e.Score >= 0 {
		r.Score = &e.Score
	}
	return r
}

func writeJSON(o *out, e *Entry) {
	b, err := json.Marshal(e.record())
	if err != nil {
		panic(err) // of texts and a number
	}
	o.Write(b)
	o.WriteByte('\n')
}
