// Package handling decides who may read what, and is the only place where a
// sealed object is opened.
//
// Markings become a [Class], the small canonical value on which a decision
// depends; [Decide] is a pure function of a class and a [Profile]; a [Gate]
// keeps the answers as one bitset per profile, so that the store pages over
// what a reader may see and over nothing else. [Gate.Release] holds every row
// against that bitset again and makes the [Page] that encoders accept. Nothing
// else can make one.
//
// The rules of this floor, by TLP 2.0 (FIRST, August 2022): curators of the own
// member see all; its other accounts all but RED; partners, in a collection
// granted to them, CLEAR and GREEN. What carries a marking that nothing
// explains is withheld from partners. A marking on a part of an object counts
// for the whole of it. When in doubt, the answer is no.
package handling
