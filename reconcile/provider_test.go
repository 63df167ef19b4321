package reconcile_test

import (
	"slices"
	"testing"

	"daybook/ledger"
	"daybook/reconcile"

	"pgregory.net/rapid"
)

func TestFee(t *testing.T) {
	sale := func(gross int64) reconcile.Line { return reconcile.Line{Day: monday, Currency: "CNY", Gross: gross} }
	with := func(line reconcile.Line, change func(*reconcile.Line)) reconcile.Line { change(&line); return line }
	rate := func(ppm ledger.Rate) []reconcile.FeeRule { return []reconcile.FeeRule{{Rate: ppm}} }
	capped := []reconcile.FeeRule{{Rate: 5_000, Min: 8, Cap: 2_000}}
	none := reconcile.Turnover{}
	tiers := func(volume reconcile.Volume) []reconcile.FeeRule {
		return []reconcile.FeeRule{{Rate: 6_000, Volume: volume, Tiers: []reconcile.Tier{{From: 100_000, Rate: 5_000}, {From: 300_000, Rate: 4_000}}}}
	}
	before := func(minor int64) reconcile.Turnover { return reconcile.Turnover{Before: minor, Month: 1 << 40} }
	month := func(minor int64) reconcile.Turnover { return reconcile.Turnover{Month: minor} }
	card := func(number string) reconcile.Line {
		return with(sale(10_000), func(l *reconcile.Line) { l.Card, _ = ledger.ParseCardRef(number) })
	}
	visa := []reconcile.FeeRule{{Scheme: "visa", Rate: 20_000}, {Rate: 6_000}}
	tests := []struct {
		name   string
		rules  []reconcile.FeeRule
		line   reconcile.Line
		want   int64
		agreed bool

		turnover reconcile.Turnover
	}{
		{"rounded up", rate(6_000), sale(19_999), 120, true, none},
		{"rounded to nothing", rate(5_000), sale(99), 0, true, none},
		{"half a fen is one", rate(5_000), sale(100), 1, true, none},
		{"a rate in yen", rate(6_000), with(sale(19_999), func(l *reconcile.Line) { l.Currency = "JPY" }), 120, true, none},
		{"no cap in fen for yen", capped, with(sale(1_234_567), func(l *reconcile.Line) { l.Currency = "JPY" }), 0, false, none},
		{"no rung in fen for dinars", []reconcile.FeeRule{{AtLeast: 100_000, Rate: 3_000}, {Rate: 6_000}}, with(sale(99_999), func(l *reconcile.Line) { l.Currency = "KWD" }), 0, false, none},
		{"five of thirteen yuan", rate(3_800), sale(1_316), 5, true, none},
		{"without a cap", rate(5_000), sale(1_234_567), 6_173, true, none},
		{"cap", capped, sale(1_234_567), 2_000, true, none},
		{"at the cap", capped, sale(400_000), 2_000, true, none},
		{"below the cap", capped, sale(399_800), 1_999, true, none},
		{"minimum", capped, sale(100), 8, true, none},
		{"refund returns the fee", capped, sale(-1_234_567), -2_000, true, none},
		{"refund returns the minimum", capped, sale(-100), -8, true, none},
		{"on what is settled", rate(6_000), with(sale(20_000), func(l *reconcile.Line) { l.Discount = 10_000 }), 60, true, none},
		{"refund of what was settled", rate(6_000), with(sale(-20_000), func(l *reconcile.Line) { l.Discount = -10_000 }), -60, true, none},
		{"first rule that fits", []reconcile.FeeRule{{CardKind: "debit", Rate: 1}, {CardKind: "credit", Rate: 6_000}, {Rate: 10_000}},
			with(sale(10_000), func(l *reconcile.Line) { l.CardKind = "credit" }), 60, true, none},
		{"rule for the rest", []reconcile.FeeRule{{CardKind: "debit", Rate: 1}, {Rate: 10_000}},
			with(sale(10_000), func(l *reconcile.Line) { l.CardKind = "foreign" }), 100, true, none},
		{"flat on top", []reconcile.FeeRule{{Rate: 6_000, Flat: 30}}, sale(10_000), 90, true, none},
		{"flat alone, given back", []reconcile.FeeRule{{Flat: 30}}, sale(-10_000), -30, true, none},
		{"the cap holds for both", []reconcile.FeeRule{{Rate: 6_000, Flat: 30, Cap: 80}}, sale(10_000), 80, true, none},
		{"upper rung", []reconcile.FeeRule{{AtLeast: 100_000, Rate: 3_000}, {Rate: 6_000}}, sale(100_000), 300, true, none},
		{"lower rung", []reconcile.FeeRule{{AtLeast: 100_000, Rate: 3_000}, {Rate: 6_000}}, sale(99_999), 600, true, none},
		{"rung of a refund", []reconcile.FeeRule{{AtLeast: 100_000, Rate: 3_000}, {Rate: 6_000}}, sale(-100_000), -300, true, none},
		{"merchant id", []reconcile.FeeRule{{MID: "M1", Rate: 1_000}, {Rate: 6_000}}, with(sale(10_000), func(l *reconcile.Line) { l.MID = "M1" }), 10, true, none},
		{"another merchant id", []reconcile.FeeRule{{MID: "M1", Rate: 1_000}, {Rate: 6_000}}, with(sale(10_000), func(l *reconcile.Line) { l.MID = "M2" }), 60, true, none},
		{"half to even, down", []reconcile.FeeRule{{Rate: 5_000, Rounding: ledger.HalfEven}}, sale(100), 0, true, none},
		{"half to even, up", []reconcile.FeeRule{{Rate: 5_000, Rounding: ledger.HalfEven}}, sale(300), 2, true, none},
		{"always up", []reconcile.FeeRule{{Rate: 5_000, Rounding: ledger.Up}}, sale(1), 1, true, none},
		{"always up, exact", []reconcile.FeeRule{{Rate: 5_000, Rounding: ledger.Up}}, sale(200), 1, true, none},
		{"always down", []reconcile.FeeRule{{Rate: 5_000, Rounding: ledger.Down}}, sale(399), 1, true, none},
		{"no rule", []reconcile.FeeRule{{CardKind: "debit", Rate: 1}}, with(sale(10_000), func(l *reconcile.Line) { l.CardKind = "credit" }), 0, false, none},
		{"below the first tier", tiers(reconcile.Marginal), sale(50_000), 300, true, before(50_000)},
		{"across one tier", tiers(reconcile.Marginal), sale(50_000), 275, true, before(75_000)},
		{"across two tiers", tiers(reconcile.Marginal), sale(400_000), 600 + 1_000 + 400, true, before(0)},
		{"back down the tiers", tiers(reconcile.Marginal), sale(-400_000), -600 - 1_000 - 400, true, before(400_000)},
		{"more back than sold", tiers(reconcile.Marginal), sale(-10_000), -60, true, before(0)},
		{"parts are rounded once", tiers(reconcile.Marginal), sale(200), 1, true, before(99_900)},
		{"the month is below", tiers(reconcile.Whole), sale(50_000), 300, true, month(99_999)},
		{"the month reaches a tier", tiers(reconcile.Whole), sale(50_000), 250, true, month(100_000)},
		{"and its refunds too", tiers(reconcile.Whole), sale(-50_000), -200, true, month(300_000)},
		{"scheme by the card", visa, card("411111******1111"), 200, true, none},
		{"another scheme", visa, card("622202******3321"), 60, true, none},
		{"scheme by the bill", visa, with(card("622202******3321"), func(l *reconcile.Line) { l.Scheme = "visa" }), 200, true, none},
		{"nothing agreed", nil, sale(10_000), 0, false, none},
		{"last day of a rule", []reconcile.FeeRule{{Rate: 6_000, Until: monday}, {Rate: 1_000, From: monday.AddDays(1)}}, sale(10_000), 60, true, none},
		{"first day of the next", []reconcile.FeeRule{{Rate: 6_000, Until: monday.AddDays(-1)}, {Rate: 1_000, From: monday}}, sale(10_000), 10, true, none},
		{"between two rules", []reconcile.FeeRule{{Rate: 6_000, Until: monday.AddDays(-1)}, {Rate: 1_000, From: monday.AddDays(1)}}, sale(10_000), 0, false, none},
	}
	for _, test := range tests {
		got, agreed := (&reconcile.Provider{Currency: "CNY", Fees: test.rules}).Fee(&test.line, test.turnover)
		if got != test.want || agreed != test.agreed {
			t.Errorf("%s: %d, %v; want %d, %v", test.name, got, agreed, test.want, test.agreed)
		}
	}
	kept := reconcile.Provider{Currency: "CNY", Fees: capped, RefundKeepsFee: true}
	back, charged := sale(-1_234_567), sale(1_234_567)
	if got, agreed := kept.Fee(&back, reconcile.Turnover{}); got != 0 || !agreed {
		t.Errorf("a kept fee comes back as %d", got)
	}
	if got, _ := kept.Fee(&charged, reconcile.Turnover{}); got != 2_000 {
		t.Errorf("a sale under kept fees costs %d", got)
	}
}

// calendars draws days off and made-up workdays around the first months of 2026, also
// longer breaks than any public holiday.
func calendars(t *rapid.T) reconcile.Calendar {
	c := reconcile.Calendar{
		WorkingDaysOnly: rapid.Bool().Draw(t, "working days only"),
		Holidays:        map[ledger.BusinessDay]bool{}, Workdays: map[ledger.BusinessDay]bool{},
	}
	for range rapid.IntRange(0, 3).Draw(t, "holidays") {
		first := monday.AddDays(rapid.IntRange(-20, 40).Draw(t, "holiday"))
		for n := range rapid.IntRange(1, 25).Draw(t, "long") {
			c.Holidays[first.AddDays(n)] = true
		}
	}
	for _, n := range rapid.SliceOfN(rapid.IntRange(-20, 40), 0, 6).Draw(t, "made up") {
		c.Workdays[monday.AddDays(n)] = true
	}
	return c
}

func TestPaysIsTheInverseOfDue(t *testing.T) {
	several := 0
	rapid.Check(t, func(t *rapid.T) {
		terms := reconcile.PayoutTerms{Days: rapid.IntRange(0, 5).Draw(t, "T+"), Calendar: calendars(t)}
		day := monday.AddDays(rapid.IntRange(-10, 30).Draw(t, "day"))
		due := terms.Due(day)
		open := 0
		for d := day.AddDays(1); d.Compare(due) <= 0; d = d.AddDays(1) {
			if terms.Calendar.Open(d) {
				open++
			}
		}
		if open != terms.Days || terms.Days > 0 && !terms.Calendar.Open(due) {
			t.Fatalf("the bill of %s is due on %s, %d open days later, not %d", day, due, open, terms.Days)
		}
		if !slices.Contains(terms.Pays(due), day) {
			t.Fatalf("the bill of %s is due on %s, which pays %v", day, due, terms.Pays(due))
		}
		var pays []ledger.BusinessDay
		for d := day.AddDays(-60); d.Compare(day.AddDays(60)) <= 0; d = d.AddDays(1) {
			if terms.Due(d) == day {
				pays = append(pays, d)
			}
		}
		if got := terms.Pays(day); !slices.Equal(got, pays) {
			t.Fatalf("%s pays %v, want %v", day, got, pays)
		}
		if len(pays) > 1 {
			several++
		}
	})
	if several == 0 {
		t.Error("no payout of several days was drawn")
	}
}

func TestCalendar(t *testing.T) {
	saturday, tuesday := monday.AddDays(-2), monday.AddDays(1)
	working := reconcile.Calendar{
		WorkingDaysOnly: true,
		Holidays:        map[ledger.BusinessDay]bool{tuesday: true},
		Workdays:        map[ledger.BusinessDay]bool{saturday: true},
	}
	for day, want := range map[ledger.BusinessDay]bool{
		monday: true, tuesday: false, saturday: true, saturday.AddDays(1): false, saturday.AddDays(7): false,
	} {
		if working.Open(day) != want {
			t.Errorf("%s, a %s, is open: %v", day, day.Weekday(), !want)
		}
		if !(reconcile.Calendar{}).Open(day) {
			t.Errorf("%s is closed without a calendar", day)
		}
	}
	// A bill of Friday is paid on the Saturday that is worked, that of Monday after the holiday.
	terms := reconcile.PayoutTerms{Days: 1, Calendar: working}
	for day, want := range map[ledger.BusinessDay]ledger.BusinessDay{
		saturday.AddDays(-1): saturday, saturday: monday, saturday.AddDays(1): monday, monday: tuesday.AddDays(1), tuesday: tuesday.AddDays(1),
	} {
		if got := terms.Due(day); got != want {
			t.Errorf("the bill of %s is due on %s, want %s", day, got, want)
		}
	}
}

func TestProviderOf(t *testing.T) {
	terms := ourTerms()
	second := terms.Providers[0]
	second.ID, second.Accounts = "second", []string{"M2"}
	terms.Providers = append(terms.Providers, second)
	for _, test := range []struct {
		channel string
		mid     ledger.MID
		want    ledger.ProviderID
	}{{"card", "M1", "acquirer"}, {"card", "M2", "second"}, {"card", "M9", "acquirer"}, {"alipay", "", "wallet"}, {"cash", "", ""}} {
		provider, found := terms.ProviderOf(test.channel, test.mid)
		if found != (test.want != "") || found && provider.ID != test.want {
			t.Errorf("%s under %q is settled by %v", test.channel, test.mid, provider)
		}
	}
}
