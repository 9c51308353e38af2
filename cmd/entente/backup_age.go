package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/spf13/pflag"

	"entente/internal/format/backup"
)

// sealing says whom a backup is encrypted to; nobody when it is zero.
type sealing struct {
	to         []string
	files      []string
	passphrase string // file
}

func (s *sealing) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&s.to, "encrypt-to", nil, "age `RECIPIENT` (age1...) to encrypt to (repeatable)")
	f.StringArrayVar(&s.files, "encrypt-to-file", nil, "`FILE` of age recipients, one a line (repeatable)")
	f.StringVar(&s.passphrase, "passphrase-file", "", "`FILE` whose first line is the passphrase of the backup")
}

func (s *sealing) recipients() ([]age.Recipient, error) {
	var all []age.Recipient
	for _, text := range s.to {
		r, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil {
			return nil, usage("--encrypt-to %q is no recipient of age: give the line that age-keygen prints, age1...", text)
		}
		all = append(all, r...)
	}
	for _, path := range s.files {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		r, err := age.ParseRecipients(bytes.NewReader(text))
		if err != nil {
			return nil, usage("--encrypt-to-file %s: %w", path, err)
		}
		all = append(all, r...)
	}
	if s.passphrase == "" {
		return all, nil
	}
	if len(all) > 0 {
		return nil, usage("a backup is encrypted to recipients or with a passphrase, not both")
	}
	secret, err := readPassphrase(s.passphrase)
	if err != nil {
		return nil, err
	}
	r, err := age.NewScryptRecipient(secret)
	return []age.Recipient{r}, err
}

func readPassphrase(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		return "", usage("--passphrase-file %s: its first line is empty", path)
	}
	return line, nil
}

// sealed is where a backup is written, encrypted when there is whom to.
type sealed struct {
	io.Writer
	to []age.Recipient
}

// receive writes a backup as it comes, and reads it on the way, so that what
// was written is known to be whole.
func (s *sealed) receive(r io.Reader) (m backup.Manifest, err error) {
	out := s.Writer
	finish := func() error { return nil }
	if len(s.to) > 0 {
		w, err := age.Encrypt(s.Writer, s.to...)
		if err != nil {
			return m, err
		}
		out, finish = w, w.Close
	}
	tee := io.TeeReader(bufio.NewReaderSize(r, 256<<10), out)
	if m, err = backup.Read(tee, nil); err != nil {
		return m, err
	}
	if _, err := io.Copy(io.Discard, tee); err != nil { // the archive's last padding
		return m, err
	}
	return m, finish()
}

// noRoom says in words what a full disk means for a backup.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("no space is left where it is written, and nothing was kept; free some or name another place: %w", err)
	}
	return err
}

// opening says how an encrypted backup is read.
type opening struct {
	identities []string // files
	passphrase string   // file
}

func (o *opening) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.identities, "identity", nil, "`KEYFILE` of age that opens an encrypted backup (repeatable)")
	f.StringVar(&o.passphrase, "passphrase-file", "", "`FILE` whose first line is the passphrase of the backup")
}

func (o *opening) keys() ([]age.Identity, error) {
	var all []age.Identity
	for _, path := range o.identities {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		keys, err := age.ParseIdentities(bytes.NewReader(text))
		if err != nil {
			return nil, usage("--identity %s: %w", path, err)
		}
		all = append(all, keys...)
	}
	if o.passphrase != "" {
		secret, err := readPassphrase(o.passphrase)
		if err != nil {
			return nil, err
		}
		key, err := age.NewScryptIdentity(secret)
		if err != nil {
			return nil, err
		}
		all = append(all, key)
	}
	return all, nil
}

const ageIntro = "age-encryption.org/"

// archive gives the archive in a file that may be encrypted.
func (o *opening) archive(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<20)
	start, _ := in.Peek(len(armor.Header)) // shorter files are refused by who reads them
	switch {
	case string(start) == armor.Header:
		in = bufio.NewReader(armor.NewReader(in))
	case !strings.HasPrefix(string(start), ageIntro):
		return in, nil
	}
	keys, err := o.keys()
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, errors.New("it is encrypted; give its key with --identity, or its passphrase with --passphrase-file")
	}
	plain, err := age.Decrypt(in, keys...)
	if _, none := errors.AsType[*age.NoIdentityMatchError](err); none {
		return nil, fmt.Errorf("%w: it is encrypted to another key or passphrase", errWrongKey)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: its encryption: %w; take another copy of it", backup.ErrDamaged, err)
	}
	return &decrypted{plain}, nil
}

var errWrongKey = errors.New("none of the keys opens it")

// decrypted says of what fails to decrypt what that means.
type decrypted struct{ io.Reader }

func (d *decrypted) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: its encryption: %w; take another copy of it", backup.ErrDamaged, err)
	}
	return n, err
}

// readBackup reads a backup through; - is standard input.
func (c *cli) readBackup(path string, o opening, begin func(backup.Header) (backup.Take, error)) (backup.Manifest, error) {
	in, err := c.openBackup(path, o)
	if err != nil {
		return backup.Manifest{}, err
	}
	defer in.Close()
	return backup.Read(in, begin)
}

// openedBackup is a backup that is being read, with its progress shown.
type openedBackup struct {
	io.Reader
	file *os.File
	bar  *bar
}

func (o *openedBackup) Close() error {
	o.bar.end()
	return o.file.Close()
}

func (c *cli) openBackup(path string, o opening) (*openedBackup, error) {
	file, size := c.stdin, int64(-1)
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		if info, err := f.Stat(); err == nil {
			size = info.Size()
		}
		file = f
	}
	bar := c.progressOf("read", size)
	in, err := o.archive(bar.reader(file))
	if err != nil {
		bar.end()
		file.Close()
		return nil, err
	}
	return &openedBackup{in, file, bar}, nil
}
