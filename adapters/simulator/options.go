package simulator

import (
	"time"

	"daybook/ledger"
)

// Options say what to make up.
type Options struct {
	Seed  uint64
	World World              // Shanghai when empty
	Day   ledger.BusinessDay // the first
	Days  int                // one when 0
	// Stores is 1 to 8000, TerminalsPerStore 1 to 99.
	Stores            int
	TerminalsPerStore int
	// Payments is the number of ordinary sales of a day paid by card or wallet. Cash sales,
	// refunds, voids, attempts that failed and some planted payments come on top. Of
	// several days, weekends and the weeks before feasts have more, others fewer.
	Payments int
	// Breaks is how many mistakes of each kind to plant in each country and day. Payout
	// mistakes occur once each, and a wrong batch total at most once per batch (two per
	// terminal). With 0 the days have no break at all.
	Breaks int
	// Articles is how many there are to sell, from as many as the shelves have anyway (37, also
	// when 0) to 20,000.
	Articles int
}

const (
	maxStores      = 8000
	maxTerminals   = 99         // two digits in terminal and TID
	maxPerTerminal = 20_000     // one in three seconds
	maxPayments    = 20_000_000 // a day: nine digits of the acquirer's numbers, a year long
	maxBreaks      = 10_000     // five digits in made-up trace numbers, two series of them
	maxDays        = 3660
)

func (o *Options) check() error {
	if o.World == "" {
		o.World = Shanghai
	}
	if o.Articles == 0 {
		o.Articles = len(shelves)
	}
	last := o.Day.AddDays(max(o.Days, 1) - 1)
	switch {
	case o.Day.IsZero() || o.Day.Year < 2000 || last.Year > 2099:
		return ledger.Problem("a made-up day lies between 2000-01-01 and 2099-12-31, not on %q", o.Day.String())
	case o.Days < 0 || o.Days > maxDays:
		return ledger.Problem("days: %d is not between 1 and %d", o.Days, maxDays)
	case o.Stores < 1 || o.Stores > maxStores:
		return ledger.Problem("stores: %d is not between 1 and %d", o.Stores, maxStores)
	case o.TerminalsPerStore < 1 || o.TerminalsPerStore > maxTerminals:
		return ledger.Problem("terminals per store: %d is not between 1 and %d", o.TerminalsPerStore, maxTerminals)
	case o.Payments < 1 || o.Payments > maxPayments:
		return ledger.Problem("payments: %d is not between 1 and %d", o.Payments, maxPayments)
	case o.Payments/(o.Stores*o.TerminalsPerStore) >= maxPerTerminal:
		return ledger.Refuse(ledger.Say("a terminal cannot take more than %d payments a day", maxPerTerminal),
			ledger.Say("ask for more stores or terminals"))
	case o.Articles < len(shelves) || o.Articles > maxArticles:
		return ledger.Problem("articles: %d is not between %d and %d", o.Articles, len(shelves), maxArticles)
	case o.Articles*o.Stores > maxShelves:
		return ledger.Refuse(ledger.Say("%d articles in each of %d stores are more than %d shelves", o.Articles, o.Stores, maxShelves),
			ledger.Say("ask for fewer stores or articles"))
	case o.Breaks < 0 || o.Breaks > maxBreaks:
		return ledger.Problem("breaks of each kind: %d is not between 0 and %d", o.Breaks, maxBreaks)
	case o.Breaks > 0 && o.TerminalsPerStore < 2 && o.Stores < 2:
		return ledger.Problem("a terminal mismatch needs a second terminal")
	}
	return nil
}

// Weights in a hundred, of days of the week from Sunday and of months.
var (
	weekdayWeights = [7]int{118, 88, 90, 92, 96, 108, 122}
	monthWeights   = [13]int{0, 104, 118, 92, 95, 101, 98, 99, 100, 103, 106, 101, 112}
)

// payments of day n. A day that is made up alone has exactly as many as were asked for.
func (o *Options) payments(n int) int {
	if o.Days <= 1 {
		return o.Payments
	}
	day := o.Day.AddDays(n)
	return max(1, o.Payments*weekdayWeights[day.Weekday()]/100*monthWeights[day.Month]/100)
}

// comesLate: the bill of day n comes days after it was due. What happens on a day whose bill is
// late is no other mistake.
func (o *Options) comesLate(p *provider, n int) bool {
	return p.forgets && o.Breaks > 0 && n%2 == 0 && n < max(1, o.Days)
}

// promoted is the category on offer in a week, a tenth off.
func (a *assortment) promoted(day ledger.BusinessDay) string {
	week := int(day.Midnight().Unix() / int64(7*24*time.Hour/time.Second))
	return a.categories[week%len(a.categories)]
}
