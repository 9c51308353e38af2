package device_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"

	"entente/internal/practice/device"
	"entente/internal/trust/account"
)

// fetching is a device whose list can be interfered with while it is made.
type fetching struct {
	*bench
	devices   *device.Devices
	account   account.Account
	meanwhile func() // once
}

func newFetching(t *testing.T, dev device.Device) *fetching {
	f := &fetching{}
	f.bench = newBench(t, device.Parts{Own: func(context.Context, account.Principal) (device.Guards, error) {
		if do := f.meanwhile; do != nil {
			f.meanwhile = nil
			do()
		}
		return nil, nil
	}})
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	f.devices = device.NewDevices(f.bench.Chooser, account.New(f.db, "CERT Example", nil), log)
	a, _, err := f.devices.Add(t.Context(), f.by, account.Application{Name: "edge"}, dev)
	if err != nil {
		t.Fatal(err)
	}
	f.account = a
	return f
}

func (f *fetching) fetch() string {
	f.t.Helper()
	by := f.by
	by.ID = f.account.ID
	c, err := f.devices.Fetch(f.t.Context(), by)
	if err != nil {
		f.t.Fatal(err)
	}
	defer c.Close()
	b, err := io.ReadAll(c)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(b)
}

// A list that is being made while objects are erased is made again.
func TestAListForgetsWhatIsErasedMeanwhile(t *testing.T) {
	f := newFetching(t, device.Device{Format: "hosts"})
	f.indicator("a", 1, "domain=evil.example", "")
	made := 0
	f.meanwhile = func() {
		made++
		f.devices.Forget()
		f.meanwhile = func() { made++ }
	}
	if list := f.fetch(); !strings.Contains(list, "evil.example") || made != 2 {
		t.Errorf("made %d times, want 2: %s", made, list)
	}
}

// A device's list tells how many values its limit leaves out.
func TestAListTellsWhatItsLimitCuts(t *testing.T) {
	f := newFetching(t, device.Device{Format: "hosts", Limit: 1})
	f.indicator("a", 1, "domain=a.example,domain=b.example,domain=c.example", "")
	f.fetch()
	if _, s, err := f.devices.Get(f.account.ID); err != nil || s.Entries != 1 || s.Cut != 2 {
		t.Errorf("%+v %v", s, err)
	}
}

// What a person lets go out while the list is made goes out with the next.
func TestAReleaseIsNotLost(t *testing.T) {
	f := newFetching(t, device.Device{Format: "hosts", MaxChange: 1})
	f.indicator("a", 1, "domain=first.example", "")
	f.fetch()
	f.indicator("a", 2, "domain=b.example,domain=c.example", "")
	if list := f.fetch(); strings.Contains(list, "b.example") {
		t.Fatalf("not held back: %s", list)
	}
	f.indicator("a", 3, "domain=d.example", "")
	f.meanwhile = func() {
		if err := f.devices.Release(t.Context(), f.by, &f.account); err != nil {
			t.Error(err)
		}
	}
	f.fetch()
	if list := f.fetch(); !strings.Contains(list, "b.example") || !strings.Contains(list, "d.example") {
		t.Errorf("released, and not there: %s", list)
	}
}
