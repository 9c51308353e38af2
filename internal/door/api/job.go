package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/practice/intake"
	"entente/internal/store"
	"entente/internal/trust/audit"
)

func (s *Server) jobOperations() {
	tags := []string{"jobs"}
	register(s, huma.Operation{OperationID: "listJobs", Method: http.MethodGet, Path: "/jobs", Tags: tags,
		Summary: "List jobs, oldest first", Description: "Those of the account; to admins, all. A job is kept for a week after its end, of an account the newest hundred."}, s.listJobs, BadCursor)
	register(s, huma.Operation{OperationID: "getJob", Method: http.MethodGet, Path: "/jobs/{job}", Tags: tags,
		Summary: "Get a job: its state, how far it is, what it came to"}, s.getJob, NotFound)
	register(s, huma.Operation{OperationID: "startJob", Method: http.MethodPost, Path: "/jobs", Tags: tags, DefaultStatus: http.StatusAccepted,
		Summary: "Start a verification of the store or the rebuilding of a follower", Description: "For admins. The answer is the job, which goes on by itself."},
		s.startJob, Forbidden, NotFound, Busy, StorageFull)
	register(s, huma.Operation{OperationID: "importFile", Method: http.MethodPost, Path: "/collections/{collection}/imports", Tags: tags, DefaultStatus: http.StatusAccepted,
		Summary: "Bring a file of objects into a collection by a job",
		Description: "The body is as that of addObjects, up to 1 GiB as sent unless the node's operator set another bound (`max-upload`), without a bound on how many objects it holds. The answer, when the whole body is here, is the job; " +
			"its result is a summary with the first refusals. Sending the same again changes nothing.",
		RequestBody: objectBody()}, s.importFile, NotFound, Forbidden, Busy, StorageFull)
	register(s, huma.Operation{OperationID: "cancelJob", Method: http.MethodPost, Path: "/jobs/{job}/cancel", Tags: tags, DefaultStatus: http.StatusAccepted,
		Summary: "Ask a job to end", Description: "What it has done stays done. A job that has ended is left as it is. A follower that is being rebuilt goes on."},
		s.cancelJob, NotFound)
}

// InJob is the input of what is about one job.
type InJob struct {
	Job string `path:"job" doc:"Id of a job."`
}

type oneJob struct{ Body wire.Job }

type startedJob struct {
	Location string `header:"Location"`
	Body     wire.Job
}

func started(j wire.Job) *startedJob { return &startedJob{Root + "jobs/" + j.ID, j} }

func (s *Server) listJobs(ctx context.Context, in *Paging) (*listing[wire.Job], error) {
	all, err := s.jobs.list(who(ctx))
	if err != nil {
		return nil, err
	}
	return pageOf(all, func(j *wire.Job) string { return j.ID }, *in)
}

func (s *Server) getJob(ctx context.Context, in *InJob) (*oneJob, error) {
	j, err := s.jobs.get(who(ctx), in.Job)
	return &oneJob{j}, err
}

func (s *Server) cancelJob(ctx context.Context, in *InJob) (*oneJob, error) {
	one, err := s.getJob(ctx, in)
	if err == nil {
		s.jobs.cancel(who(ctx), one.Body.ID)
	}
	return one, err
}

func (s *Server) startJob(ctx context.Context, in *struct{ Body wire.NewJob }) (*startedJob, error) {
	if err := administers(ctx); err != nil {
		return nil, err
	}
	work := s.verify
	if in.Body.Kind == "rebuild" {
		if _, err := s.follower(in.Body.On); err != nil {
			return nil, err
		}
		by := who(ctx).Account
		work = func(ctx context.Context, _ func(int64)) (any, error) { return nil, s.rebuild(ctx, by, in.Body.On) }
	} else if in.Body.On != "" {
		return nil, problemf(Invalid, "a verification is of the whole store; leave on out")
	}
	j, err := s.jobs.start(ctx, wire.Job{Kind: in.Body.Kind, On: in.Body.On}, work, nil)
	return started(j), err
}

// verify reads everything back.
func (s *Server) verify(ctx context.Context, _ func(int64)) (any, error) {
	const told = 100
	v := wire.Verification{Problems: []string{}}
	err := s.Store.Verify(ctx, func(problem string) {
		if v.Count++; v.Count <= told {
			v.Problems = append(v.Problems, problem)
		}
	})
	return v, err
}

// rebuild lets a follower start anew, and waits until it has come as far as it
// was.
func (s *Server) rebuild(ctx context.Context, by, name string) error {
	was, err := s.follower(name)
	if err != nil {
		return err
	}
	if err := s.Exchange.Rebuild(ctx, name); err != nil {
		return err
	}
	err = s.Exchange.Keep(ctx, func(tx store.Tx) error {
		audit.Add(tx, audit.Act{Who: by, What: "follower rebuild", On: name})
		return nil
	})
	if err != nil {
		return err
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		f, err := s.follower(name)
		if err != nil {
			return err
		}
		if f.Fault != "" {
			return errors.New(f.Fault)
		}
		if f.Cursor >= was.Cursor {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Server) follower(name string) (exchange.FollowerState, error) {
	all, err := s.Exchange.Followers()
	for _, f := range all {
		if f.Name == name {
			return f, nil
		}
	}
	return exchange.FollowerState{}, cmp.Or(err, fmt.Errorf("follower %q: %w", name, exchange.ErrNotFound))
}

func (s *Server) importFile(ctx context.Context, in *InCollection) (*startedJob, error) {
	c, err := s.view(ctx).Collection(in.Collection)
	if err != nil {
		return nil, err
	}
	if !c.CanWrite {
		return nil, problemf(Forbidden, "publish to collection %q: the account has no grant to write", c.Alias)
	}
	call := callOf(ctx)
	j, err := s.jobs.reserve(ctx, wire.Job{Kind: "import", On: c.Alias})
	if err != nil {
		return nil, err
	}
	file, err := s.takeFile(call)
	if err != nil {
		s.jobs.forget(j)
		return nil, err
	}
	im := intake.Import{Exchange: s.Exchange, By: call.who, Collection: c.ID, Limits: intake.Limits{MaxObject: call.door.maxObject}}
	told, err := s.jobs.run(ctx, j, func(ctx context.Context, progress func(int64)) (any, error) {
		im.Progress = func(objects int) { progress(int64(objects)) }
		summary, err := im.Run(ctx, single(intake.Input{Name: "body", Reader: file}))
		summary.Collection = c.Alias
		return summary, err
	}, func() { file.Close() })
	return started(told), err
}

func single(in intake.Input) iter.Seq2[intake.Input, error] {
	return func(yield func(intake.Input, error) bool) { yield(in, nil) }
}

// marshalResult is a job's result as its row holds it.
func marshalResult(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil { // our own types always can be
		return nil
	}
	return b
}
