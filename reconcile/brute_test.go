package reconcile_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"daybook/ledger"
	"daybook/reconcile"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// brute pairs by looking at everything again and again, as the comment of Pair says. It
// knows no keys, maps or groups, only the question whether two rows name the same thing.
type brute struct {
	items  []*reconcile.Item
	lines  []*reconcile.Entry
	in     reconcile.Inputs
	joined []reference // of what was joined
	told   []placing
}

type placing struct {
	What, Rule   string
	Items, Lines []string
}

// reference is what items and lines are compared by.
type reference struct {
	provider            ledger.ProviderID
	direction           int64
	mid                 ledger.MID
	tid                 ledger.TID
	rrn                 ledger.RRN
	batch               ledger.BatchNo
	stan                ledger.STAN
	order, no, original string
	amount              ledger.Money
}

func ofItem(i *reconcile.Item) reference {
	r := reference{i.Provider, sign(i.Amount.Minor), i.MID, i.TID, i.RRN, i.Batch, i.STAN, i.OrderNo, i.ProviderNo, "", i.Amount}
	if i.Kind == reconcile.RefundLine {
		r.original = i.OriginalNo
	}
	return r
}

func ofLine(e *reconcile.Entry) reference {
	r := reference{e.Provider, sign(e.Gross), e.MID, e.TID, e.RRN, e.Batch, e.STAN, e.OrderNo, e.ProviderNo, "", ledger.Minor(e.Gross, e.Currency)}
	if e.Kind == reconcile.RefundLine && e.OrderNo == "" {
		r.original = e.OriginalNo
	}
	return r
}

// The ways in which two rows name the same payment, the amount apart.
var ways = []struct {
	rule string
	same func(a, b reference) bool
}{
	{"M1", func(a, b reference) bool { return a.rrn != "" && a.rrn == b.rrn && a.mid == b.mid && a.tid == b.tid }},
	{"M2", func(a, b reference) bool {
		return a.stan != "" && a.batch != "" && a.stan == b.stan && a.batch == b.batch && a.tid == b.tid
	}},
	{"M3", func(a, b reference) bool { return a.order != "" && a.order == b.order }},
	{"M3", func(a, b reference) bool { return a.no != "" && a.no == b.no }},
	{"M3", func(a, b reference) bool { return a.original != "" && a.original == b.original }},
}

func together(a, b reference) bool { return a.provider == b.provider && a.direction == b.direction }

func bruteForce(in reconcile.Inputs) []placing {
	b := &brute{in: in}
	for n := range in.Items {
		b.items = append(b.items, &in.Items[n])
	}
	for n := range in.Lines {
		b.lines = append(b.lines, &in.Lines[n])
	}
	slices.SortFunc(b.items, func(x, y *reconcile.Item) int {
		rank := func(i *reconcile.Item) int {
			return slices.Index([]reconcile.Expectation{reconcile.Settles, reconcile.Uncertain, reconcile.Reversed, reconcile.Declined}, i.Expect)
		}
		return cmp.Or(rank(x)-rank(y), x.At.Compare(y.At), len(x.ID)-len(y.ID), cmp.Compare(x.ID, y.ID))
	})
	slices.SortFunc(b.lines, func(x, y *reconcile.Entry) int {
		return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ProviderNo, y.ProviderNo), cmp.Compare(x.Statement, y.Statement), x.Row-y.Row)
	})
	b.noPayments()
	b.revoked()
	for _, way := range ways {
		b.exact(way.rule, way.same)
	}
	b.authCodes()
	for _, way := range ways {
		b.each(way.same, b.sums)
	}
	for _, way := range ways {
		b.each(way.same, b.mismatch)
	}
	b.otherTerminal()
	b.otherProvider(func(x, y reference) bool { return x.order != "" && x.order == y.order })
	b.otherProvider(func(x, y reference) bool { return x.rrn != "" && x.rrn == y.rrn && x.mid == y.mid && x.tid == y.tid })
	b.duplicates()
	b.voids()
	b.rest()
	slices.SortFunc(b.told, func(x, y placing) int {
		return cmp.Or(cmp.Compare(x.What, y.What), cmp.Compare(x.Rule, y.Rule), slices.Compare(x.Items, y.Items), slices.Compare(x.Lines, y.Lines))
	})
	return b.told
}

func (b *brute) tell(what, rule string, items []*reconcile.Item, lines []*reconcile.Entry) {
	p := placing{What: what, Rule: rule}
	for _, i := range items {
		p.Items = append(p.Items, i.ID)
		b.items = slices.DeleteFunc(slices.Clone(b.items), func(x *reconcile.Item) bool { return x == i })
		if len(lines) > 0 {
			b.joined = append(b.joined, ofItem(i))
		}
	}
	for _, e := range lines {
		p.Lines = append(p.Lines, e.ID)
		b.lines = slices.DeleteFunc(slices.Clone(b.lines), func(x *reconcile.Entry) bool { return x == e })
		if len(items) > 0 {
			b.joined = append(b.joined, ofLine(e))
		}
	}
	slices.Sort(p.Items)
	slices.Sort(p.Lines)
	b.told = append(b.told, p)
}

// belong says what it means that these belong together.
func (b *brute) belong(rule string, items []*reconcile.Item, lines []*reconcile.Entry) {
	switch items[0].Expect {
	case reconcile.Uncertain:
		b.tell(string(reconcile.TimeoutButSettled), rule, items, lines)
	case reconcile.Reversed:
		b.tell(string(reconcile.ReversedButSettled), rule, items, lines)
	case reconcile.Declined:
		b.tell(string(reconcile.UnexpectedLine), rule, items, lines)
	default:
		b.tell("match", rule, items, lines)
	}
}

func (b *brute) noPayments() {
	for _, e := range b.lines {
		switch e.Kind {
		case reconcile.ChargebackLine:
			b.tell(string(reconcile.Chargeback), "", nil, []*reconcile.Entry{e})
		case reconcile.FeeLine, reconcile.AdjustmentLine, reconcile.OtherLine, reconcile.PayoutLine:
			b.tell(string(reconcile.UnexpectedLine), "", nil, []*reconcile.Entry{e})
		}
	}
}

func (b *brute) revoked() {
	for _, e := range b.lines {
		if e.Kind != reconcile.ReversalLine {
			continue
		}
		if e.Gross == 0 {
			b.tell("cancelled", "", nil, []*reconcile.Entry{e})
			continue
		}
	search:
		for _, way := range []int{0, 2, 3} {
			for _, paid := range b.lines {
				x, y := ofLine(paid), ofLine(e)
				if revocable(paid.Kind) && x.provider == y.provider && x.amount == y.amount.Neg() && ways[way].same(x, y) {
					b.tell("cancelled", "", nil, []*reconcile.Entry{paid})
					b.tell("cancelled", "", nil, []*reconcile.Entry{e})
					break search
				}
			}
		}
	}
}

func (b *brute) exact(rule string, same func(a, b reference) bool) {
	for _, i := range b.items {
		for _, e := range b.lines {
			if x, y := ofItem(i), ofLine(e); together(x, y) && same(x, y) && x.amount == y.amount {
				b.belong(rule, []*reconcile.Item{i}, []*reconcile.Entry{e})
				break
			}
		}
	}
}

func (b *brute) authCodes() {
	could := func(i *reconcile.Item, e *reconcile.Entry) bool {
		x, y := ofItem(i), ofLine(e)
		return together(x, y) && x.amount == y.amount && x.tid == y.tid &&
			i.AuthCode != "" && i.AuthCode == e.AuthCode && !i.Card.IsZero() && !e.Card.IsZero() && i.Card.LastFour() == e.Card.LastFour() &&
			!e.At.IsZero() && e.At.Sub(i.At).Abs() <= 10*time.Minute &&
			(x.rrn == "" || y.rrn == "" || x.rrn == y.rrn) && (x.stan == "" || y.stan == "" || x.stan == y.stan)
	}
	for _, i := range b.items {
		if !slices.Contains(b.items, i) {
			continue // reached by an earlier one
		}
		items, lines := []*reconcile.Item{i}, []*reconcile.Entry(nil)
		for range len(b.items) + len(b.lines) { // as far as it can reach
			for _, e := range b.lines {
				if !slices.Contains(lines, e) && slices.ContainsFunc(items, func(i *reconcile.Item) bool { return could(i, e) }) {
					lines = append(lines, e)
				}
			}
			for _, i := range b.items {
				if !slices.Contains(items, i) && slices.ContainsFunc(lines, func(e *reconcile.Entry) bool { return could(i, e) }) {
					items = append(items, i)
				}
			}
		}
		switch {
		case len(items) == 1 && len(lines) == 1:
			b.belong("M4", items, lines)
		case len(lines) > 0:
			b.tell(string(reconcile.Ambiguous), "M4", items, lines)
		}
	}
}

// each calls judge with everything that names one thing and has both sides.
func (b *brute) each(same func(a, b reference) bool, judge func([]*reconcile.Item, []*reconcile.Entry)) {
	var looked []reference
	for _, first := range b.items {
		x := ofItem(first)
		alike := func(y reference) bool { return together(x, y) && same(x, y) }
		if slices.ContainsFunc(looked, alike) {
			continue
		}
		looked = append(looked, x)
		var items []*reconcile.Item
		var lines []*reconcile.Entry
		for _, i := range b.items {
			if alike(ofItem(i)) {
				items = append(items, i)
			}
		}
		for _, e := range b.lines {
			if alike(ofLine(e)) {
				lines = append(lines, e)
			}
		}
		if len(items) > 0 && len(lines) > 0 {
			judge(items, lines)
		}
	}
}

func (b *brute) sums(items []*reconcile.Item, lines []*reconcile.Entry) {
	items = slices.DeleteFunc(items, func(i *reconcile.Item) bool { return i.Expect != reconcile.Settles })
	if len(items) == 0 || len(items)+len(lines) == 2 {
		return
	}
	total := map[ledger.Currency]int64{}
	for _, i := range items {
		total[i.Amount.Currency] += i.Amount.Minor
	}
	for _, e := range lines {
		total[e.Currency] -= e.Gross
	}
	for _, left := range total {
		if left != 0 || len(total) > 1 { // nothing of another currency is no part of a sum
			return
		}
	}
	b.belong("M7", items, lines)
}

func (b *brute) mismatch(items []*reconcile.Item, lines []*reconcile.Entry) {
	if len(items) > 1 && len(lines) > 1 {
		for _, currency := range []ledger.Currency{"CNY", "JPY", "KWD"} {
			mine := slices.DeleteFunc(slices.Clone(items), func(i *reconcile.Item) bool { return i.Amount.Currency != currency })
			theirs := slices.DeleteFunc(slices.Clone(lines), func(e *reconcile.Entry) bool { return e.Currency != currency })
			if len(mine)+len(theirs) > 0 {
				b.tell(string(reconcile.Ambiguous), "M5", mine, theirs)
			}
		}
		return
	}
	switch i, e := items[0], lines[0]; {
	case i.Expect != reconcile.Settles:
		b.belong("M5", items[:1], lines[:1])
	case i.Amount.Currency != e.Currency:
		b.tell(string(reconcile.CurrencyMismatch), "M5", items[:1], lines[:1])
	default:
		b.tell(string(reconcile.AmountMismatch), "M5", items[:1], lines[:1])
	}
}

func (b *brute) otherTerminal() {
	b.each(func(x, y reference) bool { return x.rrn != "" && x.rrn == y.rrn && x.amount == y.amount }, func(items []*reconcile.Item, lines []*reconcile.Entry) {
		if len(items) == 1 && len(lines) == 1 && items[0].Expect == reconcile.Settles {
			b.tell(string(reconcile.TerminalMismatch), "M1", items, lines)
		}
	})
}

func (b *brute) otherProvider(same func(x, y reference) bool) {
	for _, i := range b.items {
		alike := func(y reference) bool { x := ofItem(i); return x.amount == y.amount && same(x, y) }
		var items []*reconcile.Item
		var lines []*reconcile.Entry
		for _, other := range b.items {
			if alike(ofItem(other)) {
				items = append(items, other)
			}
		}
		for _, e := range b.lines {
			if alike(ofLine(e)) {
				lines = append(lines, e)
			}
		}
		if len(items) == 1 && len(lines) == 1 && i.Expect == reconcile.Settles {
			b.tell(string(reconcile.MethodMismatch), "M3", items, lines)
		}
	}
}

func (b *brute) duplicates() {
	again := func(x reference, before []reference) bool {
		return slices.ContainsFunc(before, func(y reference) bool {
			return together(x, y) && slices.ContainsFunc(ways[:4], func(way struct {
				rule string
				same func(a, b reference) bool
			}) bool {
				return way.same(x, y)
			})
		})
	}
	known := slices.Clone(b.joined)
	for _, e := range b.lines {
		if again(ofLine(e), known) {
			b.tell(string(reconcile.DuplicateInSettlement), "", nil, []*reconcile.Entry{e})
		} else {
			known = append(known, ofLine(e))
		}
	}
	known = slices.Clone(b.joined)
	for _, i := range b.items {
		if i.Expect != reconcile.Settles || !b.in.Reported[i.Provider] {
			continue
		}
		if again(ofItem(i), known) {
			b.tell(string(reconcile.DuplicateInLedger), "", []*reconcile.Item{i}, nil)
		} else {
			known = append(known, ofItem(i))
		}
	}
}

func (b *brute) voids() {
	joined := map[string]bool{}
	for _, p := range b.told {
		for _, id := range p.Items {
			joined[id] = len(p.Lines) > 0
		}
	}
	all := slices.Clone(b.in.Items)
	in := bruteOrder(all)
	for _, void := range b.items {
		if void.Kind != reconcile.VoidLine || void.Expect != reconcile.Settles || !b.in.Reported[void.Provider] {
			continue
		}
		at := slices.IndexFunc(in, func(i *reconcile.Item) bool { return i.Kind == reconcile.SaleLine && i.Reference == void.Original })
		if at < 0 {
			continue
		}
		sale := slices.IndexFunc(b.items, func(i *reconcile.Item) bool { return i.ID == in[at].ID })
		switch {
		case joined[in[at].ID]:
			b.tell(string(reconcile.ReversedButSettled), "", []*reconcile.Item{void}, nil)
		case sale >= 0 && in[at].Expect == reconcile.Settles && in[at].Amount == void.Amount.Neg():
			s := b.items[sale]
			b.tell("absent", "", []*reconcile.Item{void}, nil)
			b.tell("absent", "", []*reconcile.Item{s}, nil)
		}
	}
}

// bruteOrder is the order of items, once more.
func bruteOrder(items []reconcile.Item) []*reconcile.Item {
	b := &brute{}
	for n := range items {
		b.items = append(b.items, &items[n])
	}
	expects := []reconcile.Expectation{reconcile.Settles, reconcile.Uncertain, reconcile.Reversed, reconcile.Declined}
	slices.SortFunc(b.items, func(x, y *reconcile.Item) int {
		return cmp.Or(slices.Index(expects, x.Expect)-slices.Index(expects, y.Expect), x.At.Compare(y.At), len(x.ID)-len(y.ID), cmp.Compare(x.ID, y.ID))
	})
	return b.items
}

func (b *brute) rest() {
	for _, i := range b.items {
		what := "open item"
		if !b.in.Reported[i.Provider] {
			what = "waiting"
		} else if i.Expect != reconcile.Settles {
			what = "absent"
		}
		b.tell(what, "", []*reconcile.Item{i}, nil)
	}
	for _, e := range b.lines {
		b.tell("open line", "", nil, []*reconcile.Entry{e})
	}
}

// placings writes an outcome in the same form.
func placings(out reconcile.Outcome) []placing {
	var told []placing
	for _, m := range out.Matches {
		told = append(told, placing{"match", m.Rule, m.Items, m.Lines})
	}
	for _, b := range out.Breaks {
		told = append(told, placing{string(b.Kind), b.Rule, b.Items, b.Lines})
	}
	for what, items := range map[string][]reconcile.Item{"absent": out.Absent, "waiting": out.Waiting, "open item": out.OpenItems} {
		for _, i := range items {
			told = append(told, placing{what, "", []string{i.ID}, nil})
		}
	}
	for what, lines := range map[string][]reconcile.Entry{"cancelled": out.Cancelled, "open line": out.OpenLines} {
		for _, e := range lines {
			told = append(told, placing{what, "", nil, []string{e.ID}})
		}
	}
	slices.SortFunc(told, func(x, y placing) int {
		return cmp.Or(cmp.Compare(x.What, y.What), cmp.Compare(x.Rule, y.Rule), slices.Compare(x.Items, y.Items), slices.Compare(x.Lines, y.Lines))
	})
	return told
}

func TestPairAgreesWithBruteForce(t *testing.T) {
	seen := tally{}
	rapid.Check(t, func(t *rapid.T) {
		in := drawInputs(t, 7)
		out := reconcile.Pair(ourTerms(), in)
		seen.count(out)
		if difference := gocmp.Diff(bruteForce(in), placings(out)); difference != "" {
			t.Fatalf("brute force (-) and Pair (+) differ:\n%s", difference)
		}
	})
	seen.saw(t, "M1", "M2", "M3", "M4", "M7", "absent", "cancelled", "waiting", "open items", "open lines",
		string(reconcile.Ambiguous), string(reconcile.AmountMismatch), string(reconcile.CurrencyMismatch), string(reconcile.TerminalMismatch),
		string(reconcile.MethodMismatch), string(reconcile.DuplicateInLedger), string(reconcile.DuplicateInSettlement),
		string(reconcile.TimeoutButSettled), string(reconcile.ReversedButSettled), string(reconcile.UnexpectedLine), string(reconcile.Chargeback))
}

// revocable: what pays, voids or gives back can be taken back by a reversal.
func revocable(kind reconcile.LineKind) bool {
	return kind == reconcile.SaleLine || kind == reconcile.RefundLine || kind == reconcile.VoidLine
}
