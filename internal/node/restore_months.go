package node

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"entente/internal/exchange"
	"entente/internal/format/backup"
	"entente/internal/format/months"
	"entente/internal/store"
	"entente/internal/store/pebble"
)

// apartFolder, beside the laid store, has what the backup keeps apart, as it came.
const apartFolder = "apart"

// takeApart lays what is kept apart for a month.
func (r *restore) takeApart(month string, in io.Reader) error {
	dir := filepath.Join(r.at, apartFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, month), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, in)
	return errors.Join(err, f.Close())
}

// Readable tells which of what a backup keeps apart can be read with the key in a folder
// of months; the others have a reason.
func Readable(folder string, m backup.Manifest) (told []RestoredMonth, err error) {
	key, has, err := (&monthsKept{dir: folder}).key()
	if err != nil {
		return nil, err
	}
	for _, one := range m.Months {
		t := RestoredMonth{Month: one.Month, Objects: one.Objects}
		if _, t.Reason, err = keyFor(key, has, one); err != nil {
			return nil, err
		}
		t.Restored = t.Reason == ""
		told = append(told, t)
	}
	return told, nil
}

const reasonOther = "the key is another's"

// keyFor is the key of a month, or why there is none.
func keyFor(key months.Key, has bool, one backup.Month) (k months.Key, reason string, err error) {
	month, err := months.Parse(one.Month)
	if err != nil {
		return k, "", fmt.Errorf("%w: %w", backup.ErrDamaged, err)
	}
	if !has {
		return k, "its key is not there", nil
	}
	k, err = key.At(month)
	switch {
	case errors.Is(err, months.ErrGone):
		return k, "its key is destroyed", nil
	case err == nil && k.ID() != one.Key:
		return k, reasonOther, nil
	}
	return k, "", err
}

// putBack puts into the laid store what is kept apart and can be read, and tells what
// became of each month. A month can be read when all later ones can.
func (r *restore) putBack() (told []RestoredMonth, err error) {
	m := r.manifest
	dir := filepath.Join(r.at, storeFolder)
	if at, err := pebble.InstantOf(nil, dir); err != nil {
		return nil, fmt.Errorf("the backup's %w", err)
	} else if int64(at.Tick) != m.Tick {
		return nil, fmt.Errorf("%w: it says its newest date is %d; what it holds has %d", backup.ErrDamaged, m.Tick, at.Tick)
	}
	for _, one := range m.Months {
		told = append(told, RestoredMonth{Month: one.Month, Objects: one.Objects})
	}
	key, has, err := r.monthsKey()
	if err != nil {
		return nil, err
	}
	var parts []io.Reader
	for i, one := range slices.Backward(m.Months) {
		k, reason, err := keyFor(key, has, one)
		if err != nil {
			return nil, err
		}
		if reason == reasonOther {
			return nil, fmt.Errorf("%w: the key in %s is not that of this backup; give the folder of the node that was backed up, or none", exchange.ErrInvalid, r.options.Months)
		}
		if told[i].Reason = reason; reason != "" {
			continue
		}
		f, err := os.Open(filepath.Join(r.at, apartFolder, one.Month))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		part, err := k.Open(f)
		if err != nil {
			return nil, fmt.Errorf("what is kept apart for %s: %w", one.Month, err)
		}
		parts, told[i].Restored = append(parts, part), true
	}
	if len(parts) == 0 {
		return told, nil
	}
	return told, pebble.PutBack(r.ctx, nil, dir, parts)
}

// monthsKey is the key in the folder that was given, and a copy of the folder is laid
// for the restored node.
func (r *restore) monthsKey() (key months.Key, has bool, err error) {
	if r.options.Months == "" {
		return key, false, nil
	}
	given := &monthsKept{dir: r.options.Months}
	if _, err := os.Stat(given.dir); err != nil {
		return key, false, fmt.Errorf("the folder of months: %w", err)
	}
	own := monthsOf(r.at)
	if key, has, err = given.key(); err == nil && has {
		err = own.put(key)
	}
	return key, has, err
}

// eraseAgain removes from the restored store what was erased since the backup because
// somebody asked: unreadable at once, and off the disk within a day of serving.
func (r *restore) eraseAgain(st store.Store, m Member) (n int, err error) {
	if r.options.Months == "" {
		return 0, nil
	}
	list, err := (&monthsKept{dir: r.options.Months}).allErased()
	if err != nil || len(list) == 0 {
		return 0, err
	}
	if _, err := monthsOf(r.at).noteErased(list); err != nil {
		return 0, err
	}
	x, _, err := openTrust(r.ctx, st, m, nil, nil, Options{Logger: r.options.Logger})
	if err != nil {
		return 0, err
	}
	defer x.Close()
	return x.EraseAgain(r.ctx, list)
}
