package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/practice/author"
	"entente/stix"
)

func (s *Server) authoring() {
	tags := []string{"writing"}
	const own = "Objects are written in the name of the node's own member, by its accounts that may write to the collection."
	register(s, huma.Operation{OperationID: "writeObject", Method: http.MethodPost, Path: "/author", Tags: tags,
		Summary: "Write a new object",
		Description: own + " What nobody should have to know is filled in: identifier, author, timestamps, marking. " +
			"Where the identifier follows from `for` or `key`, asking again changes nothing and is answered 200."},
		s.writeObject, Forbidden, NotFound, Exists, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "patchObject", Method: http.MethodPatch, Path: "/objects/{id}", Tags: tags,
		Summary:     "Change an object by a JSON Merge Patch",
		Description: "RFC 7396. A new version is published wherever the object stands. With `If-Match`, the ETag of the version that the patch was made from, one that is not the newest any more is refused with what changed on both sides."},
		s.patchObject, Forbidden, NotFound, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "editObject", Method: http.MethodPost, Path: "/objects/{id}/edit", Tags: tags,
		Summary: "Change an object by assignments, by a patch, or as a whole", Description: "What others made is not changed; `copy` makes a copy that may be."},
		s.editObject, Forbidden, NotFound, Exists, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "tearLine", Method: http.MethodPost, Path: "/objects/{id}/tearline", Tags: tags,
		Summary: "Make a looser object without the parts that are marked stricter", Description: own + " What must be there and cannot be left out is replaced by `set`; the new object says that it is derived from the other one to those alone who may read that one. Asking again changes nothing and is answered 200."},
		s.tearLine, Forbidden, NotFound, Exists, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "revokeObject", Method: http.MethodPost, Path: "/objects/{id}/revoke", Tags: tags,
		Summary: "Take an object back", Description: "Publishes a last version that says that the object no longer holds, so that all who have it learn of it."},
		s.revokeObject, Forbidden, NotFound, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "removeObject", Method: http.MethodDelete, Path: "/objects/{id}", Tags: tags, DefaultStatus: http.StatusOK,
		Summary:     "Take an object out of one collection, or of all",
		Description: "All versions that the account sees. Who has the object already is not told; revoking tells them."},
		s.removeObject, Forbidden, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "sight", Method: http.MethodPost, Path: "/sightings", Tags: tags,
		Summary: "Say that something was seen", Description: own + " Each is one more, unless a `key` says that it is the same one."},
		s.sight, Forbidden, NotFound, Exists, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "judge", Method: http.MethodPost, Path: "/opinions", Tags: tags,
		Summary: "Say whether what somebody says is right", Description: own + " The member has one opinion of an object; another word on it is its next version."},
		s.judge, Forbidden, NotFound, Exists, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "note", Method: http.MethodPost, Path: "/notes", Tags: tags,
		Summary: "Write a note on objects of anybody", Description: own + " The same text on the same objects is the same note."},
		s.note, Forbidden, NotFound, Exists, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "relate", Method: http.MethodPost, Path: "/relationships", Tags: tags,
		Summary: "Say what one object is to another", Description: own + " The same type between the same ends is the same relationship."},
		s.relate, Forbidden, NotFound, Exists, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "tag", Method: http.MethodPost, Path: "/tags", Tags: tags,
		Summary: "Put labels on many objects, or take them off", Description: "Only objects of the own member change. Nothing is written unless `apply` is true; without it the answer tells what would be."},
		s.tag, Forbidden, NotFound, Stale, StorageFull)
}

// oneWritten is what a writer is told: 201 when something was published, 200
// when it was there.
type oneWritten struct {
	Status int
	ETag   string `header:"ETag"`
	Body   author.Written
}

func written(w author.Written, err error) (*oneWritten, error) {
	if err != nil {
		return nil, explainAuthor(err)
	}
	out := &oneWritten{Status: http.StatusOK, ETag: tagOf(w.Object), Body: w}
	if w.Verdict == author.Done {
		out.Status = http.StatusCreated
	}
	return out, nil
}

// changedOne is written, for what was there before.
func changedOne(w author.Written, err error) (*oneWritten, error) {
	out, err := written(w, err)
	if err == nil {
		out.Status = http.StatusOK
	}
	return out, err
}

// explainAuthor gives an invalid object's faults one by one.
func explainAuthor(err error) error {
	invalid, ok := errors.AsType[*author.Invalid](err)
	if !ok {
		return err
	}
	p := problemf(Invalid, "this is no valid %s", invalid.Type).(*problem)
	for _, f := range invalid.Faults {
		at := "object"
		if f.Path != "" {
			at += "." + f.Path
			f.Path = ""
		}
		p.Errors = append(p.Errors, wire.Detail{Location: at, Message: f.String()})
	}
	return p
}

func (s *Server) writeObject(ctx context.Context, in *struct{ Body author.NewObject }) (*oneWritten, error) {
	return written(s.regretted(s.desk.New(ctx, who(ctx), in.Body)))
}

// regretted tells with what was written what its author might regret.
func (s *Server) regretted(w author.Written, err error) (author.Written, error) {
	if err != nil || len(w.Object) == 0 {
		return w, err
	}
	for o, err := range stix.Scan(bytes.NewReader(w.Object)) {
		if err != nil {
			return w, err
		}
		regrets, err := s.previewer().Regrets(o)
		if err != nil { // it is written all the same
			w.Told = append(w.Told, "what its author might regret: "+err.Error())
		}
		for _, r := range regrets {
			w.Told = append(w.Told, "warning: "+r.What)
		}
	}
	return w, nil
}

// Matching is the input of what is made from a version.
type Matching struct {
	IfMatch string `header:"If-Match" doc:"ETag of the version that this is made from, or the version itself in quotes; the newest when absent."`
}

func (s *Server) patchObject(ctx context.Context, in *struct {
	InObject
	Matching
	Body map[string]any `contentType:"application/merge-patch+json"`
}) (*oneWritten, error) {
	base, err := s.matched(ctx, in.ID, in.IfMatch)
	if err != nil {
		return nil, err
	}
	patch, err := json.Marshal(in.Body)
	if err != nil {
		return nil, err
	}
	return changedOne(s.regretted(s.desk.Edit(ctx, who(ctx), in.ID, author.Edit{Base: base, Patch: patch})))
}

// matched is the version of an object that an ETag stands for; empty when any
// will do.
func (s *Server) matched(ctx context.Context, id, tag string) (string, error) {
	if tag == "" || tag == "*" {
		return "", nil
	}
	if version := strings.Trim(tag, `"`); len(version) > 0 {
		if _, err := stix.ParseTimestamp(version); err == nil {
			return version, nil
		}
	}
	view, there := s.view(ctx), false
	for _, c := range view.Readable() {
		q := exchange.Query{IDs: []string{id}, Limit: 100, MaxBytes: pageBytes, Bodies: true}
		q.Versions.All = true
		for page, err := range view.Pages(ctx, c.ID, q) {
			if err != nil {
				return "", err
			}
			for i := range page.Len() {
				there = true
				if tagOf(page.Bytes(i)) == tag {
					return strings.Clone(page.Version(i)), nil
				}
			}
		}
	}
	if !there {
		return "", fmt.Errorf("object %q: %w", id, exchange.ErrNotFound)
	}
	return "", problemf(Stale, "If-Match is the ETag of no version of %s; get it anew, and change that", id)
}

func (s *Server) editObject(ctx context.Context, in *struct {
	InObject
	Body author.Edit
}) (*oneWritten, error) {
	return changedOne(s.regretted(s.desk.Edit(ctx, who(ctx), in.ID, in.Body)))
}

func (s *Server) tearLine(ctx context.Context, in *struct {
	InObject
	Body author.TearLine
}) (*oneWritten, error) {
	return written(s.desk.TearLine(ctx, who(ctx), in.ID, in.Body))
}

func (s *Server) revokeObject(ctx context.Context, in *struct {
	InObject
	Matching
	Base string `query:"base" doc:"The version that is to be taken back, where If-Match does not say."`
}) (*oneWritten, error) {
	base, err := s.matched(ctx, in.ID, in.IfMatch)
	if err != nil {
		return nil, err
	}
	return changedOne(s.desk.Revoke(ctx, who(ctx), in.ID, cmp.Or(base, in.Base)))
}

func (s *Server) removeObject(ctx context.Context, in *struct {
	InObject
	Collection string `query:"collection" doc:"Id or alias; all that hold the object and that the account may write to when empty."`
}) (*struct{ Body author.Removed }, error) {
	gone, err := s.desk.Delete(ctx, who(ctx), in.ID, in.Collection)
	return &struct{ Body author.Removed }{gone}, err
}

func (s *Server) sight(ctx context.Context, in *struct{ Body author.Sighting }) (*oneWritten, error) {
	return written(s.desk.Sight(ctx, who(ctx), in.Body))
}

func (s *Server) judge(ctx context.Context, in *struct{ Body author.Opinion }) (*oneWritten, error) {
	return written(s.desk.Judge(ctx, who(ctx), in.Body))
}

func (s *Server) note(ctx context.Context, in *struct{ Body author.Remark }) (*oneWritten, error) {
	return written(s.desk.Note(ctx, who(ctx), in.Body))
}

func (s *Server) relate(ctx context.Context, in *struct{ Body author.Relation }) (*oneWritten, error) {
	return written(s.desk.Relate(ctx, who(ctx), in.Body))
}

func (s *Server) tag(ctx context.Context, in *struct{ Body author.Tagging }) (*struct{ Body author.Tagged }, error) {
	out, err := s.desk.Tag(ctx, who(ctx), in.Body)
	return &struct{ Body author.Tagged }{out}, err
}
