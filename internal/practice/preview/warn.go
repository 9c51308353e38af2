package preview

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Warning is something in an object that its author might regret.
type Warning struct {
	Code string `json:"code"`
	Path string `json:"path,omitempty"` // of the property; empty when it is about a value that was read from it
	What string `json:"what"`           // for people
}

// Codes of warnings.
const (
	OwnAsset     = "own-asset"     // something of one's own, by the assets
	OwnStaff     = "own-staff"     // an address of a mail domain of one's own
	InternalName = "internal-name" // a host name that means something on the inside alone
	InternalAddr = "internal-address"
	UserPath     = "user-path"       // a path with the name of a user
	Looser       = "looser-than-ref" // it refers to something with a stricter label
)

const (
	mostWarnings = 100
	mostRefs     = 200 // references whose labels are compared
)

// warn looks for what an author might regret, each once.
func (p *Previewer) warn(ctx context.Context, by account.Principal, o *stix.Object, class handling.Class) ([]Warning, error) {
	w := &warnings{list: []Warning{}}
	own := func(stix.Value) (string, bool) { return "", false }
	if p.Own != nil {
		var err error
		if own, err = p.Own(); err != nil {
			return nil, err
		}
	}
	for _, v := range o.Values {
		w.value(v, own)
	}
	w.texts("", o.Raw, own)
	if err := p.looser(ctx, by, o, class, w); err != nil {
		return nil, err
	}
	return w.list, nil
}

type warnings struct{ list []Warning }

func (w *warnings) add(code, path, format string, args ...any) {
	one := Warning{code, path, fmt.Sprintf(format, args...)}
	if len(w.list) < mostWarnings && !slices.Contains(w.list, one) {
		w.list = append(w.list, one)
	}
}

// value warns of a value by which the object will be found.
func (w *warnings) value(v stix.Value, own func(stix.Value) (string, bool)) {
	if asset, is := own(v); is && v.Kind != stix.ValueEmail {
		w.add(OwnAsset, "", "%s is of your own (%s): whoever gets the object learns of it", v.Text, asset)
		return
	}
	host := v.Text
	switch v.Kind {
	case stix.ValueIP:
		if scope := inside(v.Text); scope != "" {
			w.add(InternalAddr, "", "%s is %s: it means something on the inside alone", v.Text, scope)
		}
		return
	case stix.ValueURL:
		host = hostOf(v.Text)
		if scope := inside(host); scope != "" {
			w.add(InternalAddr, "", "%s is on an address that is %s", v.Text, scope)
			return
		}
	case stix.ValueDomain:
	default:
		return
	}
	if internal(host) {
		w.add(InternalName, "", "%s is a host name of the inside", v.Text)
	}
}

var (
	userPath  = regexp.MustCompile(`(?i)(?:[a-z]:[\\/]users[\\/]|/home/|/users/)([^\\/:*?"<>|\s]{1,64})`)
	mail      = regexp.MustCompile(`[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})`)
	everybody = []string{"public", "default", "all users", "default user", "username", "user", "%username%"}
)

// texts warns of what stands in the texts of an object, at any depth.
func (w *warnings) texts(path string, raw []byte, own func(stix.Value) (string, bool)) {
	if len(w.list) >= mostWarnings {
		return
	}
	switch {
	case len(raw) > 0 && raw[0] == '"':
		w.text(path, stix.Text(raw), own)
	case len(raw) > 0 && raw[0] == '[':
		i := 0
		for v := range stix.Elements(raw) {
			w.texts(path+"["+strconv.Itoa(i)+"]", v, own)
			i++
		}
	default:
		for name, v := range stix.Split(raw) {
			w.texts(strings.TrimPrefix(path+"."+string(name), "."), v, own)
		}
	}
}

func (w *warnings) text(path, text string, own func(stix.Value) (string, bool)) {
	for _, m := range userPath.FindAllStringSubmatch(text, 8) {
		if !slices.Contains(everybody, strings.ToLower(m[1])) {
			w.add(UserPath, path, "the path %s names a user, %s", m[0], m[1])
		}
	}
	for _, m := range mail.FindAllStringSubmatch(text, 8) {
		v, ok := stix.NewValue(stix.ValueEmail, m[0])
		if !ok {
			continue
		}
		if asset, is := own(v); is {
			w.add(OwnStaff, path, "%s is an address of your own staff (%s)", m[0], asset)
		}
	}
}

// looser warns where the object refers to something with a stricter label, as
// far as the author sees it.
func (p *Previewer) looser(ctx context.Context, by account.Principal, o *stix.Object, class handling.Class, w *warnings) error {
	view := p.Exchange.View(by)
	for _, ref := range o.Refs[:min(len(o.Refs), mostRefs)] {
		for _, c := range view.Collections() {
			if !c.CanRead {
				continue
			}
			page, err := view.Page(ctx, c.ID, exchange.Query{IDs: []string{ref.ID}, Limit: 1, Versions: store.VersionFilter{Latest: true}})
			if err != nil {
				return err
			}
			if page.Len() > 0 {
				if tlp := page.Class(0).TLP; tlp > class.TLP {
					w.add(Looser, ref.Path, "it is TLP:%s and refers to %s, which is TLP:%s", strings.ToUpper(class.TLP.String()), ref.ID, strings.ToUpper(tlp.String()))
				}
			}
			page.Close()
		}
	}
	return nil
}

// inside says in what way an address is of the inside; empty when it is not.
func inside(text string) string {
	p, err := netip.ParsePrefix(text)
	a := p.Addr()
	if err != nil {
		if a, err = netip.ParseAddr(text); err != nil {
			return ""
		}
	}
	switch {
	case a.IsPrivate():
		return "private (RFC 1918, RFC 4193)"
	case a.IsLoopback():
		return "of the machine itself"
	case a.IsLinkLocalUnicast():
		return "of one link (RFC 3927, RFC 4291)"
	case netip.MustParsePrefix("100.64.0.0/10").Contains(a):
		return "shared behind a carrier's NAT (RFC 6598)"
	}
	return ""
}

// suffixes end names that mean something on the inside alone: reserved for it
// (RFC 6762, RFC 8375, and ICANN's choice of 2024), or used so.
var suffixes = []string{"local", "internal", "home.arpa", "lan", "localdomain", "localhost", "corp", "intranet", "intra", "home", "private"}

// internal tells host names of the inside.
func internal(host string) bool {
	host = strings.TrimSuffix(host, ".")
	if host == "" || strings.Contains(host, ":") {
		return false
	}
	for _, s := range suffixes {
		if host == s || strings.HasSuffix(host, "."+s) {
			return true
		}
	}
	return !strings.Contains(host, ".")
}

func hostOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if strings.HasPrefix(rest, "[") {
		inner, _, _ := strings.Cut(rest[1:], "]")
		return inner
	}
	host, _, _ := strings.Cut(rest, ":")
	return host
}
