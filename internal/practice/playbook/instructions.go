package playbook

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Instruction is one step as a person does it.
type Instruction struct {
	Number int      `json:"number"`
	Step   string   `json:"step" doc:"Id of the step."`
	Type   string   `json:"type"`
	Title  string   `json:"title"`
	Lines  []string `json:"lines" nullable:"false" doc:"What is to be done; commands are text, which nothing here runs."`
	Then   []string `json:"then" nullable:"false" doc:"What comes next."`
	Done   []Tick   `json:"done,omitempty" nullable:"false" doc:"Who has ticked it, or taken that back, the oldest first."`
}

// Instructions numbers the steps in the order in which they are come to, branches
// before what follows them; steps that are never come to stand last.
func (p *Playbook) Instructions() []Instruction {
	order, number := []string{}, map[string]int{}
	var walk func(id string)
	walk = func(id string) {
		s := p.Workflow[id]
		if s == nil || number[id] != 0 {
			return
		}
		order = append(order, id)
		number[id] = len(order)
		for _, e := range s.exits() {
			walk(e.to)
		}
	}
	for _, id := range append([]string{p.Start, p.Exception}, slices.Sorted(maps.Keys(p.Workflow))...) {
		walk(id)
	}
	all := make([]Instruction, 0, len(order))
	for i, id := range order {
		all = append(all, p.instruction(i+1, id, number))
	}
	return all
}

func (p *Playbook) instruction(n int, id string, number map[string]int) Instruction {
	s := p.Workflow[id]
	out := Instruction{Number: n, Step: id, Type: s.Type, Title: s.Name, Lines: []string{}, Then: []string{}}
	if out.Title == "" {
		out.Title = s.Type
	}
	add := func(format string, args ...any) {
		out.Lines = append(out.Lines, strings.Split(fmt.Sprintf(format, args...), "\n")...)
	}
	if s.Description != "" {
		add("%s", s.Description)
	}
	if s.Delay > 0 {
		add("Wait %v before.", time.Duration(s.Delay)*time.Millisecond)
	}
	for _, c := range s.Commands {
		p.tell(add, &c)
	}
	if who := p.Agents[s.Agent]; who.Name != "" {
		add("By: %s", cut(who.Name, maxTold))
	}
	for _, t := range s.Targets {
		if on := p.Targets[t]; on.Name != "" {
			add("On: %s", cut(on.Name, maxTold))
		}
	}
	if s.PlaybookID != "" {
		add("Follow the playbook %s.", s.PlaybookID)
	}
	if s.Timeout > 0 {
		add("Give it %v at most.", time.Duration(s.Timeout)*time.Millisecond)
	}
	for _, e := range s.exits() {
		out.Then = append(out.Then, s.way(e, number))
	}
	return out
}

// tell writes a command down: what a person does as it is, what a program would do
// as a text.
func (p *Playbook) tell(add func(string, ...any), c *Command) {
	if c.Description != "" {
		add("%s", c.Description)
	}
	text := c.Command
	if b, err := base64.StdEncoding.DecodeString(c.Base64); err == nil && text == "" && utf8.Valid(b) {
		text = string(b)
	} else if text == "" {
		text = c.Base64
	}
	if c.Type == "manual" {
		add("%s", text)
		return
	}
	add("A command of the type %s, which is not run here:\n%s", c.Type, text)
}

// way words a way out of a step.
func (s *Step) way(e exit, number map[string]int) string {
	to := fmt.Sprintf("step %d", number[e.to])
	if number[e.to] == 0 {
		to = "a step that is not there, " + cut(e.to, maxTold)
	}
	switch {
	case e.how == "next_steps":
		return "At the same time: " + to
	case e.how == "on_true" && s.Type == "while-condition":
		return "As long as " + cut(s.Condition, maxTold) + ": " + to
	case e.how == "on_true":
		return "If " + cut(s.Condition, maxTold) + ": " + to
	case e.how == "on_false":
		return "If not: " + to
	case strings.HasPrefix(e.how, "cases."):
		return "If " + cut(s.Switch, maxTold) + " is " + cut(strings.TrimPrefix(e.how, "cases."), maxTold) + ": " + to
	case e.how == "on_success":
		return "When it has worked: " + to
	case e.how == "on_failure":
		return "When it has failed: " + to
	}
	return "Then: " + to
}
