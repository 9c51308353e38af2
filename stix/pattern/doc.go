// Package pattern is the language of STIX Patterning (STIX 2.1 section 9):
// read by [Parse] into a [Pattern], held against the rules of the standard by
// [Check], printed again in one canonical form by [Pattern.String].
//
// The grammar is that of the standard's reference grammar, keywords in upper
// case only:
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
// A name with anything but letters, digits and '_' stands in quotes. White
// space, /* comments */ and // comments may stand between any two tokens.
//
// Parsing takes linear time, never panics, and refuses what is longer than
// [MaxLength], nested deeper than [DefaultDepth] or has more comparisons than
// [MaxComparisons]. Matching is not done here.
package pattern
