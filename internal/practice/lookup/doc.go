// Package lookup answers the questions "what is this?" and "what is around
// it?": a text as people write it, an address, a name, a hash, is read as the
// values that it may stand for, and the objects that carry one of them are told
// in plain words; from an object, a walk leads over relationships and
// references to its neighbours.
//
// Text goes in through [Readings], which also understands defanged forms.
// [Finder] finds, [Neighbours] walks, [Show] tells all of one object; a
// [Watch] is a look-up that is kept, to be told what of its answer changes;
// [Models] say what indicators are worth. Objects come from an exchange's view
// alone, so that an answer holds nothing that its reader may not see, counts
// and the word "more" included.
package lookup
