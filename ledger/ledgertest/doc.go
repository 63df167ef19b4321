// Package ledgertest states the promises of a ledger.Journal as tests.
//
// TestJournal is the contract every journal passes; TestReopen adds what a journal
// must still know after it was closed and opened again. Both assume that nobody else
// writes to the journal meanwhile, but not that it was empty before: every test uses
// streams of its own and looks at the journal from where it ended when the test began.
package ledgertest
