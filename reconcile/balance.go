package reconcile

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"daybook/ledger"
)

// Balance is what a bank statement says was on one of its accounts before its first
// movement and after its last, in minor units.
type Balance struct {
	Account  string          `json:"account,omitempty"`
	Currency ledger.Currency `json:"currency"`
	Opening  int64           `json:"opening"`
	Closing  int64           `json:"closing"`
}

func (b Balance) of(other Balance) bool {
	return b.Account == other.Account && b.Currency == other.Currency
}

// AddBalance adds a balance of a statement in several pages, or of several days: one that
// begins where another of its account ends goes on with that one, in whatever order they
// stand in the file. What is left of an account in several pieces does not tie.
func (s *Statement) AddBalance(b Balance) {
	for {
		n := slices.IndexFunc(s.Balances, func(other Balance) bool {
			return b.of(other) && (b.Opening == other.Closing || b.Closing == other.Opening)
		})
		if n < 0 {
			s.Balances = append(s.Balances, b)
			return
		}
		if other := s.Balances[n]; b.Opening == other.Closing {
			b.Opening = other.Opening
		} else {
			b.Closing = other.Closing
		}
		s.Balances = slices.Delete(s.Balances, n, n+1)
	}
}

// balanceReach is how many days may lie between a bank statement and the one before it that
// its opening balance is held against. A statement after a longer pause begins anew.
const balanceReach = 40

// openingBalance is what a break says of a bank statement that does not begin where another
// ended, before the name of that one.
const openingBalance = "期初余额 "

// Continues reports whether a break's detail says that a bank statement does not begin with
// the balance with which the one before it ended, and the name of that file.
func Continues(detail string) (before string, is bool) {
	return strings.CutPrefix(detail, openingBalance)
}

// balanceKey is what the balances of a bank are reckoned by: the statements that begin or
// end on a day.
type balanceKey struct {
	bank string
	day  ledger.BusinessDay
}

func (k balanceKey) stream() ledger.StreamID {
	return ledger.Stream("balance", k.bank, k.day.String())
}

func (m *Matcher) touchBalances(listed StatementListed) {
	for _, day := range []ledger.BusinessDay{listed.Day, listed.From, listed.To} {
		m.balances[balanceKey{listed.Sender, day}] = true
	}
}

// reckonBalances holds the balances of bank statements that were touched, and of those that
// follow them, against each other and against their own rows.
func (m *Matcher) reckonBalances(ctx context.Context) error {
	keys := map[balanceKey]bool{}
	for key := range m.balances {
		keys[key] = true
		for ahead := 1; ahead <= balanceReach; ahead++ {
			next := balanceKey{key.bank, key.day.AddDays(ahead)}
			listed, err := m.listed(ctx, next.day)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(listed, func(l StatementListed) bool { return l.ofBank(key.bank) && l.From == next.day }) {
				keys[next] = true
			}
		}
	}
	sorted := make([]balanceKey, 0, len(keys))
	for key := range keys {
		sorted = append(sorted, key)
	}
	slices.SortFunc(sorted, func(a, b balanceKey) int { return cmp.Or(a.day.Compare(b.day), cmp.Compare(a.bank, b.bank)) })
	for _, key := range sorted {
		if err := m.reckonBalance(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

func (l StatementListed) ofBank(id string) bool { return l.Kind == BankStatement && l.Sender == id }

// reckonBalance says what does not tie in the statements of a bank that begin or end on a day.
func (m *Matcher) reckonBalance(ctx context.Context, key balanceKey) error {
	listed, err := m.listed(ctx, key.day)
	if err != nil {
		return err
	}
	var breaks []Break
	for _, l := range listed {
		if !l.ofBank(key.bank) || l.From != key.day && l.To != key.day {
			continue
		}
		summary, err := m.summary(ctx, l.Statement)
		if err != nil {
			return err
		}
		if l.To == key.day {
			for _, control := range summary.Untied {
				b := balanceBreak(key, summary, control.Name, ledger.Minor(control.Computed, control.Currency), ledger.Minor(control.Stated, control.Currency))
				b.Reference += ":" + strconv.Itoa(control.Row)
				if control.Currency == "" { // a count is no money
					b.Detail += " " + strconv.FormatInt(control.Stated, 10) + " ≠ " + strconv.FormatInt(control.Computed, 10)
					b.Expected, b.Actual = ledger.Minor(0, m.terms.Currency), ledger.Minor(0, m.terms.Currency)
				}
				breaks = append(breaks, b.withID())
			}
		}
		if l.From == key.day {
			found, err := m.openings(ctx, key, l, summary)
			if err != nil {
				return err
			}
			breaks = append(breaks, found...)
		}
	}
	if breaks == nil {
		if last, err := lastOf(ctx, m.journal, m.codec, key.stream(), "break-opened"); last == nil || err != nil {
			return err // there never was anything
		}
	}
	return m.say(ctx, key.stream(), key.day, finding{breaks: breaks})
}

func balanceBreak(key balanceKey, summary StatementImported, detail string, expected, actual ledger.Money) Break {
	return Break{Kind: ControlTotalMismatch, Leg: FileLeg, Day: key.day, BusinessDay: key.day, Channel: key.bank,
		Reference: summary.File, Detail: detail, Expected: expected, Actual: actual}
}

// openings holds the accounts of a statement against where they ended before it. Where the
// statement before says nothing of an account's balance, nothing can be said of it.
func (m *Matcher) openings(ctx context.Context, key balanceKey, l StatementListed, summary StatementImported) ([]Break, error) {
	var breaks []Break
	for n, b := range summary.Balances {
		before, closing := summary.File, int64(0)
		within := slices.IndexFunc(summary.Balances[:n], b.of)
		known := within >= 0
		if known { // in the file itself
			closing = summary.Balances[within].Closing
		} else {
			var err error
			if before, closing, known, err = m.closing(ctx, l, b); err != nil {
				return nil, err
			}
		}
		if known && closing != b.Opening {
			breaks = append(breaks, balanceBreak(key, summary, openingBalance+before, ledger.Minor(closing, b.Currency), ledger.Minor(b.Opening, b.Currency)).withID())
		}
	}
	return breaks, nil
}

// closing is what was on an account at the end of the statement before one, and the name of
// that file.
func (m *Matcher) closing(ctx context.Context, l StatementListed, b Balance) (file string, closing int64, known bool, err error) {
	for back := 1; back <= balanceReach; back++ {
		day := l.From.AddDays(-back)
		listed, err := m.listed(ctx, day)
		if err != nil {
			return "", 0, false, err
		}
		for _, before := range listed {
			if !before.ofBank(l.Sender) || !before.covers(day) {
				continue
			}
			summary, err := m.summary(ctx, before.Statement)
			if err != nil {
				return "", 0, false, err
			}
			has := false
			for _, other := range summary.Balances {
				if other.of(b) { // of several pieces any may be the last
					has = true
					if file == "" || other.Closing == b.Opening {
						file, closing = summary.File, other.Closing
					}
				}
			}
			if !has && before.Account == l.Account {
				return "", 0, false, nil
			}
		}
		if file != "" {
			return file, closing, true, nil
		}
	}
	return "", 0, false, nil
}

// summary reads what a statement in the journal is.
func (m *Matcher) summary(ctx context.Context, statement string) (StatementImported, error) {
	summary, _, err := (&Importer{m.journal, m.codec, m.terms}).recorded(ctx, statement)
	return summary, err
}

// balancesOf are the streams in which the balances of a day's bank statements are named.
func (m *Matcher) balancesOf(ctx context.Context, day ledger.BusinessDay) ([]ledger.StreamID, error) {
	listed, err := m.everListed(ctx, day)
	if err != nil {
		return nil, err
	}
	seen := map[ledger.StreamID]bool{}
	for _, l := range listed {
		if l.Kind == BankStatement {
			seen[balanceKey{l.Sender, day}.stream()] = true
		}
	}
	return sortedKeys(seen), nil
}
