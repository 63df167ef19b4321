package reconcile

import (
	"context"
	"time"

	"daybook/ledger"
)

// FactDay is the day that an event tells facts of, and whether it may stand for today: a
// store's business day, or the last day that a bill or bank statement covers; zero for any
// other event. A business day comes from a till's clock. No clock is ahead of the others by
// a day and right, so a day later than the one after that on which it was recorded, by the
// journal's clock, is no today: it would end doubts before anything is due. What a provider
// or bank dates counts as they date it, so that a journal's clock that is behind holds
// nothing up for longer than until the next bill.
func FactDay(recordedAt time.Time, payload any) (day ledger.BusinessDay, counts bool) {
	switch payload := payload.(type) {
	case ledger.StoredayOpened:
		return payload.Day, payload.Day.Compare(ledger.DayOf(recordedAt.UTC()).AddDays(1)) <= 0
	case StatementListed:
		return payload.To, true
	}
	return day, false
}

// NewestDay is the newest day of which the journal has facts that count (FactDay): the sales of
// a store, a bill or a bank statement. It is what stands for today wherever something is due: a function of
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
		if day, counts := FactDay(recorded.RecordedAt, payload); counts && day.Compare(newest) > 0 {
			newest = day
		}
	}
	return newest, nil
}
