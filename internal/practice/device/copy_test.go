package device_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"entente/internal/practice/device"
	"entente/internal/trust/account"
)

// fetching is a device whose list can be interfered with while it is made.
type fetching struct {
	*bench
	devices   *device.Devices
	account   account.Account
	meanwhile func() // once
	trouble   error  // of what comes after that
}

func newFetching(t *testing.T, dev device.Device) *fetching {
	f := &fetching{}
	f.bench = newBench(t, device.Parts{Own: func(context.Context, account.Principal) (device.Guards, error) {
		if do := f.meanwhile; do != nil {
			f.meanwhile = nil
			do()
		}
		return nil, f.trouble
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

// Of what is erased nothing stays aside, also where a list is just being made, and is not
// made in the end.
func TestNothingErasedStaysAside(t *testing.T) {
	for _, again := range []bool{false, true} {
		f := newFetching(t, device.Device{Format: "hosts"})
		f.indicator("a", 1, "domain=evil.example", "")
		f.fetch()
		if f.aside() == 0 {
			t.Fatal("nothing is kept of a list")
		}
		f.indicator("a", 2, "domain=other.example", "")
		fail := func() { f.trouble = errors.New("trouble") }
		f.meanwhile = func() {
			if f.devices.Forget(); again {
				f.meanwhile = fail
			} else {
				fail()
			}
		}
		by := f.by
		by.ID = f.account.ID
		if c, err := f.devices.Fetch(t.Context(), by); !errors.Is(err, f.trouble) || err == nil {
			c.Close()
			t.Error("amid trouble there is a list")
		}
		if n := f.aside(); n > 0 {
			t.Errorf("made again %v: %d files are kept", again, n)
		}
	}
}

// What nobody asks for is forgotten in time, also where nobody asks for anything else.
func TestWhatNobodyAsksForIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFetching(t, device.Device{Format: "hosts"})
		f.indicator("a", 1, "domain=evil.example", "")
		for range 3 {
			f.fetch()
			if <-time.After(9 * time.Minute); f.aside() == 0 {
				t.Error("it was forgotten too soon")
			}
		}
		if <-time.After(3 * time.Minute); f.aside() > 0 {
			t.Errorf("%d files are kept", f.aside())
		}
	})
}

// Of a list of which changes are asked for once a day, what it is chosen out of goes as soon as
// that of others.
func TestWhatAListIsChosenOutOfIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFetching(t, device.Device{Format: "ndjson"})
		f.indicator("a", 1, "domain=evil.example", "")
		by := f.by
		by.ID = f.account.ID
		c, _, err := f.devices.FetchSince(t.Context(), by, "x")
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		for i, kept := range []int{3, 2, 0} { // the list, its rows and what it is chosen out of
			if n := f.aside(); n != kept {
				t.Errorf("%d: %d files are kept, want %d", i, n, kept)
			}
			<-time.After([]time.Duration{12 * time.Minute, 26 * time.Hour, 0}[i])
		}
	})
}

// A panic over one indicator is that of who fetches, and the next one has the list.
func TestAPanicIsThatOfWhoFetches(t *testing.T) {
	f := newFetching(t, device.Device{Format: "hosts"})
	for n := range 20 {
		f.indicator([]string{"a", "b"}[n%2], n+1, fmt.Sprintf("domain=d%d.example", n), "")
	}
	f.Chooser.Hear = func(*device.Reading, []byte) { panic("lost") }
	func() {
		defer func() {
			if got := fmt.Sprint(recover()); !strings.Contains(got, "lost") {
				t.Errorf("a panic came out as %q", got)
			}
		}()
		f.fetch()
	}()
	f.Chooser.Hear = hear
	if list := f.fetch(); !strings.Contains(list, "d19.example") {
		t.Error(list)
	}
}

// aside is how many files without a name are open, as far as the system tells.
func (f *fetching) aside() (n int) {
	f.t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		f.t.Skip(err)
	}
	for _, e := range open {
		if name, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(name, f.Temp) {
			n++
		}
	}
	return n
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
