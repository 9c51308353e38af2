// Package lookup answers the question "what is this?": a text as people write
// it, an address, a name, a hash, is read as the values that it may stand for,
// and the objects that carry one of them are told in plain words.
//
// Text goes in through [Readings], which also understands defanged forms;
// objects come from an exchange's view alone, so that an answer holds nothing
// that its reader may not see, counts included.
package lookup
