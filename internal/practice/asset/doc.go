// Package asset knows what is the member's own, its names, prefixes, domains, mail
// domains, autonomous systems, certificates, products; and what others have told to be
// theirs.
//
// One's own assets are rows of the node and leave it by no door but that of their own
// administration, which is for the own member's accounts. They are told to others in
// objects, which go the way of all objects (author.Desk.Tell, docs/reference/assets.md).
//
// [Register] keeps them; a [Set] of them answers whether a value of an object is of
// one's own ([Set.Owns]), and which of one's names a text holds ([Set.Named]). What
// others have told is never in it: [Register.Told] reads [Claims] by the view of an
// account. Claims may contest each other.
package asset
