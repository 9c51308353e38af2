package exchange

import "sync/atomic"

// Verdicts are all there are, for those who count by them.
var Verdicts = []Verdict{New, Same, Older, Variant, Conflict, Refused}

// Tally is what an exchange has done since it was opened, over all accounts.
type Tally struct {
	Published map[Verdict]int64 // objects, by what their writers were told
	Read      int64             // objects given to readers; followers do not count
}

// Tally tells what the exchange has done. It is for whoever watches over the
// node: it counts objects whoever may see them.
func (x *Exchange) Tally() Tally {
	t := Tally{Published: map[Verdict]int64{}, Read: x.gate.Released()}
	for i, v := range Verdicts {
		t.Published[v] = x.published[i].Load()
	}
	return t
}

// verdictCounts has a count for each of Verdicts.
type verdictCounts [6]atomic.Int64

func (c *verdictCounts) add(results []Result) {
	var n [len(c)]int64
	for i := range results {
		for j, v := range Verdicts {
			if results[i].Verdict == v {
				n[j]++
				break
			}
		}
	}
	for j := range n {
		if n[j] > 0 {
			c[j].Add(n[j])
		}
	}
}
