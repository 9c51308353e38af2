package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// Options of a performance. The zero value plays on 127.0.0.1:8470 to 8473.
type Options struct {
	Listen string   // address of the first node; the others take the ports after it
	Once   bool     // play, ask, and end
	Import []string // files or folders of real STIX to bring in beside the story
}

// ErrUntrue says that something that should have come out of the story did not.
var ErrUntrue = errors.New("the story did not come out as it should")

// Run plays the story, asks the nodes whether what should have come out did,
// and, unless told otherwise, goes on serving until the context ends.
func Run(ctx context.Context, w io.Writer, o Options) error {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:8470"
		if o.Once {
			o.Listen = "127.0.0.1:0"
		}
	}
	for _, path := range o.Import {
		if _, err := os.Stat(path); err != nil { // better told before the story than after it
			return fmt.Errorf("demo: import: %w", err)
		}
	}
	dir, remove, err := room()
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer remove()
	began := time.Now()
	c, err := found(ctx, dir, o.Listen)
	if err != nil {
		return err
	}
	err = c.perform(ctx, w, o, began)
	return errors.Join(err, c.close())
}

func (c *coalition) perform(ctx context.Context, w io.Writer, o Options, began time.Time) error {
	c.introduce(w)
	ids, told, err := c.tell(ctx, w)
	if err != nil {
		return err
	}
	if err := c.bringIn(ctx, w, o.Import); err != nil {
		return err
	}
	untrue := c.ask(ctx, w, ids)
	fmt.Fprintf(w, "\n%d objects written, %d answers, %.1f s.\n", told, len(questions), time.Since(began).Seconds())
	if o.Once || untrue != nil {
		return untrue
	}
	c.suggest(w, ids)
	<-ctx.Done()
	return nil
}

// tell plays every scene and gives the ids of what was written, by name.
func (c *coalition) tell(ctx context.Context, w io.Writer) (ids map[string]string, written int, err error) {
	ids = map[string]string{}
	day := ""
	var wrote []string // by scenes that go on with the next
	for _, s := range story {
		at := moment(s.at)
		if d := at.Format("Monday 2 January"); d != day {
			day = d
			fmt.Fprintf(w, "\n%s\n", day)
		}
		began := time.Now()
		line, n, err := c.play(ctx, s, ids)
		if err != nil {
			return nil, 0, fmt.Errorf("demo: %s, %s: %w", s.at, s.who.name, err)
		}
		written += n
		pulled, err := c.pullAll(ctx, s.pull)
		if err != nil {
			return nil, 0, fmt.Errorf("demo: after %s: %w", s.at, err)
		}
		if s.blocks != "" {
			if err := c.untilBlocked(ctx, s.blocks); err != nil {
				return nil, 0, fmt.Errorf("demo: after %s: %w", s.at, err)
			}
			c.blocked = time.Since(began)
			pulled += fmt.Sprintf("; blocked by Brookwater's resolver %.2f s after", c.blocked.Seconds())
		}
		if wrote = append(wrote, line); s.told == "" {
			continue
		}
		fmt.Fprintf(w, "  %s  %s\n         %s", at.Format("15:04"), s.told, strings.Join(wrote, ", "))
		if wrote = nil; pulled != "" {
			fmt.Fprintf(w, "   pulled by %s", pulled)
		}
		fmt.Fprintln(w)
	}
	return ids, written, nil
}

// play has one scene happen at its member's node.
func (c *coalition) play(ctx context.Context, s scene, ids map[string]string) (line string, written int, err error) {
	station := c.nodes[s.who]
	if s.recall != "" {
		n, err := station.recall(ctx, s.collection, ids[s.recall])
		return fmt.Sprintf("%s/%s %d taken back", s.who.key, s.collection, n), 0, err
	}
	d := &desk{by: s.who, at: moment(s.at), marking: s.marking}
	s.write(d, ids)
	if d.err != nil {
		return "", 0, d.err
	}
	n, err := station.publish(ctx, s.collection, d.made, "")
	return fmt.Sprintf("%s/%s %d", s.who.key, s.collection, n), n, err
}

// pullAll has members pull, side by side, from everyone who granted them
// something, and tells how many objects each got.
func (c *coalition) pullAll(ctx context.Context, who []*member) (string, error) {
	got, errs := make([]int, len(who)), make([]error, len(who))
	var pulling sync.WaitGroup
	for i, m := range who {
		pulling.Go(func() { got[i], errs[i] = c.pullFromAll(ctx, m) })
	}
	pulling.Wait()
	var told []string
	for i, m := range who {
		if got[i] > 0 {
			told = append(told, fmt.Sprintf("%s %d", m.key, got[i]))
		}
	}
	return strings.Join(told, ", "), errors.Join(errs...)
}

func (c *coalition) pullFromAll(ctx context.Context, m *member) (got int, err error) {
	for _, from := range cast {
		if c.nodes[m].sources[from] == nil {
			continue
		}
		n, err := c.pull(ctx, m, from)
		if err != nil {
			return got, fmt.Errorf("%s pulls from %s: %w", m.name, from.name, err)
		}
		got += n
	}
	return got, nil
}

// ask puts every question to the nodes.
func (c *coalition) ask(ctx context.Context, w io.Writer, ids map[string]string) error {
	fmt.Fprintf(w, "\nAsked over HTTP\n")
	var untrue error
	for _, q := range questions {
		wrong, err := q.ask(ctx, c, ids)
		switch {
		case err != nil:
			untrue = errors.Join(untrue, fmt.Errorf("%w: whether %s could not be asked: %w", ErrUntrue, q.text, err))
			fmt.Fprintf(w, "  ??   %s: %v\n", q.text, err)
		case wrong != "":
			untrue = errors.Join(untrue, fmt.Errorf("%w: %s: %s", ErrUntrue, q.text, wrong))
			fmt.Fprintf(w, "  NO   %s: %s\n", q.text, wrong)
		default:
			fmt.Fprintf(w, "  yes  %s\n", q.text)
		}
	}
	return untrue
}

func (c *coalition) introduce(w io.Writer) {
	fmt.Fprintln(w, "Four members of a coalition. Each runs a node of its own, opens a collection to")
	fmt.Fprintln(w, "some of the others, and pulls from theirs by TAXII 2.1:")
	fmt.Fprintln(w)
	for _, m := range cast {
		fmt.Fprintf(w, "  %-11s %-15s %-30s %s\n", m.key, m.name, m.what, c.nodes[m].url)
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, "Under each event stands what was written where (member/collection), and how many")
	fmt.Fprintln(w, "objects others then got. Who gets what follows from grants and TLP markings alone.")
}
