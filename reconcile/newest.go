package reconcile

import (
	"context"

	"daybook/ledger"
)

// NewestDay is the newest day of which the journal has facts: the sales of a store, a bill
// or a bank statement. It is what stands for today wherever something is due: a function of
// the files, and not of a clock. It reads on from the last signature.
func NewestDay(ctx context.Context, journal ledger.Journal, codec *ledger.Codec) (newest ledger.BusinessDay, err error) {
	after := ledger.Position(0)
	last, err := lastOf(ctx, journal, codec, closeStream, "day-signed")
	if signed, is := last.(DaySigned); is && signed.Unclosed != nil {
		after, newest = signed.Position, signed.Unclosed.Newest
	} else if err != nil {
		return newest, err
	}
	filter := ledger.Filter{Streams: []string{"day-"}, Types: []string{"storeday-opened.", "statement-listed."}}
	for recorded, err := range journal.Read(ctx, ledger.Query{After: after, Filter: filter}) {
		if err != nil {
			return newest, err
		}
		payload, err := codec.Decode(recorded.Event)
		if err != nil {
			return newest, err
		}
		var day ledger.BusinessDay
		switch payload := payload.(type) {
		case ledger.StoredayOpened:
			day = payload.Day
		case StatementListed:
			day = payload.To
		}
		if day.Compare(newest) > 0 {
			newest = day
		}
	}
	return newest, nil
}
