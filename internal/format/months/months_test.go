package months_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/format/months"
)

func month(t testing.TB, text string) months.Month {
	t.Helper()
	m, err := months.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func sealed(t testing.TB, k months.Key, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := k.Seal(&out)
	if err != nil {
		t.Fatal(err)
	}
	for some := plain; len(some) > 0; {
		n := min(len(some), 50_000)
		if _, err := w.Write(some[:n]); err != nil {
			t.Fatal(err)
		}
		some = some[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func opened(k months.Key, what []byte) ([]byte, error) {
	r, err := k.Open(bytes.NewReader(what))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestMonths(t *testing.T) {
	m := months.Of(time.Date(2026, 12, 31, 23, 30, 0, 0, time.FixedZone("", -3600)))
	if m.String() != "2027-01" || m != month(t, "2027-01") || (m-1).String() != "2026-12" {
		t.Errorf("the month is %v", m)
	}
	for _, text := range []string{"", "2026", "2026-13", "2026-1", "2026-01-01"} {
		if m, err := months.Parse(text); err == nil {
			t.Errorf("%q is %v", text, m)
		}
	}
}

// A key opens its own month and leads to later ones, never to an earlier one.
func TestAKeyLeadsForwardOnly(t *testing.T) {
	december := months.NewKey(month(t, "2026-12"))
	part := sealed(t, december, []byte("december"))
	march, err := december.At(month(t, "2027-03"))
	if err != nil {
		t.Fatal(err)
	}
	direct, err := march.At(march.Month)
	if err != nil || direct.ID() != march.ID() || march.ID() == december.ID() {
		t.Errorf("%v, %v: %v", direct.ID(), march.ID(), err)
	}
	if got, err := opened(march, sealed(t, march, []byte("march"))); err != nil || string(got) != "march" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := march.At(december.Month); !errors.Is(err, months.ErrGone) {
		t.Errorf("an earlier month: %v", err)
	}
	if got, err := opened(march, part); !errors.Is(err, months.ErrDamaged) {
		t.Errorf("a later key opens %q, %v", got, err)
	}
	february, err := december.At(month(t, "2027-02"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := february.At(march.Month); err != nil || again.ID() != march.ID() {
		t.Errorf("in two steps it is another key (%v)", err)
	}
}

func TestKeysAreKept(t *testing.T) {
	k := months.NewKey(month(t, "2026-12"))
	again, err := months.ReadKey(k.Text())
	if err != nil || again.ID() != k.ID() || again.Month != k.Month {
		t.Errorf("%v, %v", again, err)
	}
	secret := strings.Fields(strings.Split(string(k.Text()), "\n")[1])[2]
	if shown := fmt.Sprintf("%v %+v %#v %s", k, k, k, k.ID()); strings.Contains(shown, secret[:16]) {
		t.Errorf("printed, a key shows its secret: %s", shown)
	}
	for _, bad := range []string{"", "entente-months-1 2026-12 00", "entente-months-1 2026-12 " + secret + "00", "entente-months-1 x " + secret} {
		if k, err := months.ReadKey([]byte(bad)); err == nil {
			t.Errorf("%q is %v", bad, k)
		}
	}
}

// Whatever is sealed is read as it was; whatever is changed, cut or joined is refused.
func TestWhatIsSealed(t *testing.T) {
	k := months.NewKey(month(t, "2026-12"))
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(0, 100), rapid.SampledFrom([]int{65535, 65536, 65537, 131072, 200000})).Draw(rt, "size")
		plain := bytes.Repeat([]byte{7, 1, 3}, size/3+1)[:size]
		part := sealed(t, k, plain)
		if got, err := opened(k, part); err != nil || !bytes.Equal(got, plain) {
			rt.Fatalf("%d bytes: %d came back, %v", size, len(got), err)
		}
		cut := part[:rapid.IntRange(0, len(part)-1).Draw(rt, "cut")]
		if _, err := opened(k, cut); !errors.Is(err, months.ErrDamaged) {
			rt.Fatalf("cut: %v", err)
		}
		part[rapid.IntRange(0, len(part)-1).Draw(rt, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		if _, err := opened(k, part); !errors.Is(err, months.ErrDamaged) {
			rt.Fatalf("changed: %v", err)
		}
		if _, err := opened(k, append(sealed(t, k, plain), 0)); !errors.Is(err, months.ErrDamaged) {
			rt.Fatalf("longer: %v", err)
		}
	})
}

func FuzzReadKey(f *testing.F) {
	f.Add(months.NewKey(24000).Text())
	f.Add([]byte("entente-months-1 2026-12 00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := months.ReadKey(text)
		if err != nil {
			return
		}
		if again, err := months.ReadKey(k.Text()); err != nil || again != k {
			t.Errorf("%v became %v, %v", k, again, err)
		}
	})
}
