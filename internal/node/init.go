package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
)

// DefaultCollection is the alias of the collection that every node starts with.
const DefaultCollection = "default"

// InitOptions say what a new node is to be. Name is needed.
type InitOptions struct {
	Name  string   // the member's
	Hosts []string // further names and addresses for the certificate
	Now   time.Time

	// Country is where the member is (ISO 3166-1 alpha-2); it may be said later on.
	Country string
}

// Created tells what Init has made.
type Created struct {
	Data       string              `json:"data"`
	Member     Member              `json:"member"`
	Collection exchange.Collection `json:"collection"`
	Pin        string              `json:"fingerprint"` // SHA-256 of the certificate, in hexadecimal
	SetupCode  string              `json:"-"`           // opens one curator's account, once, within account.InvitationLife
}

// ErrExists says that the directory already holds a node, or something else.
var ErrExists = errors.New("already in use")

// Init makes a new node in dir. It refuses a directory that holds one; what an
// earlier Init left unfinished it finishes.
func Init(ctx context.Context, dir string, o InitOptions) (Created, error) {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	made := Created{Data: dir}
	if err := o.check(); err != nil {
		return made, fmt.Errorf("init: %w", err)
	}
	if err := layDirectory(dir); err != nil {
		return made, fmt.Errorf("init: %w", err)
	}
	st, err := pebble.Open(ctx, filepath.Join(dir, "store"), pebble.Options{})
	if err != nil {
		return made, fmt.Errorf("init: %s: %w", dir, err)
	}
	defer st.Close()
	if m, err := readMember(st); err == nil {
		return made, fmt.Errorf("init: %s is %w: the node of %q is there; choose another directory with --data", dir, ErrExists, m.Name)
	} else if !errors.Is(err, store.ErrNotFound) {
		return made, fmt.Errorf("init: %w", err)
	}
	made.Member = newMember(o.Name, o.Now)
	if err := makeLogKey(dir, made.Member.Identity); err != nil {
		return made, fmt.Errorf("init: %w", err)
	}
	if made.Pin, err = makeCertificate(dir, o.Name, append(ownHosts(), o.Hosts...), o.Now); err != nil {
		return made, fmt.Errorf("init: %w", err)
	}
	if err := furnish(ctx, st, &made, o.Country); err != nil {
		return made, fmt.Errorf("init: %w", err)
	}
	return made, nil
}

// hostForm is a host's name, or a wildcard in front of one.
var hostForm = regexp.MustCompile(`^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})$`)

// check refuses, before anything is made, what could not be undone.
func (o InitOptions) check() error {
	if err := account.CheckOrg(o.Name); err != nil {
		return err
	}
	if _, err := account.ParseCountry(o.Country); err != nil {
		return err
	}
	for _, h := range o.Hosts {
		if net.ParseIP(h) == nil && !hostForm.MatchString(h) {
			return fmt.Errorf("%w: host %q: use a host's name, as node.example, or an address, as 192.0.2.7", account.ErrInvalid, h)
		}
	}
	return nil
}

// layDirectory makes the directory, or takes one in which nothing is but what
// an earlier Init may have left.
func layDirectory(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !slices.Contains([]string{"store", "keys", "tls", "admin.sock", "admin.addr", "lists", "incoming", "months", ScanDir}, e.Name()) {
			return fmt.Errorf("%s is %w: it holds %s, which is not a node's; choose an empty or a new directory", dir, ErrExists, e.Name())
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// furnish writes what a new node starts with; the member's row comes last.
func furnish(ctx context.Context, st store.Store, made *Created, country string) error {
	x, accounts, err := openTrust(ctx, st, made.Member, nil, nil, Options{})
	if err != nil {
		return err
	}
	defer x.Close()
	by := account.Operator(made.Member.Name)
	if made.Collection, err = defaultCollection(ctx, x, by); err != nil {
		return err
	}
	if made.SetupCode, err = accounts.Invite(ctx, by, account.Curator); err != nil {
		return err
	}
	if country != "" {
		if _, err := accounts.SetCountry(ctx, by, made.Member.Name, country); err != nil {
			return err
		}
	}
	return writeMember(ctx, st, made.Member)
}

func defaultCollection(ctx context.Context, x *exchange.Exchange, by account.Principal) (exchange.Collection, error) {
	if c, err := x.View(by).Collection(DefaultCollection); err == nil {
		return c.Collection, nil
	}
	return x.AddCollection(ctx, by, exchange.Collection{Alias: DefaultCollection, Title: "Default collection"})
}
