// Package projections keeps the read models: tables in ClickHouse, filled from the
// journal, and the questions the program asks of them.
//
// What it promises:
//
//   - The tables are a function of the journal. Applying a page twice, in other cuts, or
//     again after a crash at any point ends in the same rows. Every table replaces rows
//     of one key by the one with the highest journal position, and everyone reads through
//     views, which do so at the time of reading (FINAL).
//   - The cursor moves after all rows of a page are in.
//   - An event that changes an earlier row (a void, an answer, a correction, a break that
//     closed) is a row of its own; the views put the two together. The order in which the
//     two come is of no account.
//   - Nothing is read from ClickHouse in order to write to it, but for the sums that
//     dashboards read (sums.go): those of a store's business day are made anew from all its
//     rows whenever a page has one of them, inside ClickHouse, and are therefore a function of
//     the rows alone.
//   - Amounts are whole minor units in Int64. The decimals that views show beside them are
//     computed from those and the currency's exponent, in Decimal arithmetic.
//
// What may be relied on are the names and columns of the views: fct_… holds facts, agg_…
// sums of them, dim_… what they are about. A name or meaning that breaks is a change of
// ViewsVersion. What a column holds, in which unit and from which events, is said once, where
// its table or view is defined; ClickHouse has it as comments, and Schema hands it out. The tables (r_…) and the views in between (v_…) may change with any
// version; Migrate then drops them, and the journal fills them again.
//
// What it assumes: one projector at a time writes to a database, and the intake has
// decided which content a terminal's number stands for, so that an action's number is a
// key. The days of tables reach from 1970-01-01 to 2149-06-06; a day outside shows as the
// nearest of the two.
package projections
