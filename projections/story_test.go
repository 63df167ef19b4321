package projections_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"daybook/ledger"
	"daybook/reconcile"
)

// story is a journal written by hand.
type story struct {
	tb      testing.TB
	journal *ledger.Memory
	codec   *ledger.Codec
	seq     uint64
	said    int

	before ledger.Position // of what is compared
	fresh  int
}

func newStory(tb testing.TB) *story {
	return &story{tb: tb, journal: ledger.NewMemory(func() time.Time { return time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC) }), codec: codec()}
}

// say appends an event to a stream.
func (s *story) say(stream ledger.StreamID, payload any) {
	s.tb.Helper()
	s.said++
	event, err := s.codec.Encode(ledger.DeriveID(strconv.Itoa(s.said)), payload, ledger.Metadata{
		Actor: "test", Origin: &ledger.Origin{File: "tills.ndjson", SHA256: strings.Repeat("f", 64), Row: s.said},
	})
	if err != nil {
		s.tb.Fatal(err)
	}
	if _, err := s.journal.Append(context.Background(), stream, ledger.Any, event); err != nil {
		s.tb.Fatal(err)
	}
}

// act appends an action of a till.
func (s *story) act(action ledger.Action) {
	s.tb.Helper()
	head := action.Head()
	s.say(ledger.StoredayStream(head.Store, head.BusinessDay), action)
}

// events are all events so far.
func (s *story) events() []ledger.Recorded {
	s.tb.Helper()
	var list []ledger.Recorded
	for recorded, err := range s.journal.Read(context.Background(), ledger.Query{}) {
		if err != nil {
			s.tb.Fatal(err)
		}
		list = append(list, recorded)
	}
	return list
}

var shanghai = time.FixedZone("", 8*60*60)

func day(text string) ledger.BusinessDay {
	d, err := ledger.ParseBusinessDay(text)
	if err != nil {
		panic(err)
	}
	return d
}

var monday = day("2026-01-05")

// till heads the next action of a terminal, a minute after the last.
func (s *story) till() ledger.Till {
	s.seq++
	return ledger.Till{
		Terminal: "T1", Seq: s.seq, Store: "S1", BusinessDay: monday, Cashier: "e7",
		At: time.Date(2026, 1, 5, 9, 0, 0, 250e6, shanghai).Add(time.Duration(s.seq) * time.Minute),
	}
}

func cny(fen int64) ledger.Money { return ledger.Minor(fen, "CNY") }

func paid(reference, channel string, amount ledger.Money, outcome ledger.Outcome) ledger.Tender {
	return ledger.Tender{Payment: reference, Channel: channel, Amount: amount, Outcome: outcome, OrderNo: "o-" + reference}
}

// sell appends a sale without lines, paid as given.
func (s *story) sell(receipt string, tenders ...ledger.Tender) {
	total := ledger.Money{}
	for _, tender := range tenders {
		total = total.Add(tender.Amount)
	}
	s.act(ledger.SaleRecorded{Till: s.till(), Sale: receipt, Tenders: tenders, Total: total})
}

const (
	billSHA       = "b111111111110000000000000000000000000000000000000000000000000000"
	correctionSHA = "c222222222220000000000000000000000000000000000000000000000000000"
	bankSHA       = "d333333333330000000000000000000000000000000000000000000000000000"
	accountSHA    = "e444444444440000000000000000000000000000000000000000000000000000"
)

// bill appends a statement with two lines of 100.00 and -20.00 less fees.
func (s *story) bill(sha, replaces string, version int, firstNet int64) {
	stream := ledger.Stream("statement", sha)
	lines := []reconcile.Line{
		{Row: 6, Kind: reconcile.SaleLine, Day: monday, At: time.Date(2026, 1, 5, 9, 1, 30, 0, shanghai), Currency: "CNY",
			Gross: firstNet + 60, Fee: 60, Net: firstNet, Channel: "alipay", OrderNo: "o-p1", RawKind: "交易", Raw: "o-p1,交易"},
		{Row: 7, Kind: reconcile.RefundLine, Day: monday, Currency: "CNY", Gross: -2000, Discount: -100, Fee: -12, Net: -1888, Channel: "alipay", OrderNo: "o-r1", Raw: "o-r1,退款"},
	}
	for page := range lines {
		s.say(stream, reconcile.LinesRecorded{Statement: sha, Page: page, Lines: lines[page : page+1]})
	}
	s.say(stream, reconcile.StatementImported{
		Statement: sha, File: "bill-" + strconv.Itoa(version) + ".csv", Bytes: 900, Format: "alipay-trade", Kind: reconcile.TradeBill, Sender: "alipay", Account: "2088",
		From: monday, To: monday, Lines: 2, Pages: 2, Totals: []reconcile.Total{{Currency: "CNY", Lines: 2, Gross: firstNet + 60 - 2000, Discount: -100, Fee: 48, Net: firstNet - 1888}},
		Checked: 2, Untied: []reconcile.Control{{Name: "手续费", Row: 9, Currency: "CNY", Stated: 50, Computed: 48}},
		Dropped: map[string]int{"对方账户": 2}, Version: version, Replaces: replaces,
	})
}

// tell is a day with everything that fills a table, and everything that changes a row.
func tell(tb testing.TB) *story {
	s := newStory(tb)
	s.act(ledger.CashierSignedOn{Till: s.till()})
	s.act(ledger.SaleRecorded{
		Till: s.till(), Sale: "R1", Customer: "C9", Notes: map[string]string{"gender": "Female", "city": "Yangon", "customer type": "Member"},
		Lines: []ledger.SaleLine{
			{SKU: "4711", Name: "苹果", Category: "Food", QtyMilli: 1500, Unit: cny(4000), Discount: cny(500), Net: cny(5500), Tax: cny(500), TaxRate: 90000},
			{SKU: "4712", Name: "it's \\ \"quoted\"", Category: "Home", QtyMilli: 1000, Unit: cny(3600), Net: cny(3600), Tax: cny(400)},
		},
		Tenders:  []ledger.Tender{paid("p1", "alipay", cny(10000), ledger.Approved)},
		Discount: cny(100), Tax: cny(900), Total: cny(10000),
	})
	s.act(ledger.RefundRecorded{Till: s.till(), Refund: "R1-1", Original: "p1", Tax: cny(200), Total: cny(2000),
		Lines:   []ledger.SaleLine{{SKU: "4712", QtyMilli: 1000, Unit: cny(3600), Net: cny(1800), Tax: cny(200), Discount: cny(10)}},
		Tenders: []ledger.Tender{paid("r1", "alipay", cny(2000), ledger.Approved)}})
	s.sell("R2", paid("p2a", "card", cny(5000), ledger.Declined), paid("p2", "cash", cny(5000), ledger.Approved))
	s.sell("R3", paid("p3a", "cash", cny(1000), ledger.Approved), paid("p3b", "wechat", cny(2000), ledger.Approved))
	s.sell("R4", paid("p4", "card", cny(7000), ledger.Approved))
	s.act(ledger.PaymentVoided{Till: s.till(), Original: "p4", Tender: paid("v4", "card", cny(7000), ledger.Approved)})
	s.sell("R5", paid("p5", "alipay", cny(800), ledger.Unknown))
	s.act(ledger.PaymentAnswered{Till: s.till(), Original: "p5", Outcome: ledger.Approved})
	s.sell("R6", paid("p6", "card", cny(900), ledger.Unknown))
	s.act(ledger.PaymentReversed{Till: s.till(), Original: "p6", Cause: "timeout"})
	practice := s.till()
	practice.Mode = ledger.Training
	s.act(ledger.SaleRecorded{Till: practice, Sale: "R7", Tenders: []ledger.Tender{paid("p7", "cash", cny(123456), ledger.Approved)}, Total: cny(123456),
		Lines: []ledger.SaleLine{{QtyMilli: 1000, Unit: cny(123456), Net: cny(123456)}}})
	s.sell("R8", paid("p8", "card", ledger.Minor(1234, "JPY"), ledger.Approved))
	s.sell("R9", paid("p9", "card", ledger.Minor(1234, "KWD"), ledger.Approved))
	taken := s.till()
	s.say(ledger.FeedStream("T1", ""), ledger.ActionQuarantined{Till: taken, Type: "sale-recorded.v1", Action: []byte(`{"sale":"R0"}`), Digest: "aa", Kept: "bb"})

	s.bill(billSHA, "", 1, 9940)
	account := ledger.Stream("statement", accountSHA)
	s.say(account, reconcile.LinesRecorded{Statement: accountSHA, Lines: []reconcile.Line{
		{Row: 6, Kind: reconcile.SaleLine, Day: monday, At: time.Date(2026, 1, 5, 9, 1, 30, 0, shanghai), Currency: "CNY", Gross: 10000, Net: 10000, OrderNo: "o-p1", RawKind: "在线支付", Raw: "o-p1,在线支付"},
		{Row: 7, Kind: reconcile.PayoutLine, Day: monday, Currency: "CNY", Gross: -8052, Net: -8052, RawKind: "提现", Raw: "提现"}}})
	s.say(account, reconcile.StatementImported{Statement: accountSHA, File: "fund.csv", Format: "alipay-fund", Kind: reconcile.ProviderAccount, Sender: "alipay", Account: "2088",
		From: monday, To: monday, Lines: 2, Pages: 1, Totals: []reconcile.Total{{Currency: "CNY", Lines: 2, Gross: 1948, Net: 1948}}, Version: 1})
	bank := ledger.Stream("statement", bankSHA)
	s.say(bank, reconcile.LinesRecorded{Statement: bankSHA, Lines: []reconcile.Line{
		{Row: 3, Kind: reconcile.PayoutLine, Day: monday.AddDays(1), Currency: "CNY", Net: 8052, Counterparty: "支付宝", Memo: "20260105 结算", Raw: "…"}}})
	s.say(bank, ledger.RowsQuarantined{Statement: bankSHA, Rows: []ledger.RowQuarantined{{Row: 4, Raw: "…", Faults: []ledger.Fault{{Column: "贷方", Value: "x", Why: "this is %d", Args: []string{"1"}}}}}})
	s.say(bank, reconcile.StatementImported{Statement: bankSHA, File: "bank.csv", Format: "icbc-corporate", Kind: reconcile.BankStatement, Sender: "icbc",
		From: monday.AddDays(1), To: monday.AddDays(1), Lines: 1, Pages: 1, Totals: []reconcile.Total{{Currency: "CNY", Lines: 1, Net: 8052}}, Version: 1, Quarantined: 1})
	s.say(ledger.Stream("tillfile", "7b"), ledger.RowsQuarantined{Statement: "7b", Rows: []ledger.RowQuarantined{{Row: 9, Faults: []ledger.Fault{{Why: "not JSON"}}}}})
	s.say(ledger.DayStream(monday), ledger.UnreadMended{File: "7b", Day: monday, By: "7c"})
	s.say(ledger.Stream("deposit", "S1", "CNY", monday.AddDays(1).String()), reconcile.DepositReckoned{Store: "S1", Currency: "CNY", Due: monday.AddDays(1), Days: []ledger.BusinessDay{monday},
		Takings: reconcile.Takings{Sold: 1000, ToDeposit: 990, OverShort: -10}, Received: 990, Credits: []string{"c:3"}, State: reconcile.PayoutReceived})
	s.say("unheard-of", ledger.StoredayOpened{Store: "S1", Day: day("2031-01-05")}) // a clock far ahead
	s.say("unheard-of", ledger.StoredayOpened{Store: "S1", Day: monday})            // of no interest to tables

	outcome, late := ledger.Stream("outcome", monday.String()), ledger.Stream("late", monday.String())
	first := reconcile.Match{ID: "m1", Rule: "M3", Day: monday, Items: []string{"T1//2/0"}, Lines: []string{"b11111111111:6"}, Gross: cny(10000)}
	second := reconcile.Match{ID: "m2", Rule: "M7", Day: monday, Items: []string{"T1//3/0"}, Lines: []string{"b11111111111:7", "b11111111111:8"}, Gross: cny(-2000)}
	across := reconcile.Match{ID: "m8", Rule: "M8", Day: monday, Items: []string{"T1//9/0"}, Lines: []string{"e44444444444:5"}, Gross: cny(800)}
	missing := reconcile.Break{ID: "k1", Kind: reconcile.MissingInSettlement, Leg: reconcile.PaymentLeg, Day: monday, BusinessDay: monday, Provider: "wechat", Channel: "wechat",
		Store: "S1", Terminal: "T1", Reference: "p3b", Expected: cny(2000), Actual: cny(0), Items: []string{"T1//5/1"}, Position: 6}
	fee := reconcile.Break{ID: "k2", Kind: reconcile.FeeDeviation, Leg: reconcile.FeeLeg, Day: monday, BusinessDay: monday, Provider: "alipay", Channel: "alipay",
		Reference: "p1", Expected: cny(-55), Actual: cny(-60), Lines: []string{"b11111111111:6"}, Items: []string{"T1//2/0"}, Rule: "M3"}
	foreign := reconcile.Break{ID: "k3", Kind: reconcile.CurrencyMismatch, Leg: reconcile.PaymentLeg, Day: monday, BusinessDay: monday, Provider: "card", Channel: "card",
		Reference: "p8", Expected: ledger.Minor(1234, "JPY"), Actual: ledger.Minor(1234, "KWD"), Rule: "M5"}
	sheet := reconcile.Sheet{Provider: "alipay", Channel: "alipay", Currency: "CNY", Reported: true,
		Ledger: reconcile.Sum{Count: 3, Amount: 8800}, Matched: reconcile.Sum{Count: 2, Amount: 8000}, Open: reconcile.Sum{Count: 1, Amount: 800},
		Bill: reconcile.Total{Currency: "CNY", Lines: 2, Gross: 8000, Discount: -100, Fee: 48, Net: 8052}, MatchedLines: reconcile.Sum{Count: 2, Amount: 8000}, ContractFee: 43}
	gone := reconcile.Sheet{Provider: "gone", Channel: "card", Currency: "CNY", Ledger: reconcile.Sum{Count: 1, Amount: 1}}

	s.say(outcome, reconcile.MatchesMade{Day: monday, Matches: []reconcile.Match{first, second}})
	s.say(outcome, reconcile.BreakOpened{Break: missing})
	s.say(outcome, reconcile.BreakOpened{Break: fee})
	s.say(outcome, reconcile.BreakOpened{Break: foreign})
	s.say(outcome, reconcile.LeftOpen{Items: []reconcile.Item{{ID: "T1//9/0", Amount: cny(800)}}})
	s.say(outcome, reconcile.DayJoined{Day: monday, Terms: "t1", Statements: []string{billSHA}, LeftOpen: 1, Sheets: []reconcile.Sheet{sheet, gone}})
	s.say(late, reconcile.MatchesMade{Day: monday, Matches: []reconcile.Match{across}})
	s.say(late, reconcile.DayConcluded{Day: monday, Late: []reconcile.LateSum{{Provider: "alipay", Currency: "CNY", Items: reconcile.Sum{Count: 9, Amount: 99}}}})
	s.say(ledger.Stream("late", "2026-01-06"), reconcile.MatchesMade{Day: monday.AddDays(1), Matches: []reconcile.Match{across}})
	s.say("payout-alipay.CNY.2026-01-06", reconcile.PayoutReckoned{Provider: "alipay", Channel: "alipay", Currency: "CNY", Due: monday.AddDays(1),
		Days: []ledger.BusinessDay{monday}, Expected: 8052, State: reconcile.PayoutPending})

	// The bill is corrected, and what stood on it is taken back or said anew.
	s.bill(correctionSHA, billSHA, 2, 9945)
	s.say(outcome, reconcile.MatchesUndone{Day: monday, Matches: []reconcile.Match{second}})
	s.say(outcome, reconcile.BreakClosed{Break: fee})
	for _, done := range []any{
		reconcile.BreakAssigned{Break: missing.ID, To: "li.na", Due: monday.AddDays(4), By: "wang.wei"},
		reconcile.BreakCommented{Break: missing.ID, Text: "asked", By: "li.na"},
		reconcile.BreakExplained{Break: missing.ID, Cause: "late_file", By: "li.na"},
		reconcile.AdjustmentProposed{Break: missing, Adjustment: reconcile.Adjustment{Kind: reconcile.Claim, Reason: "ours"}, By: "li.na"},
		reconcile.AdjustmentApproved{Break: missing.ID, Adjustment: reconcile.Adjustment{Kind: reconcile.Claim, Reason: "ours"}, Day: monday.AddDays(2), ProposedBy: "li.na", By: "wang.wei",
			Postings: []reconcile.Posting{{Account: "claims:alipay", Amount: missing.Expected}, {Account: "receivable:alipay", Amount: missing.Expected.Neg()}}},
	} {
		s.say(ledger.Stream("break", missing.ID), done)
	}
	s.say(outcome, reconcile.BreakClosed{Break: missing})
	s.say(outcome, reconcile.BreakOpened{Break: missing})
	s.say(outcome, reconcile.DayJoined{Day: monday, Terms: "t1", Statements: []string{correctionSHA}, Sheets: []reconcile.Sheet{sheet}})
	s.say(late, reconcile.MatchesUndone{Day: monday, Matches: []reconcile.Match{across}})
	s.say(late, reconcile.DayConcluded{Day: monday, Late: []reconcile.LateSum{{Provider: "alipay", Currency: "CNY", Items: reconcile.Sum{Count: 1, Amount: 800}}}})
	s.say("payout-alipay.CNY.2026-01-06", reconcile.PayoutReckoned{Provider: "alipay", Channel: "alipay", Currency: "CNY", Due: monday.AddDays(1),
		Days: []ledger.BusinessDay{monday}, Expected: 8052, Received: 8052, Credits: []string{"d33333333333:3"}, State: reconcile.PayoutReceived})

	// What comes for a day that is locked is listed under the next.
	saturday := monday.AddDays(-2)
	s.say("close-all", reconcile.DayLocked{Day: saturday, Digest: "d", PreparedBy: "li.na", By: "zhao.min", Position: 1})
	s.say(ledger.Stream("outcome", saturday.String()), reconcile.BreakOpened{Break: reconcile.Break{ID: "k4", Kind: reconcile.MissingInLedger, Leg: reconcile.PaymentLeg,
		Day: saturday, BusinessDay: saturday, Provider: "alipay", Channel: "alipay", Reference: "late", Expected: cny(0), Actual: cny(7)}})

	// Another terminal, whose till tells of its drawer and shift, and whose numbers have a hole.
	for _, at := range []func(ledger.Till) ledger.Action{
		func(head ledger.Till) ledger.Action { return ledger.ShiftOpened{Till: head, Shift: "early"} },
		func(head ledger.Till) ledger.Action {
			return ledger.DrawerOpened{Till: head, Drawer: "D1", Float: cny(50000)}
		},
		func(head ledger.Till) ledger.Action {
			return ledger.SaleRecorded{Till: head, Sale: "R10", Begun: head.At.Add(-42500 * time.Millisecond), Total: cny(3000), Tax: cny(300),
				Lines: []ledger.SaleLine{{SKU: "4711", QtyMilli: 2000, Unit: cny(1350), Net: cny(2700), Tax: cny(300)}}, Tenders: []ledger.Tender{paid("p10", "cash", cny(3000), ledger.Approved)}}
		},
		func(head ledger.Till) ledger.Action {
			return ledger.CashPaidIn{Till: head, Drawer: "D1", Amount: cny(20000), Reason: "change"}
		},
		func(head ledger.Till) ledger.Action {
			return ledger.CashPaidOut{Till: head, Drawer: "D1", Amount: cny(60000), Reason: "safe"}
		},
		func(head ledger.Till) ledger.Action {
			return ledger.RefundRecorded{Till: head, Refund: "R10-1", Original: "R10", Total: cny(1000), Tenders: []ledger.Tender{paid("r10", "cash", cny(1000), ledger.Approved)}}
		},
		func(head ledger.Till) ledger.Action {
			return ledger.DrawerOpenedNoSale{Till: head, Drawer: "D1", Reason: "gave change"}
		},
		func(head ledger.Till) ledger.Action {
			return ledger.DrawerCounted{Till: head, Drawer: "D1", Counted: cny(11990)}
		},
		func(head ledger.Till) ledger.Action { return ledger.ShiftClosed{Till: head, Shift: "early"} },
		func(head ledger.Till) ledger.Action { return ledger.CashierSignedOff{Till: head} },
		func(head ledger.Till) ledger.Action {
			return ledger.BatchClosed{Till: head, Batch: "000013", Sales: ledger.BatchTotal{Count: 2, Amount: cny(7900)}, Voids: ledger.BatchTotal{Count: 1, Amount: cny(7000)}}
		},
	} {
		head := s.till()
		head.Terminal = "T2"
		s.act(at(head))
	}
	s.say(ledger.FeedStream("T2", ""), ledger.FeedAccepted{Terminal: "T2", Seen: []ledger.Run{{Span: ledger.Span{From: 1, To: 3}, Store: "S1", Day: monday}}})
	s.say(ledger.FeedStream("T2", ""), ledger.FeedAccepted{Terminal: "T2",
		Seen: []ledger.Run{{Span: ledger.Span{From: 1, To: 3}, Store: "S1", Day: monday}, {Span: ledger.Span{From: 7, To: 20}, Store: "S1", Day: monday}},
		Gaps: []ledger.Gap{{Span: ledger.Span{From: 4, To: 6}, Store: "S1", Day: monday}}})
	s.goods()
	s.people()
	return s
}
