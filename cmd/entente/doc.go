// Command entente is one member's node of a coalition, and the tools around it.
//
// Each verb has its file; a verb says what is asked for, and leaves the doing to
// the packages of internal/. Results go to standard output, everything else to
// standard error. Exit codes: 0 done, 1 the answer is no, 2 could not be done.
package main
