// Package handling decides who may read what, and is the only place where a
// sealed object is opened.
//
// Markings become a [Class], the small canonical value on which a decision
// depends; [Join] is the strictest of two. [Decide] is a pure function of a
// class, a [Profile], the [Agreement]s and the time, and the only one that
// decides. A [Gate] keeps its answers as one bitset per profile, so that the
// store pages over what a reader may see and over nothing else; on classes that
// name nobody it decides once for all with whom the same is agreed. [Gate.Release]
// holds every row against that bitset again and makes the [Page] that encoders
// accept. Nothing else can make one.
//
// What markings mean stands in docs/reference/handling.md: TLP 2.0 and PAP
// (FIRST, MISP), FIRST IEP 2.0, and the project's own extensions. Curators of
// the own member see all; its other accounts what names or does not limit them,
// RED only by name; partners, in a collection granted to them, CLEAR, GREEN and
// what an agreement releases. What carries a marking that nothing explains is
// withheld from partners. Of an object whose parts are marked stricter than
// the whole there is a [Face], for those who may read it without them. When in
// doubt, the answer is no.
package handling
