package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	for _, s := range story {
		at := moment(s.at)
		if d := at.Format("Monday 2 January"); d != day {
			day = d
			fmt.Fprintf(w, "\n%s\n", day)
		}
		line, n, err := c.play(ctx, s, ids)
		if err != nil {
			return nil, 0, fmt.Errorf("demo: %s, %s: %w", s.at, s.who.name, err)
		}
		written += n
		pulled, err := c.pullAll(ctx, s.pull)
		if err != nil {
			return nil, 0, fmt.Errorf("demo: after %s: %w", s.at, err)
		}
		if s.told != "" {
			fmt.Fprintf(w, "  %s  %s\n", at.Format("15:04"), s.told)
		}
		fmt.Fprintf(w, "         %s%s\n", line, pulled)
	}
	return ids, written, nil
}

// play has one scene happen at its member's node.
func (c *coalition) play(ctx context.Context, s scene, ids map[string]string) (line string, written int, err error) {
	station := c.nodes[s.who]
	if s.recall != "" {
		n, err := station.recall(ctx, s.collection, ids[s.recall])
		return fmt.Sprintf("%s/%s -%d", s.who.key, s.collection, n), 0, err
	}
	d := &desk{by: s.who, at: moment(s.at), marking: s.marking}
	s.write(d, ids)
	if d.err != nil {
		return "", 0, d.err
	}
	n, err := station.publish(ctx, s.collection, d.made, "")
	return fmt.Sprintf("%s/%s +%d", s.who.key, s.collection, n), n, err
}

// pullAll has members pull from everyone who granted them something.
func (c *coalition) pullAll(ctx context.Context, who []*member) (string, error) {
	line := ""
	for _, m := range who {
		got := 0
		for _, from := range cast {
			if c.nodes[m].sources[from] == nil {
				continue
			}
			n, err := c.pull(ctx, m, from)
			if err != nil {
				return "", fmt.Errorf("%s pulls from %s: %w", m.name, from.name, err)
			}
			got += n
		}
		if got > 0 {
			line += fmt.Sprintf("   %s pulls %d", m.key, got)
		}
	}
	return line, nil
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
	fmt.Fprintln(w, "Four members of a coalition, each with a node of its own:")
	for _, m := range cast {
		fmt.Fprintf(w, "  %-11s %-15s %-30s %s\n", m.key, m.name, m.what, c.nodes[m].url)
	}
}
