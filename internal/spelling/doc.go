// Package spelling makes texts equal that people write as the same: case, forms of
// width, accents that alphabets drop at will, digits of other scripts.
//
// [Fold] takes a text and gives the form that is compared, for the words of search and
// for the names of what is one's own; [Spaceless] tells the characters between which no
// space ends a word; [Nearest] finds the word that was meant. It knows no word of any
// language, keeps nothing and reads nothing.
package spelling
