package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"entente/internal/format/pcap"
	"entente/internal/practice/detect"
	"entente/internal/practice/intake"
)

func (c *cli) scanVerb() *cobra.Command {
	var s scan
	cmd := &cobra.Command{
		Use:   "scan [--set FILE]... [--warninglists FILE|DIR]... [--as ACCOUNT] [--summary] [--sight] [-f] FILE|DIR|-...",
		Short: "Find in logs what indicators speak of",
		Long: `Goes over logs of any shape, lines of text that may be packed by gzip, zstd or xz,
and prints what stands in them that an indicator asks for: file, line and column (in
bytes), the value as it stands, what it stands for, the indicator, who says so, since
when, how sure, what to do. A folder is all the files below it, - is standard input.

The indicators come from the node, as its curators see them or as --as ACCOUNT does, or
by --set from files (bundles, JSON Lines, as entente export writes them), which needs
no node and no network. They count when they are valid now and not revoked, the newest
version of each. What was compiled of the node's is kept beside the store, in DATA/scan,
readable by the owner alone, and brought up to date by the next scan. Nothing is asked of
anybody, so matching keeps within every PAP.

Found are addresses, names of hosts, URLs, addresses of mail, digests, numbers of
certificates, wallets, and names of files that have a dot: as whole values, never as
parts of longer ones, also where they are defanged, in host:port, in quotes or brackets,
behind an escape (\n, \x22, \u003c, #011), encoded in a query, written in another
script, or as Windows logs what its DNS server is asked: (3)www(4)evil(7)example(0). A
URL is looked at up to its end, and up to a comma, a semicolon or a closing bracket in
it, since a table may go on there. A name also hits by those below it, a prefix by the
addresses in it. Where a pattern asks for several values by AND, all must stand in one
line.

What a pattern asks beside such values by AND, ports, sizes, command lines, registry keys,
user agents, names without a dot, NOT, LIKE, MATCHES, <, EXISTS, is asked of lines that name
their fields as Zeek, Suricata or Windows and Sysmon do: it hits where all of it holds, of
one object, as STIX says (docs/reference/fields.md). Without a value beside it, it is asked
of the lines that hold five letters or more of what it compares with.

Patterns of several observations, by AND, FOLLOWEDBY, WITHIN, REPEATS, START and STOP, hit
in the line with which they are whole, over all inputs of a scan; the lines that serve with
it are told beside it, and serve once. When something was is what lines say of it: a line
without a time serves only where nothing depends on that.

What a line cannot tell is left out and counted with the reason: patterns with nothing in
them that stands in a text, or of which no such field tells. So is what would hit
everywhere, as 0.0.0.0/0, com, localhost. Not found are names that no space or sign parts
from words of another script, names of files behind what may be a path of Windows
(C:\temp\rcmd.exe is no cmd.exe), an address with a dot and a port after it but beside the
arrow of tcpdump, what is encoded twice, and in a query an address of mail of which more
than the @ is.

Where lines are JSON (Zeek, Suricata's EVE, events of Windows, one a line), or a header
names their columns (Zeek's #fields, #Fields of web servers, CSV), a hit names the field, and
a URL is found that a log keeps in two: as host and uri, http.hostname and http.url, cs-host
and cs-uri-stem. UTF-16 is read, too, with its mark or where it begins with signs
of ASCII.

Captures of packets (pcap, pcapng) are read as a line of JSON for each packet, so that the
line is the packet's number: who spoke to whom (src_ip, dest_ip), and what names were said
in the clear: dns.query and dns.answers, tls.sni, http.hostname and http.url. Packets of links
other than Ethernet, bare IP, loopback and Linux's own (as of radio) are not read, and told.

Beside a hit stand the indicator's score (docs/reference/score.md), from the node with all
that the reader sees, from --set of confidence and age alone, and the warninglists that what
it asks for is on: the node's, for accounts of the own member, and those of --warninglists.
A hit on what is on one is still a hit. From the node stands there, too, what to do: what
the producer's PAP keeps you from, and the courses of action against the indicator or what
it indicates.

Not done yet: CVEs.

With --json each hit is an object on a line of its own; with --summary each indicator
is one row with how often it hit, first and last. On a terminal, or with --picture, it ends
with a picture: when hits were, by the times that lines tell (else where, by lines), and which
indicators hit most.

With -f the scan goes on with what comes, until it is interrupted: in files that grow, also
when they are renamed, or cut and written anew, and in new files of folders. Each line
counts once; one without its line feed waits for it. Compressed files are left alone: what
they hold was read before. Captures are not followed. From a server's node the scan hears
within a second of indicators that come and go. Sightings are told each minute, again when
they are twice as many, and at the end.

Exit codes: 0 a hit, 1 none, 2 could not be done: an input could not be read, a sighting
not be written, there is nothing to look for, or nothing was found and a part of the set
was unreadable.`,
		Example: `  entente scan /var/log/zeek
  entente scan --sight --summary /var/log/dns
  entente scan -f --sight /var/log/zeek/current
  entente export jsonl --latest -o set.jsonl && entente scan --set set.jsonl --summary proxy.log.gz
  journalctl -o cat | entente scan --set set.jsonl --json -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s.cli = c
			err := s.run(cmd.Context(), args)
			if _, answered := errors.AsType[saysNo](err); err == nil || answered {
				return err
			}
			return notAsked{err} // nothing was looked for, or not all
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&s.sets, "set", nil, "`FILE` with indicators, in place of the node (repeatable)")
	f.StringArrayVar(&s.weigh.paths, "warninglists", nil, "`FILE` or folder with warninglists, besides the node's (repeatable)")
	f.StringVar(&s.as, "as", "", "`ACCOUNT` whose view of the node is looked for, and who writes sightings")
	f.BoolVar(&s.summary, "summary", false, "one row for each indicator")
	f.BoolVar(&s.drawn.wanted, "picture", false, "draw where hits are and what hit most at the end, also where no terminal is")
	f.BoolVarP(&s.goOn, "follow", "f", false, "go on with what comes, until interrupted")
	f.BoolVar(&s.sight, "sight", false, "write to the node what was seen")
	f.StringVar(&s.sights.collection, "collection", "", "`ALIAS` or id of the collection that sightings go to (that of what was seen unless given)")
	f.BoolVar(&s.sights.anonymous, "anonymous", false, "leave out of sightings who saw it and who says so")
	sizeVar(f, &s.most, "max-input", 1<<40, "most `BYTES` of one input, unpacked")
	return cmd
}

// scan is one run of the verb.
type scan struct {
	*cli
	sets    []string
	as      string
	summary bool
	sight   bool
	goOn    bool
	most    int64

	set    *detect.Set
	point  string        // up to when the node has told of indicators
	keeper chan struct{} // closed when the set is kept; nil when it need not be
	broken int           // objects and inputs of the set that could not be read
	out    *bufio.Writer
	prompt bool // somebody waits for each hit
	total  detect.Stats
	rows   map[string]*scanRow
	order  []*scanRow // those, by their first hits
	sights sightings
	weigh  weighing
	drawn  picture
}

// collect has memory be as much more than what is used as a percentage says, unless the
// environment says how much.
func (s *scan) collect(percent int) {
	if _, set := s.env("GOGC"); !set {
		debug.SetGCPercent(percent)
	}
}

func (s *scan) run(ctx context.Context, paths []string) error {
	if len(s.sets) > 0 && s.as != "" && !s.sight {
		return usage("scan: --as is for the node's indicators, and --set brings others")
	}
	if s.sights.collection != "" && !s.sight {
		return usage("scan: --collection is where --sight writes to")
	}
	if s.sights.anonymous && (!s.sight || s.goOn) {
		return usage("scan: --anonymous is for what --sight writes, and nobody can add to an anonymous sighting later, as -f does")
	}
	if s.drawn.wanted && s.json {
		return usage("scan: --picture is for people, --json for machines")
	}
	if slices.Contains(s.sets, intake.Stdin) && slices.Contains(paths, intake.Stdin) {
		return usage("scan: standard input can be the set or a log, not both")
	}
	s.collect(25) // a set that is compiled is large, and quickly gone over: it holds few pointers
	s.sights.now, s.sights.all = time.Now(), map[string]*sighted{}
	s.set = detect.NewSet(s.sights.now)
	if err := s.loadLists(ctx); err != nil {
		return err
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	if s.set.Len() == 0 {
		if s.keeper != nil {
			<-s.keeper
		}
		s.tellLeftOut()
		return errors.New("scan: there is no indicator to look for")
	}
	s.out, s.rows, s.order = bufio.NewWriter(s.stdout), map[string]*scanRow{}, []*scanRow{}
	shown := term.IsTerminal(int(s.stdout.Fd()))
	s.prompt = s.goOn || slices.Contains(paths, intake.Stdin) || shown
	s.drawn.wanted = s.drawn.wanted || shown && !s.json
	var unread, files int
	var err error
	if s.goOn {
		files, err = s.follow(ctx, paths)
		ctx = context.WithoutCancel(ctx) // it ends when it is asked to; what was seen is told
	} else {
		unread, files, err = s.files(ctx, paths)
	}
	if s.keeper != nil {
		<-s.keeper
	}
	if s.set.Damaged() {
		err = s.spoiled()
	}
	if err == nil {
		err = s.writeWaiting()
	}
	if err == nil && s.summary {
		s.weighRows()
		err = s.printSummary()
	}
	if err == nil {
		err = s.drawn.draw(s.out, s.order)
	}
	if err = errors.Join(err, s.out.Flush()); err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	s.tell("%s of %s in %s of %s", intake.Count(int(s.total.Hits), "hit"), intake.Count(len(s.rows), "indicator"),
		intake.Count(int(s.total.Lines), "line"), intake.Count(files, "file"))
	s.tellLeftOut()
	if err := s.writeSightings(ctx, true); err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	switch {
	case unread > 0:
		return fmt.Errorf("scan: %s could not be read", intake.Count(unread, "input"))
	case s.total.Hits > 0:
		return nil
	case s.broken > 0:
		return errors.New("scan: nothing was found, but a part of the set could not be read")
	}
	return no()
}

// load reads the indicators, out of files or from the node.
func (s *scan) load(ctx context.Context) error {
	if len(s.sets) == 0 {
		return s.loadNode(ctx)
	}
	for source, err := range intake.Sources(s.sets, letGo(ctx, s.stdin)) {
		if err == nil {
			err = s.addFile(source)
		}
		if err != nil {
			return fmt.Errorf("scan: --set %w", err)
		}
	}
	return nil
}

func (s *scan) addFile(source intake.Source) error {
	content, err := source.Content(intake.Limits{})
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = s.add(s.set, source.Name, content)
	return err
}

// add takes the indicators of one input into a set, and tells how many objects it had.
// What cannot be read of it is told.
func (s *scan) add(set *detect.Set, name string, r io.Reader) (int, error) {
	bad, err := set.Load(r)
	for _, b := range bad.First {
		s.tell("%s: %s", printable(name), printable(b.Error()))
	}
	if more := bad.Count - len(bad.First); more > 0 {
		s.tell("%s: and %d more that could not be read", printable(name), more)
	}
	s.broken += bad.Count
	if err != nil {
		return bad.Read, fmt.Errorf("%s: %w", name, err)
	}
	return bad.Read, nil
}

// files scans all inputs.
func (s *scan) files(ctx context.Context, paths []string) (unread, files int, err error) {
	for source, err := range intake.AllSources(paths, letGo(ctx, s.stdin)) {
		if err == nil {
			files++
			err = s.file(ctx, source)
		}
		if w, ok := errors.AsType[*unwritten](err); ok {
			return unread, files, w.error
		}
		if ctx.Err() != nil {
			return unread, files, ctx.Err()
		}
		if err != nil {
			unread++
			s.tell("entente: scan: %s", printable(err.Error()))
		}
	}
	return unread, files, nil
}

// unwritten is a fault of the output, or of the set, which ends a scan.
type unwritten struct{ error }

func (s *scan) file(ctx context.Context, source intake.Source) error {
	// Logs repeat themselves, and a scan keeps nothing of them.
	content, err := source.Content(intake.Limits{MaxBytes: s.most, MaxRatio: 100_000})
	if err != nil {
		return err
	}
	defer content.Close()
	b := bufio.NewReaderSize(content, 1<<16)
	in := io.Reader(b)
	if head, _ := b.Peek(4); pcap.Is(head) { // what is wrong with it the next read tells
		in = pcap.Lines(b)
	}
	log := newScanLog(source.Name)
	stats, err := s.set.Scan(ctx, source.Name, in, func(h detect.Hit) error {
		if err := s.hit(log, &h); err != nil {
			return &unwritten{err}
		}
		return nil
	})
	s.endOfLog(log, stats)
	if err != nil {
		return fmt.Errorf("%s: %w", source.Name, err)
	}
	return nil
}

// endOfLog adds up what a log had.
func (s *scan) endOfLog(log *scanLog, stats detect.Stats) {
	s.sights.take(log)
	s.total.Lines += stats.Lines
	s.total.Bytes += stats.Bytes
	s.total.Hits += stats.Hits
	s.total.Unnamed += stats.Unnamed
	s.total.Unasked += stats.Unasked
	s.total.Untimed += stats.Untimed
	s.total.Forgotten += stats.Forgotten
}

// tellLeftOut says what of the set is not looked for.
func (s *scan) tellLeftOut() {
	for _, l := range s.leftOut() {
		var parts []string
		if l.Wholly > 0 {
			parts = append(parts, intake.Count(l.Wholly, "indicator"))
		}
		if l.Partly > 0 {
			parts = append(parts, "a part of "+intake.Count(l.Partly, "indicator"))
		}
		switch l.Reason {
		case detect.InFields.String():
			s.tell("looked for only in logs whose fields are known: %s: %s", intake.Count(l.Partly, "indicator"), l.Reason)
		case detect.InLines.String():
			s.tell("looked for over several lines: %s: %s", intake.Count(l.Partly, "indicator"), l.Reason)
		default:
			s.tell("not looked for: %s: %s", strings.Join(parts, " and "), l.Reason)
		}
	}
	for _, left := range []struct {
		lines int64
		why   string
	}{
		{s.total.Unnamed, "with what only fields tell more of, and no fields that are known"},
		{s.total.Unasked, "with more to be asked of their fields than a line may take"},
		{s.total.Untimed, "with a part of what depends on times, and no time"},
		{s.total.Forgotten, "with a part of what several lines tell forgotten, since there were too many"},
	} {
		if left.lines > 0 {
			s.tell("%s %s", intake.Count(int(left.lines), "line"), left.why)
		}
	}
}

// leftOut is a reason, and how many indicators it keeps from being looked for.
type leftOut struct {
	Reason string `json:"reason"`
	detect.Counts
}

func (s *scan) leftOut() []leftOut {
	out := []leftOut{}
	left := s.set.LeftOut()
	for _, r := range slices.Sorted(maps.Keys(left)) {
		out = append(out, leftOut{r.String(), left[r]})
	}
	return out
}
