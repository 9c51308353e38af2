package playbook

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Finding is one thing that is wrong.
type Finding struct {
	At      string `json:"at"` // path within the playbook
	Message string `json:"message"`
}

// stepTypes and commandTypes are those of CACAO 2.0 (sections 4 and 5).
var (
	stepTypes    = []string{"action", "end", "if-condition", "parallel", "playbook-action", "start", "switch-condition", "while-condition"}
	commandTypes = []string{"bash", "caldera-cmd", "elastic", "http-api", "jupyter", "kestrel", "manual", "openc2-http", "powershell", "sigma", "ssh", "yara"}
)

// maxFindings are told; who has mended them is told the others.
const maxFindings = 100

// checking is one check.
type checking struct {
	*Playbook
	found []Finding
	more  int // that are not told
}

func (c *checking) say(at, format string, args ...any) {
	if len(c.found) == maxFindings-1 {
		c.more++
		return
	}
	c.found = append(c.found, Finding{cut(at, 2*maxTold), fmt.Sprintf(format, args...)})
}

// Check tells what breaks the specification, or cannot be followed; nothing when it
// is right.
func (p *Playbook) Check() []Finding {
	c := &checking{Playbook: p}
	if p.SpecVersion != "cacao-2.0" {
		c.say("spec_version", "is %.40q; this reads \"cacao-2.0\"", p.SpecVersion)
	}
	c.id("id", p.ID, "playbook")
	c.id("created_by", p.CreatedBy, "identity")
	if p.Name == "" {
		c.say("name", "is missing")
	}
	for at, t := range map[string]string{"created": p.Created, "modified": p.Modified} {
		if _, err := time.Parse(time.RFC3339, t); err != nil {
			c.say(at, "%.40q is no time; write it as 2026-05-01T10:00:00.000Z", t)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.Workflow)) {
		c.step(id, p.Workflow[id])
	}
	c.graph()
	slices.SortStableFunc(c.found, func(a, b Finding) int { return strings.Compare(a.At, b.At) })
	if c.more > 0 {
		c.found = append(c.found, Finding{"workflow", fmt.Sprintf("there are %d more findings; mend these and check it again", c.more)})
	}
	return c.found
}

// id holds an identifier against TYPE--UUID.
func (c *checking) id(at, id, typ string) {
	rest, ok := strings.CutPrefix(id, typ+"--")
	if !ok || uuid.Validate(rest) != nil || len(rest) != 36 {
		c.say(at, "%.100q is not %s--UUID", id, typ)
	}
}

func (c *checking) step(id string, s *Step) {
	at := "workflow." + id
	if !slices.Contains(stepTypes, s.Type) {
		c.say(at+".type", "%.40q is not a type of steps; they are %s", s.Type, strings.Join(stepTypes, ", "))
		return
	}
	c.id(at, id, s.Type)
	if s.Completion != "" && (s.Success != "" || s.Failure != "") {
		c.say(at, "has on_completion beside on_success or on_failure; it is one or the other")
	}
	for _, e := range s.exits() {
		if c.Workflow[e.to] == nil {
			c.say(at+"."+e.how, "%.100q is not a step of the workflow", e.to)
		}
	}
	c.needs(at, s)
	for i, cmd := range s.Commands {
		c.command(fmt.Sprintf("%s.commands[%d]", at, i), &cmd)
	}
	if s.Agent != "" && c.Agents[s.Agent].Type == "" {
		c.say(at+".agent", "%.100q is not among agent_definitions", s.Agent)
	}
	for _, t := range s.Targets {
		if c.Targets[t].Type == "" && c.Agents[t].Type == "" {
			c.say(at+".targets", "%.100q is not among target_definitions", t)
		}
	}
}

// needs tells what a step of its type must have.
func (c *checking) needs(at string, s *Step) {
	need := func(name string, there bool) {
		if !there {
			c.say(at+"."+name, "is missing, which a step of the type %s needs", s.Type)
		}
	}
	switch s.Type {
	case "start":
		need("on_completion", s.Completion != "")
	case "end":
		if len(s.exits()) > 0 {
			c.say(at, "is an end and goes on")
		}
	case "action":
		need("commands", len(s.Commands) > 0)
		need("agent", s.Agent != "")
	case "playbook-action":
		need("playbook_id", s.PlaybookID != "")
	case "parallel":
		need("next_steps", len(s.Next) > 0)
	case "if-condition", "while-condition":
		need("condition", s.Condition != "")
		need("on_true", s.True != "")
	case "switch-condition":
		need("switch", s.Switch != "")
		need("cases", len(s.Cases) > 0)
	}
}

func (c *checking) command(at string, cmd *Command) {
	if !slices.Contains(commandTypes, cmd.Type) && !strings.HasPrefix(cmd.Type, "x-") {
		c.say(at+".type", "%.40q is not a type of commands; they are %s, or x-…", cmd.Type, strings.Join(commandTypes, ", "))
	}
	if (cmd.Command == "") == (cmd.Base64 == "") {
		c.say(at, "has one of command and command_b64")
	}
	if _, err := base64.StdEncoding.DecodeString(cmd.Base64); err != nil {
		c.say(at+".command_b64", "is not base64")
	}
}

// exit is a way out of a step.
type exit struct{ how, to string }

// exits are the ways out of a step, branches first.
func (s *Step) exits() (all []exit) {
	add := func(how, to string) {
		if to != "" {
			all = append(all, exit{how, to})
		}
	}
	for _, n := range s.Next {
		add("next_steps", n)
	}
	add("on_true", s.True)
	add("on_false", s.False)
	for _, value := range slices.Sorted(maps.Keys(s.Cases)) {
		add("cases."+value, s.Cases[value])
	}
	add("on_completion", s.Completion)
	add("on_success", s.Success)
	add("on_failure", s.Failure)
	return all
}

// graph tells where the workflow begins, what is never come to and what goes round.
func (c *checking) graph() {
	if s := c.Workflow[c.Start]; s == nil {
		c.say("workflow_start", "%.100q is not a step of the workflow", c.Start)
	} else if s.Type != "start" {
		c.say("workflow_start", "%s is a step of the type %.40q, want start", c.Start, s.Type)
	}
	if c.Exception != "" && c.Workflow[c.Exception] == nil {
		c.say("workflow_exception", "%.100q is not a step of the workflow", c.Exception)
	}
	state := map[string]int{} // 1 while steps behind it are gone through, 2 when done
	var walk func(id string)
	walk = func(id string) {
		state[id] = 1
		for _, e := range c.Workflow[id].exits() {
			switch {
			case c.Workflow[e.to] == nil:
			case state[e.to] == 1:
				c.say("workflow."+id+"."+e.how, "leads back to %s, so that nobody comes to an end; repeat by a while-condition", e.to)
			case state[e.to] == 0:
				walk(e.to)
			}
		}
		state[id] = 2
	}
	for _, from := range []string{c.Start, c.Exception} {
		if c.Workflow[from] != nil && state[from] == 0 {
			walk(from)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Workflow)) {
		if state[id] == 0 {
			c.say("workflow."+id, "is never come to from workflow_start")
		}
	}
}
