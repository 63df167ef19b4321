// Package settlement is the contract every settlement and bank file format keeps; one
// folder per provider holds the formats themselves, each citing its specification.
//
// A format recognises a document by its content and turns it into the neutral
// reconcile.Statement. The file's own arithmetic (footers, running balances) is the
// format's business; comparing the file with our books is reconcile's.
package settlement
