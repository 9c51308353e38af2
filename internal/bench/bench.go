package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"entente/internal/node"
)

// Options of a run. The zero value measures a million objects.
type Options struct {
	Objects int           // generated objects; 1,000,000 when 0
	Window  time.Duration // how long each load lasts; 5 s when 0
	Dir     string        // where stores are made; the system's temporary directory when empty
	Only    string        // names of parts, comma-separated; all when empty
	JSON    bool          // one JSON array instead of a table
}

// Row is one measured figure.
type Row struct {
	What     string  `json:"what"`
	Ours     string  `json:"ours"`
	Baseline string  `json:"baseline,omitempty"`
	Ratio    float64 `json:"ratio,omitempty"`
	Need     string  `json:"need"` // what must be reached, in words
	OK       bool    `json:"ok"`
}

// run is one run under way.
type run struct {
	Options
	dir  string
	self string // this program
	log  io.Writer
	rows []Row
}

// part is a group of figures that is measured together.
type part struct {
	name string
	do   func(*run, context.Context) error
}

var parts = []part{
	{"parse", (*run).parse},
	{"serve", (*run).serving},
	{"classes", (*run).manyClasses},
	{"handling", (*run).deciding},
	{"search", (*run).searching},
	{"lookup", (*run).finding},
	{"post", (*run).posts},
	{"keep", (*run).keeping},
	{"demo", (*run).demo},
}

// Run measures and prints the table. Progress goes to log.
func Run(ctx context.Context, out, log io.Writer, o Options) error {
	if o.Objects == 0 {
		o.Objects = 1_000_000
	}
	if o.Window == 0 {
		o.Window = 5 * time.Second
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("bench: where is this program: %w", err)
	}
	dir, err := os.MkdirTemp(o.Dir, "entente-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	r := &run{Options: o, dir: dir, self: self, log: log}
	for _, p := range parts {
		if o.Only != "" && !strings.Contains(","+o.Only+",", ","+p.name+",") {
			continue
		}
		r.say("%s ...", p.name)
		if err := p.do(r, ctx); err != nil {
			return fmt.Errorf("bench %s: %w", p.name, err)
		}
	}
	return r.print(out)
}

func (r *run) say(format string, args ...any) { fmt.Fprintf(r.log, format+"\n", args...) }

// ratio notes a figure that must reach a part of its baseline, or none when need
// is 0; unit is of both.
func (r *run) ratio(what string, ours, baseline float64, unit string, need float64) {
	row := Row{What: what, Ours: number(ours) + unit, Baseline: number(baseline) + unit, Ratio: ours / baseline, OK: ours >= need*baseline}
	if need > 0 {
		row.Need = fmt.Sprintf("at least %.2f", need)
	}
	r.rows = append(r.rows, row)
	r.tell()
}

// bound notes a figure that must stay at or under a bound, or over it.
func (r *run) bound(what string, ours float64, unit string, bound float64, over bool) {
	word, ok := "at most ", ours <= bound
	if over {
		word, ok = "at least ", ours >= bound
	}
	r.rows = append(r.rows, Row{What: what, Ours: number(ours) + unit, Need: word + number(bound) + unit, OK: ok})
	r.tell()
}

func (r *run) tell() {
	row := r.rows[len(r.rows)-1]
	r.say("  %s: %s, baseline %s, ratio %.2f, need %s", row.What, row.Ours, row.Baseline, row.Ratio, row.Need)
}

func (r *run) print(out io.Writer) error {
	if r.JSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(r.rows)
	}
	built := runtime.Version()
	if node.WithCgo() { // its figures are not those of the program that is handed out
		built += ", built with cgo"
	}
	fmt.Fprintf(out, "%d objects, %d processors, %s\n\n", r.Objects, runtime.GOMAXPROCS(0), built)
	fmt.Fprintln(out, "| what | entente | baseline | ratio | must reach | |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|")
	for _, row := range r.rows {
		ratio := ""
		if row.Ratio != 0 {
			ratio = fmt.Sprintf("%.2f", row.Ratio)
		}
		reached := ""
		if row.Need != "" {
			reached = map[bool]string{true: "yes", false: "**no**"}[row.OK]
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %s |\n", row.What, row.Ours, row.Baseline, ratio, row.Need, reached)
	}
	return nil
}

// number prints three significant digits or a whole number.
func number(v float64) string {
	switch {
	case v >= 100:
		s := fmt.Sprintf("%.0f", v)
		for i := len(s) - 3; i > 0; i -= 3 {
			s = s[:i] + "," + s[i:]
		}
		return s
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
