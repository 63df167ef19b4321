package projections

import (
	"strconv"
	"time"

	"daybook/ledger"
)

// actionID names an action by the terminal's own numbering: terminal/series/number.
// reconcile.Item.ID is this and the tender's place.
func actionID(head ledger.Till) string {
	number := head.Doc
	if head.Seq != 0 {
		number = strconv.FormatUint(head.Seq, 10)
	}
	return string(head.Terminal) + "/" + head.Series + "/" + number
}

// mode as tables hold it: live, training or test.
func mode(m ledger.Mode) string {
	if m == ledger.Live {
		return "live"
	}
	return string(m)
}

// tillColumns are the columns of an action's header.
func tillColumns[R any](of func(r *R) *ledger.Till) []column[R] {
	return []column[R]{
		col("business_date", "Date", "the store's business day", func(r *R) time.Time { return date(of(r).BusinessDay) }),
		col("store", word, "the retailer's own number of the store", func(r *R) string { return string(of(r).Store) }),
		col("terminal", word, "the retailer's own number of the terminal", func(r *R) string { return string(of(r).Terminal) }),
		col("series", word, "the numbering that seq counts in; empty when the terminal numbers through", func(r *R) string { return of(r).Series }),
		col("seq", "UInt64", "the terminal's own number of the action; 0 when the source numbers nothing", func(r *R) uint64 { return of(r).Seq }),
		col("doc", "String", "the source's own document number", func(r *R) string { return of(r).Doc }),
		col("mode", word, "live, training or test; only live rows are in views", func(r *R) string { return mode(of(r).Mode) }),
		col("cashier", word, "staff number", func(r *R) string { return of(r).Cashier }),
		col("at", "DateTime64(3, 'UTC')", "the terminal's clock, as an instant", func(r *R) time.Time { return instant(of(r).At) }),
		col("local_hour", "UInt8", "hour of the day on the terminal's clock, 0 to 23", func(r *R) uint8 { return uint8(of(r).At.Hour()) }),
		col("local_time", "String", "the terminal's clock as it showed, with its offset from UTC", func(r *R) string { return localTime(of(r).At) }),
	}
}

// tillView lists the header's columns in a view.
const tillView = `business_date, store, terminal, cashier, at, local_hour, local_time`
