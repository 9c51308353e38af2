package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	wire "entente/client"
	"entente/internal/exchange"
)

// jobTable holds jobs as they are told, by id; ids rise with time.
const jobTable = "api-job"

// Bounds of jobs.
const (
	jobsAtOnce = 8
	jobsOfOne  = 3 // at once, of one account
	keepJobs   = 7 * 24 * time.Hour
)

// jobs are those of a node. A row is written when a job starts and when it
// ends; between, what is told of it is in memory.
type jobs struct {
	server *Server
	work   sync.WaitGroup

	mu      sync.Mutex
	running map[string]*job
	stopped bool
}

// job is one that runs.
type job struct {
	cancel context.CancelFunc

	mu        sync.Mutex
	told      wire.Job
	cancelled bool
}

func (j *job) tell() wire.Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.told
}

// start starts a job and lets it go on. When it has ended, or has not begun,
// after is called.
func (js *jobs) start(ctx context.Context, told wire.Job, work func(context.Context, func(int64)) (any, error), after func()) (wire.Job, error) {
	if after == nil {
		after = func() {}
	}
	c := callOf(ctx)
	id, err := uuid.NewV7()
	if err != nil {
		after()
		return told, err
	}
	told.ID, told.State, told.By, told.Created = id.String(), "running", c.who.Account, time.Now().UTC()
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	j := &job{cancel: cancel, told: told}
	if err := js.admit(j); err != nil {
		after()
		return told, err
	}
	if err := setRow(ctx, js.server.Store, jobTable, told.ID, &told); err != nil {
		js.forget(told.ID)
		after()
		return told, err
	}
	js.work.Go(func() {
		defer after()
		defer js.forget(told.ID)
		defer cancel()
		result, err := work(own, func(done int64) {
			j.mu.Lock()
			j.told.Done = done
			j.mu.Unlock()
		})
		js.end(j, c.door.local, result, err)
	})
	return told, nil
}

func (js *jobs) admit(j *job) error {
	js.sweep()
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.stopped {
		return problemf(Stopping, "the node is stopping; start the job when it is back")
	}
	of := 0
	for _, other := range js.running {
		if other.told.By == j.told.By { // By never changes
			of++
		}
	}
	if len(js.running) >= jobsAtOnce || of >= jobsOfOne {
		return problemf(Busy, "%d jobs are under way, %d of them of this account; at most %d and %d may be at once", len(js.running), of, jobsAtOnce, jobsOfOne)
	}
	js.running[j.told.ID] = j
	return nil
}

func (js *jobs) forget(id string) {
	js.mu.Lock()
	delete(js.running, id)
	js.mu.Unlock()
}

// end tells how a job has ended.
func (js *jobs) end(j *job, local bool, result any, err error) {
	js.mu.Lock()
	stopped := js.stopped
	js.mu.Unlock()
	j.mu.Lock()
	t := &j.told
	t.Ended, t.Result = time.Now().UTC(), marshalResult(result)
	switch {
	case err == nil:
		t.State = "done"
	case j.cancelled:
		t.State = "cancelled"
	case stopped && errors.Is(err, context.Canceled):
		t.State = "interrupted"
	default:
		t.State = "failed"
		t.Error = (*wire.Error)(js.server.problem(err, local, "job", t.ID))
	}
	told := *t
	j.mu.Unlock()
	if err := setRow(context.Background(), js.server.Store, jobTable, told.ID, &told); err != nil {
		js.server.Logger.Error("api: how a job ended is not recorded", "job", told.ID, "state", told.State, "err", err)
	}
}

// cancel asks a job to end.
func (js *jobs) cancel(id string) {
	js.mu.Lock()
	j := js.running[id]
	js.mu.Unlock()
	if j == nil {
		return
	}
	j.mu.Lock()
	j.cancelled = true
	j.mu.Unlock()
	j.cancel()
}

// close ends all jobs and waits for them.
func (js *jobs) close() {
	js.mu.Lock()
	js.stopped = true
	for _, j := range js.running {
		j.cancel()
	}
	js.mu.Unlock()
	js.work.Wait()
}

func (js *jobs) get(id string) (wire.Job, error) {
	js.mu.Lock()
	j := js.running[id]
	js.mu.Unlock()
	if j != nil {
		return j.tell(), nil
	}
	b, err := js.server.Exchange.Record(jobTable, id)
	if err != nil {
		return wire.Job{}, fmt.Errorf("job %q: %w", id, err)
	}
	return js.read(b)
}

// read reads a row. What runs by its row but not here was cut off.
func (js *jobs) read(row []byte) (told wire.Job, err error) {
	if err := json.Unmarshal(row, &told); err != nil {
		return told, fmt.Errorf("read a job's row: %w", err)
	}
	if told.State == "running" {
		told.State = "interrupted"
	}
	return told, nil
}

// list gives all jobs, oldest first.
func (js *jobs) list() ([]wire.Job, error) {
	all := []wire.Job{}
	for row, err := range js.server.Store.Rows(jobTable, "") {
		if err != nil {
			return nil, err
		}
		js.mu.Lock()
		j := js.running[row.Key]
		js.mu.Unlock()
		if j != nil {
			all = append(all, j.tell())
			continue
		}
		told, err := js.read(row.Value)
		if err != nil {
			return nil, err
		}
		all = append(all, told)
	}
	return all, nil
}

// sweep forgets jobs that ended long ago.
func (js *jobs) sweep() {
	old := time.Now().Add(-keepJobs)
	_, err := js.server.Exchange.Forget(context.Background(), jobTable, func(row []byte) bool {
		told, err := js.read(row)
		return err == nil && told.Created.Before(old) && told.Ended.Before(old)
	})
	if err != nil && !errors.Is(err, exchange.ErrNotFound) {
		js.server.Logger.Warn("api: old jobs are still there", "err", err)
	}
}
