// Package intake brings intelligence in from outside: files, folders and
// streams, compressed or not, are opened within limits ([Open]), read object by
// object (package stix) and published batch by batch through the exchange
// ([Import.Run]). A [Trail] follows files that grow.
//
// Input is hostile until shown otherwise. Nothing is held whole in memory,
// whatever a file's size; what a compressed file may grow to is bounded by a
// ratio and a total; a bad object is told and left out, and the good ones
// around it are kept. The same input twice changes nothing, so an import that
// was cut short is resumed by running it again.
//
// Data flows one way: reader -> objects -> exchange.Publish -> [Summary].
package intake
