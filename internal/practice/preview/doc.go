// Package preview tells an author before an object is published who would be
// given it, who would not, and why, in words; and what the author might regret:
// what is one's own and names and addresses of the inside, in values and in all texts;
// people; labels looser than those of what the object refers to.
//
// The decisions are the gate's own, asked by exchange.Foresee. Nothing is written
// and nothing leaves: the answer is for accounts of the own member.
package preview
