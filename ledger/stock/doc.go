// Package stock is the record of goods: what a retailer sells, what lies in which store,
// what is on its way, and what has to be ordered.
//
//	stock file ──▶ Intake ──▶ catalogue-listed, stock-recorded ──┐
//	till ──▶ sale-recorded, refund-recorded ─────────────────────┼──▶ tables: moves, stock, costs
//	                                                             └──▶ Planner ──▶ reorder-proposed
//	buyer ──▶ Desk ──▶ reorder-settled ──▶ Planner ──▶ stock-recorded (an order)
//
// There are five kinds of event. A document (stock-recorded) is one sheet of paper of a
// store: a delivery note, a transfer, a count, an adjustment, waste, a reservation, an
// order. Its kind says what it means, its quantities are unsigned (but for adjustments) and
// its number is its identity. Sales and refunds move stock by themselves: there is no second
// copy of a sale anywhere.
//
// What it promises:
//
//   - Stock is a function of the facts, whatever the order in which they came. Moves are put
//     in order by their moment: business day, then the clock. A count says what was there at its
//     moment; what differs from the moves before it is a move of its own, and is reckoned anew
//     when an earlier fact comes late.
//   - Facts are kept: a sale of what the catalogue does not know, or of what is not there. The
//     tables flag them.
//   - A document that comes again changes nothing; one with other content under its number is
//     refused, unless it is said to be the correction.
//   - There is at most one open proposal for a store and product, in every state of the
//     journal: it is the last word in a stream of its own.
//   - Formulae are exact: whole numbers and fractions, rounded once, where it is named. No
//     floating point, so that two machines propose the same.
//
// What it assumes: that the moves of a store and product within one moment may be taken in
// any order, a count last; that a cost is in the currency of its store.
package stock
