// Package asset knows what is the member's own: its names, prefixes, domains,
// mail domains, autonomous systems, certificates, products.
//
// Assets are rows of the node and leave it by no door but that of their own
// administration. [Register] keeps them; a [Set] of them answers whether a value
// of an object, or a text, is of one's own, and by which asset.
package asset
