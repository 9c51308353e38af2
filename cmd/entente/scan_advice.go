package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"entente/internal/door/admin"
	"entente/internal/door/api"
	"entente/internal/practice/lookup"
)

// scanAdvice is what to do about a hit: what its indicator's producer allows, and what
// somebody advises against what it indicates.
type scanAdvice struct {
	PAP     string       `json:"pap,omitempty"`
	Actions []scanAction `json:"courses_of_action,omitempty"`
}

// scanAction is a course of action (STIX 2.1 section 4.3).
type scanAction struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// papWords say what a PAP keeps people from; the others keep them from nothing.
var papWords = map[string]string{
	"amber": "do nothing that reaches the other side, block nothing by it",
	"red":   "do nothing that others could notice",
}

// mostActions are told to people beside one hit.
const mostActions = 3

// words say it to people, behind what was said before.
func (a *scanAdvice) words() (text string) {
	if words := papWords[a.PAP]; words != "" {
		text = fmt.Sprintf(", PAP:%s (%s)", strings.ToUpper(a.PAP), words)
	}
	for i, action := range a.Actions[:min(len(a.Actions), mostActions)] {
		if i == 0 {
			text += ", to do: "
		} else {
			text += "; "
		}
		if action.Name != "" {
			text += shortened(action.Name) + " "
		}
		text += "(" + action.ID + ")"
	}
	if more := len(a.Actions) - mostActions; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// advice is what is known to do about what an indicator speaks of, what is said of itself
// first.
func (s *scan) advice(f *lookup.Finding) scanAdvice {
	a := scanAdvice{PAP: f.PAP}
	add := func(actions ...scanAction) {
		for _, one := range actions {
			if !slices.ContainsFunc(a.Actions, func(o scanAction) bool { return o.ID == one.ID }) {
				a.Actions = append(a.Actions, one)
			}
		}
	}
	for _, m := range f.About {
		if m.Inward && m.Type == courseOfAction {
			add(scanAction{m.ID, m.Name})
		}
	}
	for i := range f.About {
		if m := &f.About[i]; indicated(m) {
			add(s.weigh.actions[m.ID]...)
		}
	}
	return a
}

const courseOfAction = "course-of-action"

// indicated tells of what an indicator indicates.
func indicated(m *lookup.Mention) bool { return !m.Inward && m.Relation == "indicates" }

// mostIndicated is of how many things that indicators indicate the node is asked what to
// do against them, and how many relationships it reads to each.
const (
	mostIndicated = 500
	mostRead      = 1000
)

// askActions asks the node what somebody advises against what indicators indicate, once
// of each thing.
func (s *scan) askActions(ctx context.Context, n *admin.Client, answers []lookup.Answer) error {
	for i := range answers {
		for j := range answers[i].Findings {
			for k := range answers[i].Findings[j].About {
				m := &answers[i].Findings[j].About[k]
				if _, asked := s.weigh.actions[m.ID]; asked || !indicated(m) || len(s.weigh.actions) == mostIndicated {
					continue
				}
				actions, err := s.actionsAgainst(ctx, n, m.ID)
				if err != nil {
					return err
				}
				s.weigh.actions[m.ID] = actions
			}
		}
	}
	return nil
}

func (s *scan) actionsAgainst(ctx context.Context, n *admin.Client, id string) (actions []scanAction, err error) {
	q := url.Values{"direction": {"in"}, "type": {courseOfAction}, "per_object": {fmt.Sprint(mostRead)}}
	var g lookup.Graph
	err = n.As(s.as).Do(ctx, http.MethodGet, "/api/v1/objects/"+url.PathEscape(id)+"/neighbours?"+q.Encode(), nil, &g)
	if no, is := errors.AsType[*admin.Refusal](err); is && no.Code == string(api.NotFound) {
		return nil, nil // it is spoken of, and not here
	}
	for _, node := range g.Nodes {
		if node.Type == courseOfAction && node.Hops > 0 && !node.Unknown {
			actions = append(actions, scanAction{node.ID, node.Name})
		}
	}
	return actions, err
}
