// Package reconcile holds what the retailer recorded against what providers settled and
// banks credited, and names every difference.
//
//	ledger                     provider                     bank
//	actions                    trade bill                   statement
//	   │ Book                      │ Importer                  │ Importer
//	   ▼                           ▼                           ▼
//	 Items ───────┐        ┌──── Lines ──── Payouts ──┐     Credits
//	              ▼        ▼                          ▼        ▼
//	              Pair (one day)                   AssignCredits
//	              │        │                          │
//	       matches, breaks │ left open                │
//	                       ▼                          │
//	              Conclude (the days around)          │
//	                       │                          │
//	                matches, breaks              payouts, breaks
//	                       └────────── Matcher ───────┘
//	                                      │ append
//	                                   Journal
//
// An Item is a payment as the ledger expects it to be settled; a Line is a row of a bill.
// Five sales of one day, and what becomes of them:
//
//	ledger                          bill                     outcome
//	P1  100.00 approved             100.00  fee 0.50         match M1
//	P2  200.00 approved             201.00  fee 1.01         break amount_mismatch +1.00
//	P3   50.00 no answer             50.00  fee 0.25         break timeout_but_settled +50.00
//	P4   80.00 approved, voided     –                        absent: adds up to nothing
//	P5   10.00 approved at 23:58    – (in the next bill)     left open; next day match M8
//	–                                90.00  fee 0.45         left open; break missing_in_ledger
//
// The sheet of the day proves that nothing was lost: what the ledger expects, 390.00
// less the 80.00 that was voided, is 100.00 matched, 200.00 inside breaks and 10.00 open;
// what the bill shows, 441.00, is 100.00 matched, 251.00 inside breaks and 90.00 open.
// The payout due for the bill is 441.00 less fees of 2.21: 438.79, which the bank must
// show on the due day.
//
// Cash goes another way: what a store's drawers were counted to hold (deposit.go) against
// the deposits that the bank credits.
//
// What people do stands beside it. They decide about pairs (decision.go), which the matcher
// obeys before any rule; settle breaks at the Desk (desk.go, case.go) by adjustments that
// one proposes and another approves, booked by double entry (posting.go); and sign and lock
// a day whose facts (facts.go) have a digest (close.go), and periods of such days
// (period.go). All that is decided about closing is one history (closing.go), to which an
// entry is admitted before it is booked. A day that is locked is still reckoned with
// everything that comes; what is left when the signed movements are taken off counts on the
// first open day after it (movement.go).
//
// What it promises:
//
//   - Pair and Conclude are functions of their inputs, whatever the order of these. Every
//     item and every line is in exactly one place: a match, a break, or a list that says
//     why neither.
//
//   - Ambiguity is reported, never guessed.
//
//   - A payment that the bills of two days near each other have was settled twice; a contract's
//     amounts hold for payments in the provider's currency, its rates for any.
//
//   - A provider's account of the merchant, or the summary of a bill, adds nothing to what
//     is due; where its sums are not the bill's, that is a break. A summary that names its
//     settlement and not its days finds the bill by that number (summed.go).
//
//   - A bank statement begins with the balance with which the one before it ended; where it
//     does not, or its rows do not come to its own balances, that is a break until the
//     statement between them or a correction comes (balance.go).
//
//   - What stands in the end depends on the files, not on the order in which they came,
//     and, where one contradicts another, on which of them is the correction.
//
//   - The matcher can be stopped anywhere. Started again, it ends in the journal that it
//     would have written without the interruption, byte for byte.
//
//   - What is missing and not due yet is in doubt, not a break; what day it is follows from
//     the files.
//
//   - A correction, or a change of the terms, takes back what no longer holds and says
//     the rest no second time.
//
//   - The movements of a day, wherever they count, add up to what the day comes to; what was
//     signed with a locked day or period stays as it is, and nothing is booked on it.
//
//   - Nobody approves what they proposed, or locks what they signed; an entry adds up to
//     nothing; what people did is never changed or taken out, only taken back by another
//     event.
//
// What it assumes: that a payment is reported under a business day at most one day from
// the provider's, and answered, voided or reversed at most one business day later; that a
// bill comes at most three days from the payments in it; that a provider sends one bill
// for a day, or several for one period each that do not overlap, or several that name
// different settlements.
package reconcile
