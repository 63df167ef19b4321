package reconcile_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"daybook/ledger"
	"daybook/reconcile"
)

// A history is a list of files as they may reach the retailer, and what matchers make of
// them. The journal's clock stands still, so that journals can be compared.

type history struct {
	journal ledger.Journal
	terms   *reconcile.Terms
	digest  string
	cursor  *cursor
}

// file is anything that can be imported.
type file interface {
	name() string
	take(ctx context.Context, h *history) error
}

type tillFile struct {
	title   string
	actions []ledger.Action
}

type bill struct {
	title      string
	correction bool
	statement  reconcile.Statement
}

func (f tillFile) name() string { return f.title }
func (f bill) name() string     { return f.title }

func shaOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

func (f tillFile) take(ctx context.Context, h *history) error {
	file := ledger.TillFile{Name: f.title, SHA256: shaOf(f.title), Format: "till-ndjson"}
	for n, action := range f.actions {
		file.Actions = append(file.Actions, ledger.Reported{Row: n + 1, Action: action})
	}
	_, err := ledger.NewIntake(h.journal, codec).File(ctx, file, nil)
	return err
}

func (f bill) take(ctx context.Context, h *history) error {
	statement := f.statement
	file := reconcile.StatementFile{Name: f.title, SHA256: shaOf(f.title), Statement: &statement}
	_, err := reconcile.NewImporter(h.journal, codec, h.terms).Statement(ctx, file, f.correction, nil)
	return err
}

type cursor struct {
	position ledger.Position
	tag      string
}

func (c *cursor) Load() (ledger.Position, string, error) { return c.position, c.tag, nil }
func (c *cursor) Save(position ledger.Position, tag string) error {
	c.position, c.tag = position, tag
	return nil
}

func newHistory(terms *reconcile.Terms) *history {
	now := func() time.Time { return time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC) }
	return &history{ledger.NewMemory(now), terms, "terms 1", &cursor{}}
}

// matcher is one as a program makes it when it starts.
func (h *history) matcher() *reconcile.Matcher {
	return reconcile.NewMatcher(h.journal, codec, h.terms, h.digest, h.cursor)
}

// desk is that of two clerks, one who does both, and one who only approves.
func (h *history) desk() *reconcile.Desk {
	limit := map[ledger.Currency]int64{"CNY": 1_000_000_000}
	return reconcile.NewDesk(h.journal, codec, map[string]reconcile.Person{
		"li": {Prepare: true}, "wang": {Prepare: true}, "li.na": {Prepare: true, Approve: limit}, "boss": {Approve: limit},
	})
}

// catchUp drives a matcher to the journal's end.
func catchUp(ctx context.Context, journal ledger.Journal, m *reconcile.Matcher) error {
	after, err := m.Cursor(ctx)
	if err != nil {
		return err
	}
	for page, err := range journal.Follow(ctx, after, m.Filter()) {
		if err == nil {
			err = m.Apply(ctx, page)
		}
		if err != nil || page.CaughtUp {
			return err
		}
	}
	return nil
}

func (h *history) mustCatchUp(t fataler) {
	t.Helper()
	if err := catchUp(context.Background(), h.journal, h.matcher()); err != nil {
		t.Fatal(err)
	}
}

func (h *history) mustTake(t fataler, files ...file) {
	t.Helper()
	for _, f := range files {
		if err := f.take(context.Background(), h); err != nil {
			t.Fatalf("%s: %v", f.name(), err)
		}
	}
}

type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func everything(t fataler, journal ledger.Journal) []ledger.Recorded {
	t.Helper()
	var all []ledger.Recorded
	for recorded, err := range journal.Read(context.Background(), ledger.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, recorded)
	}
	return all
}

// standing is what holds after all that was said: it must depend on the files alone.
type standing struct {
	Matches   map[string]reconcile.Match // by stream and id
	Breaks    map[string]reconcile.Break
	Joined    map[string]reconcile.DayJoined
	Concluded map[string]reconcile.DayConcluded
	Payouts   map[string]reconcile.PayoutReckoned
	Newest    ledger.BusinessDay // of which there are facts
}

func (h *history) standing(t fataler) standing {
	t.Helper()
	s := standing{map[string]reconcile.Match{}, map[string]reconcile.Break{}, map[string]reconcile.DayJoined{}, map[string]reconcile.DayConcluded{}, map[string]reconcile.PayoutReckoned{}, ledger.BusinessDay{}}
	var err error
	if s.Newest, err = reconcile.NewestDay(context.Background(), h.journal, codec); err != nil {
		t.Fatal(err)
	}
	for _, recorded := range everything(t, h.journal) {
		payload, err := codec.Decode(recorded.Event)
		if err != nil {
			t.Fatal(err)
		}
		key := func(id string) string { return string(recorded.Stream) + " " + id }
		switch p := payload.(type) {
		case reconcile.MatchesMade:
			for _, match := range p.Matches {
				if _, twice := s.Matches[key(match.ID)]; twice {
					t.Fatalf("%s: match %s is made twice", recorded.Stream, match.ID)
				}
				s.Matches[key(match.ID)] = match
			}
		case reconcile.MatchesUndone:
			for _, match := range p.Matches {
				if _, live := s.Matches[key(match.ID)]; !live {
					t.Fatalf("%s: match %s is undone, and was not live", recorded.Stream, match.ID)
				}
				delete(s.Matches, key(match.ID))
			}
		case reconcile.BreakOpened:
			if _, twice := s.Breaks[key(p.Break.ID)]; twice {
				t.Fatalf("%s: break %s is opened twice", recorded.Stream, p.Break.ID)
			}
			p.Break.Position = 0 // depends on the order of files, and says so
			s.Breaks[key(p.Break.ID)] = p.Break
		case reconcile.BreakClosed:
			if _, open := s.Breaks[key(p.Break.ID)]; !open {
				t.Fatalf("%s: break %s is closed, and was not open", recorded.Stream, p.Break.ID)
			}
			delete(s.Breaks, key(p.Break.ID))
		case reconcile.DayJoined:
			p.LeftOpen, p.Terms = 0, ""
			s.Joined[string(recorded.Stream)] = p
		case reconcile.DayConcluded:
			s.Concluded[string(recorded.Stream)] = p
		case reconcile.PayoutReckoned:
			s.Payouts[string(recorded.Stream)] = p
			if p.State == reconcile.PayoutNone {
				delete(s.Payouts, string(recorded.Stream))
			}
		}
	}
	return s
}

// exclusive checks that no item and no line is in two places at once. Fees and days apart
// by M8 are the exceptions Pair and Conclude state.
func (s standing) exclusive(t fataler) {
	t.Helper()
	owner := map[string]string{}
	claim := func(id, by string) {
		t.Helper()
		if other, taken := owner[id]; taken && other != by {
			t.Fatalf("%s is in %s and in %s", id, other, by)
		}
		owner[id] = by
	}
	for _, match := range s.Matches {
		for _, id := range slices.Concat(match.Items, match.Lines) {
			claim(id, "match "+match.ID)
		}
	}
	for _, b := range s.Breaks {
		if b.Leg == reconcile.PaymentLeg {
			for _, id := range slices.Concat(b.Items, b.Lines) {
				claim(id, "break "+b.ID+" "+string(b.Kind))
			}
		}
	}
}

// balanced checks the equations of the control sheets.
func (s standing) balanced(t fataler) {
	t.Helper()
	for _, joined := range s.Joined {
		for _, sheet := range joined.Sheets {
			if sum := plus(sheet.Matched, sheet.Expected, sheet.Absent, sheet.Waiting, sheet.Open); sum != sheet.Ledger {
				t.Fatalf("%s %s: the ledger has %+v, the sheet tells of %+v", joined.Day, sheet.Provider, sheet.Ledger, sum)
			}
			bill := reconcile.Sum{Count: sheet.Bill.Lines, Amount: sheet.Bill.Gross}
			if sum := plus(sheet.MatchedLines, sheet.Actual, sheet.Cancelled, sheet.OpenLines); sum != bill {
				t.Fatalf("%s %s: the bill has %+v, the sheet tells of %+v", joined.Day, sheet.Provider, bill, sum)
			}
			if sheet.Bill.Net != sheet.Bill.Gross-sheet.Bill.Discount-sheet.Bill.Fee {
				t.Fatalf("%s %s: %+v", joined.Day, sheet.Provider, sheet.Bill)
			}
			if sheet.Absent.Amount != 0 {
				t.Fatalf("%s %s: absent comes to %d", joined.Day, sheet.Provider, sheet.Absent.Amount)
			}
		}
	}
}

func plus(sums ...reconcile.Sum) (total reconcile.Sum) {
	for _, sum := range sums {
		total.Count += sum.Count
		total.Amount += sum.Amount
	}
	return total
}

// kinds counts the open breaks; what is in doubt is none yet.
func (s standing) kinds() map[reconcile.BreakKind]int {
	count := map[reconcile.BreakKind]int{}
	for _, b := range s.Breaks {
		if !b.InDoubt(s.Newest) {
			count[b.Kind]++
		}
	}
	return count
}

// Actions and lines of a small shop.

type till struct {
	id  ledger.TerminalID
	seq uint64
}

func (s *till) head(day ledger.BusinessDay, hour, minute int) ledger.Till {
	s.seq++
	return ledger.Till{Terminal: s.id, Seq: s.seq, Store: "S1", At: at(day, hour, minute), BusinessDay: day}
}

func cny(fen int64) ledger.Money { return ledger.Minor(fen, "CNY") }

// paid is a card payment whose references all come from one number.
func paid(n int, amount ledger.Money) ledger.Tender {
	return ledger.Tender{
		Payment: fmt.Sprint("P", n), Channel: "card", Amount: amount, Outcome: ledger.Approved, MID: "M1", TID: "T1",
		Batch: "000001", STAN: ledger.STAN(fmt.Sprintf("%06d", n)), RRN: ledger.RRN(fmt.Sprintf("%012d", n)), Card: someCard, AuthCode: "A1",
	}
}

func wallet(n int, amount ledger.Money) ledger.Tender {
	return ledger.Tender{Payment: fmt.Sprint("W", n), Channel: "alipay", Amount: amount, Outcome: ledger.Approved, OrderNo: fmt.Sprint("O", n)}
}

func sold(head ledger.Till, tenders ...ledger.Tender) ledger.Action {
	sale := ledger.SaleRecorded{Till: head, Sale: fmt.Sprint(head.Terminal, head.Seq), Tenders: tenders}
	for _, tender := range tenders {
		if tender.Outcome == ledger.Approved {
			sale.Total = sale.Total.Add(tender.Amount)
		}
	}
	return sale
}

// settled is the acquirer's or wallet's line for a tender, with the fee of the contract.
func settled(row int, day ledger.BusinessDay, hour, minute int, tender ledger.Tender) reconcile.Line {
	line := reconcile.Line{
		Row: row, Kind: reconcile.SaleLine, Day: day, At: at(day, hour, minute), Currency: tender.Amount.Currency,
		Gross: tender.Amount.Minor, Channel: tender.Channel, MID: tender.MID, TID: tender.TID, Batch: tender.Batch, STAN: tender.STAN, RRN: tender.RRN,
		OrderNo: tender.OrderNo, Raw: fmt.Sprint("row ", row, " of ", tender.Payment),
	}
	if tender.Channel == "card" {
		line.CardKind = "debit"
		line.Fee = min(2_000, ledger.Rate(5_000).Of(tender.Amount).Minor)
	} else {
		line.Fee = ledger.Rate(6_000).Of(tender.Amount).Minor
	}
	line.Net = line.Gross - line.Fee
	return line
}

func billOf(sender string, from, to ledger.BusinessDay, lines ...reconcile.Line) bill {
	formats := map[string]string{"acquirer": "acquirer-bill", "wallet": "wallet-bill"}
	accounts := map[string]string{"acquirer": "M1", "wallet": "W1"}
	return bill{title: fmt.Sprint(sender, " ", from), statement: reconcile.Statement{
		Format: formats[sender], Kind: reconcile.TradeBill, Account: accounts[sender], From: from, To: to, Lines: lines,
	}}
}

func bankOf(day ledger.BusinessDay, lines ...reconcile.Line) bill {
	return bill{title: fmt.Sprint("bank ", day), statement: reconcile.Statement{
		Format: "bank-csv", Kind: reconcile.BankStatement, Account: "6222", From: day, To: day, Lines: lines,
	}}
}

func credit(row int, day ledger.BusinessDay, from string, net int64, memo string) reconcile.Line {
	return reconcile.Line{Row: row, Kind: reconcile.PayoutLine, Day: day, Currency: "CNY", Net: net, Counterparty: from, Memo: memo, Raw: fmt.Sprint(row, from, net)}
}

func net(b bill) int64 {
	var sum int64
	for _, line := range b.statement.Lines {
		sum += line.Net
	}
	return sum
}

func again(b bill, title string, change func(lines []reconcile.Line) []reconcile.Line) bill {
	b.title, b.correction = title, true
	b.statement.Lines = change(slices.Clone(b.statement.Lines))
	return b
}

// fourDays is a history in which about everything happens that spans files: a sale
// shortly before the cut, a refund, a reversal that comes in another file than its
// payment, an answer on the next business day, a missing bill, a short payout, a bill
// that is corrected, a gap in the numbering.
func fourDays() (files []file) {
	tuesday, wednesday, thursday := monday.AddDays(1), monday.AddDays(2), monday.AddDays(3)
	one, two := &till{id: "T1"}, &till{id: "T2"}

	lost := paid(4, cny(4_000))
	lost.Outcome = ledger.Unknown
	settledAfterAll := paid(5, cny(5_000))
	settledAfterAll.Outcome = ledger.Unknown
	reversed := paid(6, cny(6_000))
	reversed.Outcome = ledger.Unknown
	cash := ledger.Tender{Payment: "C1", Channel: "cash", Amount: cny(700), Outcome: ledger.Approved}

	morning := tillFile{"till 1, Monday", []ledger.Action{
		sold(one.head(monday, 9, 0), paid(1, cny(10_000))),
		sold(one.head(monday, 9, 5), paid(2, cny(20_000)), cash),
		sold(one.head(monday, 9, 10), paid(3, cny(30_000))),
		sold(one.head(monday, 9, 15), lost, paid(7, cny(4_000))),
		sold(one.head(monday, 9, 20), settledAfterAll),
		sold(one.head(monday, 9, 25), reversed),
		sold(one.head(monday, 9, 30), paid(8, cny(8_000))),
		ledger.PaymentVoided{Till: one.head(monday, 9, 31), Original: "P8", Tender: paid(9, cny(8_000))},
		sold(one.head(monday, 23, 58), paid(10, cny(1_000))),
	}}
	evening := tillFile{"till 1, Monday evening", []ledger.Action{
		ledger.PaymentReversed{Till: one.head(monday, 21, 0), Original: "P6", Cause: "timeout"},
		ledger.BatchClosed{Till: one.head(monday, 23, 59), Batch: "000001",
			Sales:   ledger.BatchTotal{Count: 6, Amount: cny(73_000)},
			Refunds: ledger.BatchTotal{Amount: cny(0)}, Voids: ledger.BatchTotal{Count: 1, Amount: cny(8_000)}},
	}}
	// The answer comes under the next business day.
	afterwards := tillFile{"till 1, Tuesday", []ledger.Action{
		ledger.PaymentAnswered{Till: one.head(tuesday, 0, 1), Original: "P5", Outcome: ledger.Approved},
		sold(one.head(tuesday, 10, 0), paid(11, cny(11_000))),
		ledger.RefundRecorded{Till: one.head(tuesday, 11, 0), Refund: "F1", Original: "P1", Tenders: []ledger.Tender{paid(12, cny(2_500))}, Total: cny(2_500)},
	}}
	one.seq += 2 // two actions that never arrive
	late := tillFile{"till 1, Thursday", []ledger.Action{
		sold(one.head(thursday, 10, 0), paid(13, cny(13_000))),
	}}
	wallets := tillFile{"till 2", []ledger.Action{
		sold(two.head(monday, 12, 0), wallet(1, cny(1_100))),
		sold(two.head(monday, 12, 1), wallet(2, cny(1_200))),
		sold(two.head(monday, 23, 59), wallet(3, cny(1_300))),
		sold(two.head(tuesday, 12, 0), wallet(4, cny(1_400))),
		sold(two.head(wednesday, 12, 0), wallet(5, cny(1_500))),
	}}

	refund := settled(9, tuesday, 11, 0, paid(12, cny(-2_500)))
	refund.Kind, refund.OriginalNo = reconcile.RefundLine, ""
	wrongFee := settled(4, monday, 9, 10, paid(3, cny(30_000)))
	wrongFee.Fee, wrongFee.Net = 300, 29_700
	first := billOf("acquirer", monday, monday,
		settled(2, monday, 9, 0, paid(1, cny(10_000))),
		settled(3, monday, 9, 5, paid(2, cny(20_100))), // another amount
		wrongFee,
		settled(5, monday, 9, 15, paid(7, cny(4_000))),
		settled(6, monday, 9, 20, paid(5, cny(5_000))),
		settled(7, monday, 9, 25, paid(6, cny(6_000))),  // although it was reversed
		settled(8, monday, 9, 40, paid(90, cny(9_000))), // nobody sold that
	)
	second := billOf("acquirer", tuesday, tuesday,
		settled(2, tuesday, 0, 2, paid(10, cny(1_000))), // Monday's
		settled(3, tuesday, 10, 0, paid(11, cny(11_000))),
		settled(4, tuesday, 10, 0, paid(11, cny(11_000))), // twice
		refund,
	)
	third := billOf("acquirer", thursday, thursday, settled(2, thursday, 10, 0, paid(13, cny(13_000))))
	walletMonday := billOf("wallet", monday, monday,
		settled(2, monday, 12, 0, wallet(1, cny(1_100))),
		settled(3, monday, 12, 2, wallet(2, cny(1_200))),
	)
	// Tuesday's bill of the wallet is missing; Wednesday's is here.
	walletWednesday := billOf("wallet", wednesday, wednesday, settled(2, wednesday, 12, 0, wallet(5, cny(1_500))))

	corrected := again(first, "acquirer, Monday, corrected", func(lines []reconcile.Line) []reconcile.Line {
		lines[1] = settled(3, monday, 9, 5, paid(2, cny(20_000)))
		return lines[:6]
	})
	bankTuesday := bankOf(tuesday,
		credit(2, tuesday, "Acquirer Ltd", net(corrected), "M1 "+monday.Compact()),
		credit(3, tuesday, "Wallet Ltd", net(walletMonday)-100, "W1"),
	)
	bankWednesday := bankOf(wednesday, credit(2, wednesday, "Acquirer Ltd", net(second), "M1"))
	bankFriday := bankOf(thursday.AddDays(1), credit(2, thursday.AddDays(1), "Acquirer Ltd", 777, "M1"))

	return []file{morning, evening, afterwards, late, wallets, first, second, third, walletMonday, walletWednesday,
		bankTuesday, bankWednesday, bankFriday, corrected}
}

// failing is a journal whose append number at fails: before it writes or, when written
// is set, after, as when the answer of a server is lost.
type failing struct {
	ledger.Journal
	at, appends int
	written     bool
}

var errLost = errors.New("the power went")

func (f *failing) Append(ctx context.Context, stream ledger.StreamID, expect ledger.Revision, events ...ledger.Event) (ledger.Position, error) {
	f.appends++
	if f.appends != f.at {
		return f.Journal.Append(ctx, stream, expect, events...)
	}
	if f.written {
		if _, err := f.Journal.Append(ctx, stream, expect, events...); err != nil {
			return 0, err
		}
	}
	return 0, errLost
}
