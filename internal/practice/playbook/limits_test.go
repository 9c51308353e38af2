package playbook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"entente/internal/practice/playbook"
)

func many(n int, of string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(of+",", n), ",") + "]"
}

func cases(n int, to string) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(`"%d":%q`, i, to))
	}
	return "{" + strings.Join(all, ",") + "}"
}

// What is told of a step is told again for each of its parts: both are bounded.
func TestLargeStepsAreRefused(t *testing.T) {
	long := strings.Repeat("a", 250_000)
	for _, c := range []struct{ id, step, say string }{
		{long, `{"type":"parallel","next_steps":` + many(60_000, `"x"`) + `}`, "250000 bytes"},
		{long, `null`, "250000 bytes"},
		{"s", `{"type":"parallel","next_steps":` + many(60_000, `"x"`) + `}`, `step "s" has 60000 exits`},
		{"s", `{"type":"parallel","next_steps":` + many(100, `"x"`) + `,"on_completion":"x"}`, `step "s" has 101 exits`},
		{"s", `{"type":"action","commands":` + many(101, `{}`) + `}`, `step "s" has 101 commands`},
		{"s", `{"type":"action","targets":` + many(101, `"x"`) + `}`, `step "s" has 101 targets`},
		{"s", `{"type":"switch-condition","cases":` + cases(101, "") + `}`, `step "s" has 101 cases`},
	} {
		began := time.Now()
		_, err := playbook.Read([]byte(`{"type":"playbook","workflow":{"` + c.id + `":` + c.step + `}}`))
		if !errors.Is(err, playbook.ErrNotRead) || !strings.Contains(err.Error(), c.say) || len(err.Error()) > 300 {
			t.Errorf("want %q, told %.300q", c.say, fmt.Sprint(err))
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %v", c.say, took)
		}
	}
}

// What is told stays small beside what is read.
func TestWhatIsToldIsBounded(t *testing.T) {
	long, steps := strings.Repeat("a", 100_000), []string{}
	for i := range 100 {
		steps = append(steps, fmt.Sprintf(`"s%d":{"type":"action","targets":%s,"agent":"a","on_true":"x"}`, i, many(100, `"t"`)))
	}
	steps = append(steps, `"w":{"type":"switch-condition","switch":"`+long+`","cases":`+cases(99, "x")+`}`,
		`"v":{"type":"while-condition","condition":"`+long+`","on_true":"`+long+`"}`)
	p := read(t, `{"type":"playbook","workflow":{`+strings.Join(steps, ",")+`},"agent_definitions":{"a":{"name":"`+long+`"}},"target_definitions":{"t":{"name":"b`+long[:10_000]+`"}}}`)
	found := p.Check()
	if last := found[len(found)-1]; len(found) != 100 || !strings.Contains(last.Message, "more findings") {
		t.Errorf("%d findings, the last one %+v", len(found), last)
	}
	for _, v := range []any{found, p.Instructions()} {
		if b, err := json.Marshal(v); err != nil || len(b) > 4<<20 {
			t.Errorf("%v: %d bytes are told", err, len(b))
		}
	}
}
