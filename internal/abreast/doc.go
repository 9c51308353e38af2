// Package abreast does two things at once for one caller, who waits for both:
// [Two]. It is for what one answer needs and two cores have sooner: halves of a
// list of ids, two runs of history.
//
// Whatever comes of either comes to the caller, also a panic, and also that it
// ended without an answer. Nothing goes on when Two has returned.
package abreast
