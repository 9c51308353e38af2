// Package search finds objects by the words that people gave them: names,
// aliases, labels, descriptions.
//
// A [Follower] reads the store's history and posts each object's words, folded
// so that é is e and Ё is Е, cut so that APT-28, APT28 and "apt 28" meet, and
// in pairs of characters where a script has no spaces. [Parse] reads a query,
// [Search] answers it for one reader from the exchange's index and view alone.
//
// Ranks come from where a word stands (a whole name, a name, an alias, a label,
// a description) and then from the date added. Nothing is weighed by how often
// a word occurs: such a number would tell of objects that the reader may not
// see. An answer is a function of what its reader may see (ARCHITECTURE.md,
// Silence), and its work too, beyond a bound (invariant 7).
//
// The language of queries:
//
//	query   = { item }                    all of them must match
//	item    = [ "-" ] ( word | phrase | filter )
//	word    = text without spaces [ "*" ]   words that begin so
//	phrase  = '"' text '"'                words behind each other
//	filter  = name ":" ( word | phrase )  type, since, until, by, tlp, label, collection
package search
