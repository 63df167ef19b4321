// Package ledger is the record: the words in which everything that happens on a
// retailer's terminals is told, and the journal that keeps it.
//
//	till file ──▶ Intake ──┐                            ┌──▶ matcher ──┐
//	                       ├──▶ Journal ──▶ followers ──┤              ├──▶ Journal
//	statement ──▶ importer ┘    (append)    (in order)  └──▶ tables    ┘
//
// Everything before the journal decides; everything after it follows. What is appended
// never changes, so a follower that reads from the start, or again after a crash, comes
// to the same end.
//
// What it promises:
//
//   - An amount is a whole number of minor units of a known currency. It is read and
//     printed digit by digit; no floating point touches it. Text that is no amount is
//     refused, and absent is not zero.
//   - A full card number cannot be represented: a CardRef has room for ten digits.
//     TruncateCards takes the numbers out of any other text.
//   - A business day and its end are one definition (Clock), across changes of the clock.
//   - Stored bytes keep their meaning. Every kind of event has a golden encoding; a later
//     version of a kind brings the steps that lead from the earlier ones.
//   - What a terminal reports is kept. Its number decides what is a replay, and a replay
//     writes nothing. The first content that arrives under a number stands; another is
//     quarantined, told, and counts in no total. Missing numbers are told until they
//     arrive. Except for that first content, the order of files does not matter.
//   - An import that was cut off and is run again ends in the journal of one that was not.
//
// What it assumes: a journal that keeps the promises of the Journal interface, which
// package ledgertest states as tests; terminals that number their actions without gaps
// within a series, or number nothing; and that whoever reads files has passed text from
// outside through TruncateCards.
//
// Refusals are sentences for people (Refusal, Text): an English format that is also the
// key of its translation, and the facts that go into it.
package ledger
