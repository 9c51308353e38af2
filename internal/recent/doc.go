// Package recent keeps, within a budget of bytes, what was asked for lately: in
// two generations, of which the elder is let go whole when the younger has taken
// half of the budget. What is asked for again moves to the younger, so that no
// list has to be kept in order.
//
// It holds values under keys that their owner chooses and never asks what they
// mean: whoever keeps something here decides on every read who may have it.
package recent
