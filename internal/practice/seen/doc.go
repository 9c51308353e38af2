// Package seen answers "were we hit before we knew". Events that come to a node are gone
// over by what finds values in text ([Matching]): what indicators ask for is a [Hit] at once, and
// the values that stand there go into a history of some days. A new indicator is held
// against the history as against any log, since the history is one: a value a line.
//
// The history lies beside the store, in files of its own, since it is about people and to
// be gone when its days are over: it is in no backup, and a day is erased by removing its
// files (docs/decisions/0026). Hits are rows of the node. Neither is ever shared; what a
// person wants to tell, a sighting does.
//
// What is looked for is what the custodians of the node see, and hits are told to them
// alone, each when the reader's view shows the indicator at that moment.
package seen
