package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// jobTable holds jobs as they are told, by the account that started them and
// their id; ids rise with time.
const jobTable = "api-job"

// jobsOf begins the keys of an account's jobs. They are found by the account's
// id, so that a name given anew inherits none.
func jobsOf(p account.Principal) string { return hex.EncodeToString([]byte(p.ID)) + "/" }

// Bounds of jobs.
const (
	jobsAtOnce = 8
	jobsOfOne  = 3   // at once, of one account
	jobsKept   = 100 // of one account, with those that run
	keepJobs   = 7 * 24 * time.Hour
)

// jobs are those of a node. A row is written when a job starts and when it
// ends; between, what is told of it is in memory.
type jobs struct {
	server *Server
	work   sync.WaitGroup

	mu      sync.Mutex
	running map[string]*job // by key
	stopped bool
	swept   time.Time
}

// job is one that runs, or has its place among those that do.
type job struct {
	key    string
	owner  string // the part of the key
	ctx    context.Context
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
	j, err := js.reserve(ctx, told)
	if err != nil {
		if after != nil {
			after()
		}
		return told, err
	}
	return js.run(ctx, j, work, after)
}

// reserve gives a job its place among those that run, before anything is done
// or kept for it. It is run then, or forgotten.
func (js *jobs) reserve(ctx context.Context, told wire.Job) (*job, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	by := who(ctx)
	told.ID, told.State, told.By, told.Created = id.String(), "running", by.Account, time.Now().UTC()
	j := &job{owner: jobsOf(by), key: jobsOf(by) + told.ID, told: told}
	j.ctx, j.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := js.admit(j); err != nil {
		j.cancel()
		return nil, err
	}
	return j, nil
}

// run does the work of a job that has its place.
func (js *jobs) run(ctx context.Context, j *job, work func(context.Context, func(int64)) (any, error), after func()) (wire.Job, error) {
	if after == nil {
		after = func() {}
	}
	told, local := j.tell(), callOf(ctx).door.local
	js.sweep()
	if err := js.record(ctx, j, &told); err != nil {
		js.forget(j)
		after()
		return told, err
	}
	js.work.Go(func() {
		defer after()
		defer js.forget(j)
		result, err := work(j.ctx, func(done int64) {
			j.mu.Lock()
			j.told.Done = done
			j.mu.Unlock()
		})
		js.end(j, local, result, err)
	})
	return told, nil
}

// record writes a job's first row, and takes away the oldest of its account
// that are too many.
func (js *jobs) record(ctx context.Context, j *job, told *wire.Job) error {
	value, err := json.Marshal(told)
	if err != nil {
		return err
	}
	return js.server.Exchange.Keep(ctx, func(tx store.Tx) error {
		var ended []string
		kept := 0
		for row, err := range tx.Rows(jobTable, j.owner) {
			if err != nil {
				return err
			}
			if kept++; js.at(row.Key) == nil {
				ended = append(ended, row.Key)
			}
		}
		for ; kept >= jobsKept && len(ended) > 0; kept, ended = kept-1, ended[1:] {
			tx.Delete(jobTable, ended[0])
		}
		tx.Set(jobTable, j.key, value)
		return nil
	})
}

func (js *jobs) admit(j *job) error {
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.stopped {
		return problemf(Stopping, "the node is stopping; start the job when it is back")
	}
	of := 0
	for _, other := range js.running {
		if other.owner == j.owner {
			of++
		}
	}
	if of >= jobsOfOne {
		return problemf(Busy, "%d jobs of this account are under way; at most so many may be at once", of)
	}
	if len(js.running) >= jobsAtOnce {
		return problemf(Busy, "the node has as many jobs under way as it takes; start this one again in a while")
	}
	js.running[j.key] = j
	return nil
}

// at is the job of a key, while it runs.
func (js *jobs) at(key string) *job {
	js.mu.Lock()
	defer js.mu.Unlock()
	return js.running[key]
}

func (js *jobs) forget(j *job) {
	j.cancel()
	js.mu.Lock()
	delete(js.running, j.key)
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
	if err := setRow(context.Background(), js.server.Store, jobTable, j.key, &told); err != nil {
		js.server.Logger.Error("api: how a job ended is not recorded", "job", told.ID, "state", told.State, "err", err)
	}
}

// cancel asks a job to end.
func (js *jobs) cancel(by account.Principal, id string) {
	key, err := js.find(by, id)
	if err != nil {
		return
	}
	if j := js.at(key); j != nil {
		j.mu.Lock()
		j.cancelled = true
		j.mu.Unlock()
		j.cancel()
	}
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

// find gives the key of a job that is there for who asks: of their own, and for
// admins of anybody.
func (js *jobs) find(by account.Principal, id string) (string, error) {
	own := jobsOf(by) + id
	_, err := js.server.Exchange.Record(jobTable, own)
	if err == nil || !errors.Is(err, exchange.ErrNotFound) {
		return own, err
	}
	if by.Administers() {
		for row, err := range js.server.Store.Rows(jobTable, "") {
			if err != nil {
				return "", err
			}
			if _, of, _ := strings.Cut(row.Key, "/"); of == id {
				return row.Key, nil
			}
		}
	}
	return "", fmt.Errorf("job %q: %w", id, exchange.ErrNotFound)
}

func (js *jobs) get(by account.Principal, id string) (wire.Job, error) {
	key, err := js.find(by, id)
	if err != nil {
		return wire.Job{}, err
	}
	if j := js.at(key); j != nil {
		return j.tell(), nil
	}
	b, err := js.server.Exchange.Record(jobTable, key)
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

// list gives the jobs that are there for who asks, oldest first.
func (js *jobs) list(by account.Principal) ([]wire.Job, error) {
	prefix := jobsOf(by)
	if by.Administers() {
		prefix = ""
	}
	all := []wire.Job{}
	for row, err := range js.server.Store.Rows(jobTable, prefix) {
		if err != nil {
			return nil, err
		}
		if j := js.at(row.Key); j != nil {
			all = append(all, j.tell())
			continue
		}
		told, err := js.read(row.Value)
		if err != nil {
			return nil, err
		}
		all = append(all, told)
	}
	slices.SortFunc(all, func(a, b wire.Job) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// sweep forgets jobs that ended long ago, once an hour.
func (js *jobs) sweep() {
	now := time.Now()
	js.mu.Lock()
	due := now.Sub(js.swept) > time.Hour
	if due {
		js.swept = now
	}
	js.mu.Unlock()
	if !due {
		return
	}
	old := now.Add(-keepJobs)
	_, err := js.server.Exchange.Forget(context.Background(), jobTable, func(row []byte) bool {
		told, err := js.read(row)
		return err == nil && told.Created.Before(old) && told.Ended.Before(old)
	})
	if err != nil && !errors.Is(err, exchange.ErrNotFound) {
		js.server.Logger.Warn("api: old jobs are still there", "err", err)
	}
}
