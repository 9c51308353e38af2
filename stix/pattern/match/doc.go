// Package match holds STIX patterns against what was observed (STIX 2.1
// section 9): [Compile] makes a [Matcher] of a pattern once, [Matcher.Match]
// tells which observations satisfy it, and which part of it each one satisfied.
//
// An [Observation] is a span of time, a number of times, and the objects seen
// then: built by a program from any log, or read from STIX by a [Reader].
//
// A match gives each pair of square brackets observations of its own, as many
// as REPEATS asks for. That is a flow: brackets demand, observations supply as
// often as they were seen. WITHIN and FOLLOWEDBY each hang on one instant (the
// start of the window, the end of what comes first); once all instants are
// chosen, nothing is left but the flow, which is found in polynomial time. The
// instants are found by halving: a range in which even the loosest reading has
// no flow is given up whole. With one WITHIN or FOLLOWEDBY the search is
// polynomial; with many it may not be (the problem holds three-dimensional
// matching), so that it ends with [ErrTooHard] after a number of steps that
// depends on nothing but the input, never on the clock.
//
// What the standard leaves open, and how it is decided here, stands in
// docs/reference/patterns.md.
package match
