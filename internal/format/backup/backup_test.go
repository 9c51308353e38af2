package backup_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"entente/internal/format/backup"
)

var header = backup.Header{Program: "test", Member: backup.Member{Name: "CERT Estmark", Identity: "identity--1"},
	Created: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}

func content(text string) (int64, func() (io.ReadCloser, error)) {
	return int64(len(text)), func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

// write makes an archive of files, in pairs of name and content.
func write(t testing.TB, base *backup.Manifest, files ...string) ([]byte, backup.Manifest) {
	t.Helper()
	var out bytes.Buffer
	w, err := backup.NewWriter(&out, header, base)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(files); i += 2 {
		size, open := content(files[i+1])
		if err := w.Add(files[i], size, open); err != nil {
			t.Fatal(err)
		}
	}
	m, err := w.Close(42, backup.Log{Origin: "entente/1", Size: 3, Root: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), m
}

// read gives all that an archive holds.
func read(archive []byte) (map[string]string, backup.Manifest, error) {
	files := map[string]string{}
	m, err := backup.Read(bytes.NewReader(archive), func(backup.Header) (backup.Take, error) {
		return func(name string, _ int64, r io.Reader) error {
			b, err := io.ReadAll(r)
			files[name] = string(b)
			return err
		}, nil
	})
	return files, m, err
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	archive, wrote := write(t, nil, "store/000001.sst", "sorted", "keys/log.key", "secret", "store/marker.x", "")
	files, m, err := read(archive)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"store/000001.sst": "sorted", "keys/log.key": "secret", "store/marker.x": ""}
	if !maps.Equal(files, want) {
		t.Errorf("read %q, want %q", files, want)
	}
	if fmt.Sprint(m) != fmt.Sprint(wrote) || m.Tick != 42 || m.Log.Size != 3 || m.Bytes() != 12 {
		t.Errorf("manifest %+v, wrote %+v", m, wrote)
	}
}

// What is kept apart for months stands in the header and the archive alike; an archive
// without any is of the first format.
func TestMonthsAreWhatTheHeaderSays(t *testing.T) {
	if _, m := write(t, nil, "store/1.sst", "x"); m.Format != 1 {
		t.Errorf("without months the format is %d", m.Format)
	}
	plain := header
	defer func() { header = plain }()
	for _, c := range []struct {
		months []backup.Month
		files  []string
		ok     bool
	}{
		{[]backup.Month{{Month: "2026-12", Objects: 3, Key: "k"}, {Month: "2027-01", Objects: 1, Key: "l"}}, []string{"months/2026-12", "a", "months/2027-01", "b"}, true},
		{[]backup.Month{{Month: "2026-12", Objects: 3, Key: "k"}}, []string{"store/1.sst", "x"}, false},
		{[]backup.Month{{Month: "2026-12", Key: "k"}}, []string{"months/2026-12", "a"}, false},
		{[]backup.Month{{Month: "2027-01", Objects: 1}, {Month: "2026-12", Objects: 1}}, []string{"months/2026-12", "a", "months/2027-01", "b"}, false},
	} {
		header.Months = c.months
		archive, _ := write(t, nil, c.files...)
		_, m, err := read(archive)
		if c.ok && (err != nil || m.Format != 2 || fmt.Sprint(m.Months) != fmt.Sprint(c.months)) {
			t.Errorf("%v: %+v, %v", c.months, m.Months, err)
		}
		if !c.ok && !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%v in %v: %v, want ErrDamaged", c.months, c.files, err)
		}
	}
}

func TestALaterBackupHoldsOnlyWhatIsNew(t *testing.T) {
	full, first := write(t, nil, "store/1.sst", strings.Repeat("a", 5000), "store/2.sst", "old", "store/LOG", "xxx")
	second, later := write(t, &first, "store/1.sst", strings.Repeat("a", 5000), "store/3.sst", "new", "store/LOG", "yyy")
	_, last := write(t, &later, "store/1.sst", strings.Repeat("a", 5000), "store/3.sst", "new", "store/LOG", "yyy")
	files, _, err := read(second)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"store/3.sst": "new", "store/LOG": "yyy"}; !maps.Equal(files, want) {
		t.Errorf("the later backup holds %q, want %q", files, want)
	}
	if len(second) >= len(full) {
		t.Errorf("the later backup has %d bytes, the first %d", len(second), len(full))
	}
	in := map[string]string{}
	for _, f := range last.Files {
		in[f.Name] = f.In
	}
	if in["store/1.sst"] != first.ID || in["store/3.sst"] != later.ID {
		t.Errorf("files are said to be in %v; the backups are %s and %s", in, first.ID, later.ID)
	}
	if len(last.Needs) != 2 || last.Needs[0].ID != later.ID || last.Needs[1].ID != first.ID {
		t.Errorf("the last one needs %v", last.Needs)
	}
}

// One flipped bit, anywhere, is noticed, or changes nothing that is read.
func TestDamageIsNoticed(t *testing.T) {
	archive, m := write(t, nil, "store/1.sst", strings.Repeat("content ", 100), "keys/log.key", "secret")
	want, _, _ := read(archive)
	for i := range archive {
		damaged := bytes.Clone(archive)
		damaged[i] ^= 1 << (i % 8)
		files, got, err := read(damaged)
		if err == nil && (!maps.Equal(files, want) || fmt.Sprint(got) != fmt.Sprint(m)) {
			t.Fatalf("byte %d was changed, and it reads as %q", i, files)
		}
	}
}

// Cut anywhere, an archive is refused, unless it is whole but for its padding.
func TestTruncationIsNoticed(t *testing.T) {
	archive, _ := write(t, nil, "store/1.sst", strings.Repeat("content ", 100), "keys/log.key", "secret")
	sum := bytes.LastIndex(archive, []byte("  manifest.json\n")) + len("  manifest.json\n")
	for n := range sum {
		_, _, err := read(archive[:n])
		if n < 512 && !errors.Is(err, backup.ErrNotBackup) {
			t.Fatalf("the first %d bytes answer %v, want ErrNotBackup", n, err)
		}
		if n >= 512 && !errors.Is(err, backup.ErrCut) {
			t.Fatalf("the first %d of %d bytes answer %v, want ErrCut", n, len(archive), err)
		}
	}
}

func TestANewerFormatIsRefusedAtItsHeader(t *testing.T) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	text := fmt.Sprintf(`{"format": %d, "something": {"new": true}}`, backup.Format+1)
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "backup.json", Size: int64(len(text)), Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if _, _, err := read(out.Bytes()); !errors.Is(err, backup.ErrTooNew) || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("a newer format answers %v, want ErrTooNew", err)
	}
}

// hostile is an archive as no Writer makes it, with an entry put before the
// manifest of a good one.
func hostile(t *testing.T, entry tar.Header, body string) []byte {
	t.Helper()
	good, _ := write(t, nil, "store/1.sst", "content")
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	in := tar.NewReader(bytes.NewReader(good))
	for {
		h, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Name == "manifest.json" {
			entry.Size = int64(len(body))
			if err := w.WriteHeader(&entry); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, body); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, in); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatLeadsOutOfTheNodeIsRefused(t *testing.T) {
	for _, name := range []string{"../etc/passwd", "/etc/passwd", "store/../../x", "store", "store/a/b", "store/.hidden", "a\\b/c", "store/1.sst"} {
		files, _, err := read(hostile(t, tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600}, "evil"))
		if !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("an entry %q answers %v, want ErrDamaged", name, err)
		}
		if files[name] == "evil" {
			t.Errorf("the entry %q was given to be written", name)
		}
	}
	if _, _, err := read(hostile(t, tar.Header{Typeflag: tar.TypeSymlink, Name: "store/2.sst", Linkname: "/etc/passwd"}, "")); !errors.Is(err, backup.ErrDamaged) {
		t.Errorf("a link answers %v, want ErrDamaged", err)
	}
	if _, _, err := read(hostile(t, tar.Header{Typeflag: tar.TypeReg, Name: "store/2.sst"}, "extra")); !errors.Is(err, backup.ErrDamaged) {
		t.Errorf("a file that no manifest names answers %v, want ErrDamaged", err)
	}
}

func TestOtherFilesAreNotBackups(t *testing.T) {
	for _, file := range []string{"", "{}", strings.Repeat("text ", 1000), strings.Repeat("\x00", 2048)} {
		if _, _, err := read([]byte(file)); !errors.Is(err, backup.ErrNotBackup) {
			t.Errorf("%.10q answers %v, want ErrNotBackup", file, err)
		}
	}
}

// FuzzRead: no archive crashes the reader or leads out of the node.
func FuzzRead(f *testing.F) {
	archive, m := write(f, nil, "store/1.sst", "content", "keys/log.key", "secret")
	f.Add(archive)
	later, _ := write(f, &m, "store/1.sst", "content", "store/2.sst", "more")
	f.Add(later)
	f.Add(archive[:700])
	f.Fuzz(func(t *testing.T, archive []byte) {
		files, m, err := read(archive)
		if err != nil {
			return
		}
		for name := range files {
			if strings.Contains(name, "..") || strings.Count(name, "/") != 1 {
				t.Errorf("a file named %q was given", name)
			}
		}
		for _, file := range m.Files {
			if got, here := files[file.Name]; here != (file.In == "") || here && int64(len(got)) != file.Size {
				t.Errorf("%+v of the manifest was read as %q", file, got)
			}
		}
	})
}
