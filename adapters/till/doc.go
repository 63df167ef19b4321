// Package till reads what tills did from the files they leave.
//
// A Source recognises a document by its content and turns it into ledger actions. It
// is pure: it writes nothing, asks nobody, and the same document under the same Rules
// always gives the same Reading. Deciding whether an action is new belongs to the
// ledger, not here.
package till
