package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"entente/internal/format/backup"
	"entente/internal/store/pebble"
)

// restoring is the folder, in the data directory, in which a restored node is
// laid and checked before it takes its place.
const restoring = "restoring"

// besideStore are the folders of a data directory that a restore makes besides the
// store's.
var besideStore = append([]string{monthsFolder}, keyFolders...)

// RestoreOptions say how a node is restored. The zero value is right for a
// full backup.
type RestoreOptions struct {
	Earlier []io.Reader // the backups that this one builds on, in any order

	// Months is the folder of that name of the node that was backed up, with the key of
	// what is kept apart in the backup and with what was erased because somebody asked.
	// Without one nothing that is to be erased at a time comes back, and what was erased
	// since does. The restored node goes on with a copy of it.
	Months string

	Now    time.Time
	Logger *slog.Logger
}

// Restored tells what Restore has made.
type Restored struct {
	Data    string    `json:"data"`
	Member  Member    `json:"member"`
	Backup  string    `json:"backup"` // id
	Created time.Time `json:"created"`
	Bytes   int64     `json:"bytes"`
	Log     string    `json:"log"`        // origin of the log that goes on
	Former  string    `json:"former_log"` // origin of the log that ended with the backup
	Leaves  int64     `json:"leaves"`     // of it that the backup holds

	Months []RestoredMonth `json:"months,omitempty"`       // what the backup keeps apart, in order
	Erased int             `json:"erased_again,omitempty"` // versions that were erased since the backup because somebody asked
}

// RestoredMonth tells what became of what is to be erased in a month.
type RestoredMonth struct {
	Month    string `json:"month"`
	Objects  int    `json:"objects"` // versions
	Restored bool   `json:"restored"`
	Reason   string `json:"reason,omitempty"` // why not
}

// Restore makes the node of a backup in dir, which must be absent or empty. The
// node is laid aside and read before it takes its place: every checksum, the
// store's newest tick, the size and the head of its log, and its keys. Until
// then nothing in dir is a node, and an error leaves dir as it was.
//
// What the node did after the backup it does not know any more, so it does not
// go on with its log: it begins a new one (see succeed).
func Restore(ctx context.Context, dir string, archive io.Reader, o RestoreOptions) (Restored, error) {
	r := &restore{ctx: ctx, dir: dir, at: filepath.Join(dir, restoring), options: o, need: map[string]backup.File{}, sums: map[string]backup.File{}}
	if o.Now.IsZero() {
		r.options.Now = time.Now()
	}
	if o.Logger == nil {
		r.options.Logger = slog.New(slog.DiscardHandler)
	}
	made, err := r.run(archive)
	if err != nil {
		return made, fmt.Errorf("restore: %w", errors.Join(err, r.undo()))
	}
	return made, nil
}

// restore is one under way.
type restore struct {
	ctx     context.Context
	dir, at string
	made    bool // the data directory, by this restore
	begun   bool
	options RestoreOptions

	store    *pebble.Layer
	manifest backup.Manifest
	need     map[string]backup.File // files that earlier backups hold, by name
	sums     map[string]backup.File // what the archives say of the files laid
}

func (r *restore) run(archive io.Reader) (Restored, error) {
	if err := r.prepare(); err != nil {
		return Restored{}, err
	}
	if err := r.lay(archive); err != nil {
		return Restored{}, err
	}
	made, err := r.check()
	if err != nil {
		return made, err
	}
	return made, r.takeOver()
}

// prepare makes the data directory, or takes one that is empty but for what a
// restore that was killed has left: while its folder is there, nothing is in
// use.
func (r *restore) prepare() error {
	if _, err := os.Stat(r.dir); errors.Is(err, fs.ErrNotExist) {
		r.made = true
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return err
	}
	cut := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == restoring })
	for _, e := range entries {
		if name := e.Name(); name == storeFolder || !cut || name != restoring && !slices.Contains(besideStore, name) {
			return fmt.Errorf("%s is %w: it holds %s; restore into a new directory, or move this one away first: mv %s %s.before",
				r.dir, ErrExists, name, r.dir, strings.TrimRight(r.dir, "/"))
		}
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(r.dir, e.Name())); err != nil {
			return err
		}
	}
	r.begun = true
	if err := os.Chmod(r.dir, 0o700); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	r.store, err = pebble.Lay(nil, filepath.Join(r.at, storeFolder))
	return err
}

// lay reads all archives and lays their files.
func (r *restore) lay(archive io.Reader) (err error) {
	defer func() { err = errors.Join(err, r.store.Close()) }()
	r.manifest, err = backup.Read(stopped{r.ctx, archive}, func(h backup.Header) (backup.Take, error) {
		if len(h.Needs) > 0 && len(r.options.Earlier) == 0 {
			return nil, fmt.Errorf("the backup of %s builds on %s; give %s, too, with --base",
				moment(h.Created), listed(h.Needs), plural(len(h.Needs)))
		}
		return r.take, nil
	})
	if err != nil {
		return err
	}
	for _, f := range r.manifest.Files {
		if f.In != "" {
			r.need[f.Name] = f
		}
	}
	for _, earlier := range r.options.Earlier {
		if err := r.layEarlier(earlier); err != nil {
			return err
		}
	}
	for _, f := range r.need {
		i := slices.IndexFunc(r.manifest.Needs, func(e backup.Earlier) bool { return e.ID == f.In })
		if i < 0 {
			return fmt.Errorf("%w: %s is in a backup that it does not name", backup.ErrDamaged, f.Name)
		}
		return fmt.Errorf("%s is in %s, which was not given; give it, too, with --base", f.Name, listed(r.manifest.Needs[i:i+1]))
	}
	return nil
}

// layEarlier lays from an earlier backup what the later one says it holds.
func (r *restore) layEarlier(archive io.Reader) error {
	taken := map[string]backup.File{}
	m, err := backup.Read(stopped{r.ctx, archive}, func(h backup.Header) (backup.Take, error) {
		return func(name string, size int64, in io.Reader) error {
			f, ok := r.need[name]
			if !ok || f.In != h.ID {
				return nil
			}
			taken[name] = f
			return r.take(name, size, in)
		}, nil
	})
	if err != nil {
		return fmt.Errorf("an earlier backup: %w", err)
	}
	for _, f := range m.Files {
		if want, ok := taken[f.Name]; ok && (f.SHA256 != want.SHA256 || f.Size != want.Size) {
			return fmt.Errorf("%w: %s is not in the earlier backup as this one has it", backup.ErrDamaged, f.Name)
		}
		if _, ok := taken[f.Name]; ok {
			delete(r.need, f.Name)
		}
	}
	return nil
}

// take lays one file.
func (r *restore) take(name string, _ int64, in io.Reader) error {
	folder, file := path.Split(name)
	switch folder = path.Clean(folder); {
	case folder == storeFolder:
		return r.store.Add(file, in)
	case slices.Contains(keyFolders, folder):
		content, err := io.ReadAll(io.LimitReader(in, 1<<20))
		if err != nil {
			return err
		}
		return writePrivate(filepath.Join(r.at, folder, file), content)
	case folder == backup.MonthsFolder:
		return r.takeApart(file, in)
	}
	return fmt.Errorf("%w: it holds %s, which is no part of a node", backup.ErrDamaged, name)
}

// takeOver puts what was laid and checked in its place; the store comes last,
// since where it is a node is.
func (r *restore) takeOver() error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	for _, folder := range append(slices.Clone(besideStore), storeFolder) {
		from := filepath.Join(r.at, folder)
		if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) && folder != storeFolder {
			continue // a node need not have it
		}
		if err := errors.Join(syncFolder(from), syncFolder(r.dir)); err != nil {
			return err
		}
		if err := os.Rename(from, filepath.Join(r.dir, folder)); err != nil {
			return err
		}
	}
	r.begun = false // it is a node now
	return errors.Join(syncFolder(r.dir), os.RemoveAll(r.at))
}

// undo leaves nothing behind.
func (r *restore) undo() (err error) {
	if !r.begun {
		return nil
	}
	for _, folder := range append(slices.Clone(besideStore), restoring) {
		err = errors.Join(err, os.RemoveAll(filepath.Join(r.dir, folder)))
	}
	if r.made {
		err = errors.Join(err, os.Remove(r.dir))
	}
	return err
}

// stopped is a reader that ends with its context.
type stopped struct {
	ctx context.Context
	io.Reader
}

func (s stopped) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.Reader.Read(p)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// listed names earlier backups by their times, as their files' names do.
func listed(all []backup.Earlier) string {
	var times []string
	for _, e := range all {
		times = append(times, moment(e.Created))
	}
	if len(all) == 1 {
		return "that of " + times[0]
	}
	return "those of " + strings.Join(times, ", ")
}

func plural(n int) string {
	if n == 1 {
		return "that one"
	}
	return "all of them"
}
