// Package playbook reads CACAO security playbooks 2.0 for people: [Read] and
// [Playbook.Check] hold one against the specification, [Playbook.Instructions] make
// numbered instructions of it, [Wrap] and [Unwrap] carry its bytes as they are in a
// course of action, and [Ticks] keep who has done which step. Nothing here, or
// anywhere in this program, runs a command of a playbook.
package playbook
