// Package pattern is the language of STIX Patterning (STIX 2.1 section 9):
// read by [Parse] into a [Pattern], held against the rules of the standard by
// [Check], printed again in one canonical form by [Pattern.String].
//
// The grammar is the standard's, keywords in upper case only:
//
//	pattern     = followed
//	followed    = or { FOLLOWEDBY or }
//	or          = and { OR and }
//	and         = observation { AND observation }
//	observation = ( "[" test "]" | "(" followed ")" ) { qualifier }
//	qualifier   = START timestamp STOP timestamp
//	            | WITHIN number SECONDS | REPEATS integer TIMES
//	test        = testAnd { OR testAnd }
//	testAnd     = prop { AND prop }
//	prop        = path [ NOT ] operator constant | path [ NOT ] IN "(" [ constants ] ")"
//	            | [ NOT ] EXISTS path | "(" test ")"
//	path        = type ":" name { "." name | "[" ( integer | "*" ) "]" }
//
// The strings that STIX 2.0 has behind START and STOP are read as timestamps,
// for [Check] to tell. Other names stand in quotes; white space and comments,
// /* */ and //, between any tokens. Parsing is linear, never panics, and refuses
// more than [MaxLength], [DefaultDepth] or [MaxComparisons]. Two things that the
// reference grammar lets through are refused because nothing could evaluate
// them: integers beyond 64 bits and negative indexes. Matching is done by package match.
package pattern
