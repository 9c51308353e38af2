package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/spf13/cobra"

	"entente/internal/dial"
	"entente/taxii"
)

// remote is how a TAXII server is reached, as flags say it.
type remote struct {
	user       string
	token      string
	tokenFile  string
	tokenStdin bool
	caFile     string
	pin        string
	limit      int
	maxObject  int64 // bytes; the client's own number when 0
	attempts   int   // at one request; the client's own number when 0
}

func (c *cli) taxiiVerb() *cobra.Command {
	return group("taxii", "Talk to TAXII 2.1 servers", c.taxiiDiscover(), c.taxiiPull(), c.taxiiPush())
}

// flags adds the flags of a remote.
func (r *remote) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.user, "user", "", "account `NAME`; without it the token is sent as bearer")
	f.StringVar(&r.token, "token", "", "`TOKEN` or password; others on this machine can see it, better ENTENTE_TOKEN or a file")
	mark(f, secret, "token")
	f.StringVar(&r.tokenFile, "token-file", "", "`FILE` that holds the token alone")
	f.BoolVar(&r.tokenStdin, "token-stdin", false, "read the token from standard input")
	f.StringVar(&r.caFile, "ca-file", "", "PEM `FILE` of the authorities to trust instead of the system's")
	f.StringVar(&r.pin, "fingerprint", "", "`SHA256` of the server's certificate: trust this one alone")
}

// remoteHelp is the part of the verbs' help that is about reaching a server.
const remoteHelp = `
URL is the server's discovery (https://host/taxii2/), one of its API roots, or
the bare host. The token comes from --token-file, --token-stdin, ENTENTE_TOKEN
or --token; with --user it is sent as that account's password.`

// client makes the client of a remote.
func (c *cli) client(r *remote, address string) (*taxii.Client, error) {
	secret, err := c.secret(r)
	if err != nil {
		return nil, err
	}
	if secret != "" && inTheClear(address) {
		c.tell("entente: taxii: the token is sent over plain HTTP, where others can read it; use https:// if the server has it")
	}
	// The address was typed by the operator, so that it may be a private one.
	h, err := dial.New(dial.Options{AllowPrivate: true, CAFile: r.caFile, Fingerprint: r.pin})
	if err != nil {
		return nil, usage("taxii: %w", err)
	}
	opts := []taxii.Option{taxii.WithHTTPClient(h), taxii.WithUserAgent("entente")}
	switch {
	case r.user != "":
		opts = append(opts, taxii.WithBasicAuth(r.user, secret))
	case secret != "":
		opts = append(opts, taxii.WithBearerToken(secret))
	}
	if r.limit > 0 {
		opts = append(opts, taxii.WithPageLimit(r.limit))
	}
	if r.maxObject > 0 {
		opts = append(opts, taxii.WithMaxObjectBytes(int(r.maxObject)))
	}
	if r.attempts > 0 {
		opts = append(opts, taxii.WithRetry(taxii.Retry{Attempts: r.attempts}))
	}
	client, err := taxii.New(address, opts...)
	if err != nil {
		return nil, usage("taxii: %w", err)
	}
	return client, nil
}

// secret reads the token from where the flags say.
func (c *cli) secret(r *remote) (string, error) {
	switch {
	case r.tokenStdin && r.tokenFile != "":
		return "", usage("taxii: give one of --token-file and --token-stdin")
	case r.tokenStdin:
		b, err := io.ReadAll(io.LimitReader(c.stdin, 64<<10))
		if err != nil {
			return "", fmt.Errorf("taxii: read the token: %w", err)
		}
		return strings.TrimSpace(string(b)), nil
	case r.tokenFile != "":
		b, err := os.ReadFile(r.tokenFile)
		if err != nil {
			return "", fmt.Errorf("taxii: read the token: %w", err)
		}
		return strings.TrimSpace(string(b)), nil
	}
	return r.token, nil
}

// findCollection gives the id of a collection that is named by id, alias or
// title. One that is not listed is asked for as it is named: a server need not
// list all.
func findCollection(ctx context.Context, client *taxii.Client, name string) (string, error) {
	all, err := client.Collections(ctx)
	if err != nil {
		return "", err
	}
	for _, by := range []func(taxii.Collection) string{
		func(k taxii.Collection) string { return k.ID },
		func(k taxii.Collection) string { return k.Alias },
		func(k taxii.Collection) string { return k.Title },
	} {
		for _, k := range all {
			if by(k) == name {
				return k.ID, nil
			}
		}
	}
	return name, nil
}

// answered gives exit code 1 to what a server has answered no to, and a hint to
// what a flag or another address may mend.
func answered(err error) error {
	if h, ok := errors.AsType[*taxii.HTTPError](err); ok && h.Code/100 == 4 && h.Code != 408 && h.Code != 429 {
		if strings.Contains(h.Excerpt, "HTTP request to an HTTPS server") {
			err = fmt.Errorf("%w; write the address as https://", err)
		}
		return saysNo{err}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("%w; if this is the server that you mean, trust its certificate by --fingerprint or its authority by --ca-file", err)
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return fmt.Errorf("%w; the server speaks plain HTTP there", err)
	}
	return err
}

// inTheClear tells whether what is sent to an address can be read on its way.
func inTheClear(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
}

func (c *cli) taxiiDiscover() *cobra.Command {
	r := remote{attempts: 2} // somebody waits who may have mistyped the address
	cmd := &cobra.Command{
		Use:   "discover URL [--user NAME] [--token-file FILE]",
		Short: "Show a server's API roots and collections",
		Long: `Shows what a TAXII 2.1 server says of itself, and the collections that the
account may see.
` + remoteHelp + `

Exit codes: 0 shown, 1 the server says no, 2 could not be done.`,
		Example: `  entente taxii discover http://127.0.0.1:8470/taxii2/ --user ana --token-file token`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := c.client(&r, args[0])
			if err != nil {
				return err
			}
			defer client.CloseIdleConnections()
			return answered(c.discover(cmd.Context(), client))
		},
	}
	r.flags(cmd)
	return cmd
}

func (c *cli) discover(ctx context.Context, client *taxii.Client) error {
	root, address, err := client.Root(ctx)
	if err != nil {
		return err
	}
	collections, err := client.Collections(ctx)
	if err != nil {
		return err
	}
	if c.json {
		if collections == nil {
			collections = []taxii.Collection{}
		}
		return c.printJSON(struct {
			URL         string             `json:"url"`
			Root        taxii.APIRoot      `json:"api_root"`
			Collections []taxii.Collection `json:"collections"`
		}{address, root, collections})
	}
	fmt.Fprintf(c.stdout, "%s\t%s\n", address, printable(root.Title))
	w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tALIAS\tACCESS\tTITLE")
	for _, k := range collections {
		access := ""
		if k.CanRead {
			access += "r"
		}
		if k.CanWrite {
			access += "w"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", printable(k.ID), printable(k.Alias), access, printable(k.Title))
	}
	return w.Flush()
}

// printable keeps what a server sends from steering the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1 // they would turn the rest of the line around
		}
		return r
	}, s)
}
