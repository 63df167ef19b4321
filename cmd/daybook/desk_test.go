package main

import (
	"slices"
	"strings"
	"testing"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

// scenario imports the scenario day and returns its breaks by reference.
func scenario(t *testing.T) (*program, map[string]projections.BreakRow) {
	t.Helper()
	p := newProgram(t, scenarioConfig)
	p.must(exitFine, append([]string{"import"}, scenarioFiles()...)...)
	byReference := map[string]projections.BreakRow{}
	for _, b := range p.breaks() {
		byReference[b.Reference+"/"+string(b.Kind)] = b
	}
	return p, byReference
}

func (p *program) refuses(want string, args ...string) {
	p.t.Helper()
	before := p.head()
	got := p.run(args...)
	if got.code != exitRefused || !strings.Contains(got.stderr, want) {
		p.t.Errorf("daybook %s: exit code %d, %s%s", strings.Join(args, " "), got.code, got.stdout, got.stderr)
	}
	if p.head() != before {
		p.t.Errorf("daybook %s was refused and yet wrote", strings.Join(args, " "))
	}
}

// accounts is the book as balances by account; it must add up to nothing in each currency.
func (p *program) accounts() map[reconcile.Account]int64 {
	p.t.Helper()
	balances, sums := map[reconcile.Account]int64{}, map[ledger.Currency]int64{}
	for _, a := range ask[[]projections.AccountRow](p, "book") {
		balances[a.Account] = a.Balance
		sums[a.Currency] += a.Balance
		if a.Debit-a.Credit != a.Balance {
			p.t.Errorf("account %+v", a)
		}
	}
	for currency, sum := range sums {
		if sum != 0 {
			p.t.Errorf("the book comes to %d %s: %v", sum, currency, balances)
		}
	}
	return balances
}

// A difference goes from hand to hand until it is written off: by one who proposes and
// another who approves, within a limit. What is refused writes nothing.
func TestADifferenceIsSettledByTwoPeople(t *testing.T) {
	t.Parallel()
	p, breaks := scenario(t)
	b := breaks["L260105-0002/missing_in_settlement"] // 338.70 CNY
	id := b.ID[:8]
	p.refuses("--as", "breaks", "assign", id, "--to", "li.na")
	p.refuses(`"nobody"`, "breaks", "assign", id, "--to", "li.na", "--as", "nobody")
	p.refuses(`"nobody"`, "breaks", "assign", id, "--to", "nobody", "--as", "wang.wei")
	p.must(exitFine, "breaks", "assign", id, "--to", "li.na", "--due", "2026-01-09", "--as", "wang.wei")
	p.must(exitFine, "breaks", "comment", id, "--text", "slip of 6222021234567890128 is here", "--as", "li.na")
	p.refuses(`"aliens"`, "breaks", "cause", id, "--cause", "aliens", "--as", "li.na")
	p.must(exitFine, "breaks", "cause", id, "--cause", "provider_error", "--as", "li.na")
	p.refuses("zhao.min", "breaks", "propose", id, "--how", "write_off", "--reason", "old", "--as", "zhao.min")
	p.refuses(`"loss"`, "breaks", "propose", id, "--how", "correction", "--account", "loss", "--reason", "old", "--as", "li.na")
	p.refuses("reason", "breaks", "propose", id, "--how", "write_off", "--as", "li.na")
	p.refuses("propose", "breaks", "approve", id, "--as", "wang.wei")
	p.must(exitFine, "breaks", "propose", id, "--how", "write_off", "--reason", "provider is gone", "--as", "wang.wei")
	p.refuses("wang.wei", "breaks", "propose", id, "--how", "accept", "--reason", "again", "--as", "li.na")
	p.refuses("cannot approve", "breaks", "approve", id, "--as", "wang.wei")
	p.refuses("li.na may not approve", "breaks", "approve", id, "--as", "li.na")
	if len(p.accounts()) != 0 {
		t.Errorf("a proposal is booked")
	}
	p.must(exitFine, "breaks", "approve", id, "--on", "2026-01-07", "--as", "zhao.min")
	if got := p.accounts(); got["write_off"] != 33870 || got["receivable:allinpay"] != -33870 || len(got) != 2 {
		t.Errorf("the book is %v", got)
	}
	detail := ask[[]projections.BreakDetail](p, "breaks", "show", b.ID)[0]
	if detail.State != "closed" || detail.Handling != reconcile.HandledOff || detail.Assignee != "li.na" || detail.Due.String() != "2026-01-09" || detail.Cause != "provider_error" {
		t.Errorf("written off: %+v", detail.BreakRow)
	}
	var did []string
	for _, h := range detail.History {
		did = append(did, h.What+" "+h.By)
	}
	if want := []string{"assigned wang.wei", "commented li.na", "explained li.na", "proposed wang.wei", "approved zhao.min"}; !slices.Equal(did, want) {
		t.Errorf("the history is %v", did)
	}
	if strings.Contains(strings.Join(journalLines(p.events()), "\n"), "6222021234567890128") {
		t.Errorf("the journal holds a card number of a comment")
	}
	if open := p.breaks(); len(open) != 11 {
		t.Errorf("%d differences are open", len(open))
	}
	p.refuses("zhao.min", "breaks", "propose", id, "--how", "accept", "--reason", "again", "--as", "li.na")
	p.refuses("cannot reverse", "breaks", "reverse", id, "--reason", "oops", "--as", "wang.wei")
	p.must(exitFine, "breaks", "reverse", id, "--reason", "they paid", "--as", "zhao.min", "--on", "2026-01-08")
	if got := p.accounts(); got["write_off"] != 0 || got["receivable:allinpay"] != 0 {
		t.Errorf("after the reversal the book is %v", got)
	}
	if open := p.breaks(); len(open) != 12 {
		t.Errorf("%d differences are open after the reversal", len(open))
	}
	tables := p.stored()
	p.look("refill")
	if got := p.stored(); got != tables {
		t.Errorf("filled again, the tables differ: %s", differenceOf(tables, got))
	}
}

// Limits hold by amount, sides by sign, and what has no money posts none.
func TestWhatMayBeProposedAndApproved(t *testing.T) {
	t.Parallel()
	p, breaks := scenario(t)
	surplus, fee, notReceived := projections.BreakRow{}, projections.BreakRow{}, projections.BreakRow{}
	for _, b := range breaks {
		switch b.Kind {
		case reconcile.MissingInLedger:
			surplus = b
		case reconcile.FeeDeviation:
			fee = b
		case reconcile.PayoutNotReceived:
			notReceived = b
		}
	}
	propose := func(id, how string, more ...string) []string {
		return append([]string{"breaks", "propose", id, "--how", how, "--reason", "r", "--as", "li.na"}, more...)
	}
	p.refuses("suspense", propose(surplus.ID, "claim")...)
	p.must(exitFine, propose(surplus.ID, "correction", "--account", "suspense")...)
	p.must(exitFine, "breaks", "approve", surplus.ID, "--as", "wang.wei")
	p.must(exitFine, propose(fee.ID, "claim")...)
	p.must(exitFine, "breaks", "approve", fee.ID, "--as", "wang.wei")
	p.must(exitFine, propose(notReceived.ID, "claim")...)
	p.refuses("100.00", "breaks", "approve", notReceived.ID, "--as", "wang.wei")
	p.must(exitFine, "breaks", "reject", notReceived.ID, "--reason", "wait for it", "--as", "li.na")
	p.refuses("propose", "breaks", "approve", notReceived.ID, "--as", "zhao.min")

	missing := fee.Actual - fee.Expected
	if got := p.accounts(); got["suspense"] != -surplus.Actual || got["claims:allinpay"] != missing || got["receivable:allinpay"] != surplus.Actual-missing {
		t.Errorf("the book is %v; surplus %d, fee %d", got, surplus.Actual, missing)
	}
	// A claim stays open until it is paid.
	for _, b := range p.breaks() {
		if b.ID == surplus.ID || b.ID == fee.ID && b.Handling != reconcile.HandledClaim {
			t.Errorf("open: %+v", b)
		}
	}
}

// Several differences are shown before anything is done to them.
func TestManyDifferencesAtOnce(t *testing.T) {
	t.Parallel()
	p, _ := scenario(t)
	head := p.head()
	if got := p.run("breaks", "assign", "--channel", "wechat", "--to", "li.na", "--as", "wang.wei"); got.code != exitFine || !strings.Contains(got.stderr, "--yes") || p.head() != head {
		t.Errorf("a preview: exit code %d, %s%s", got.code, got.stdout, got.stderr)
	}
	p.must(exitFine, "breaks", "assign", "--channel", "wechat", "--to", "li.na", "--as", "wang.wei", "--yes")
	assigned := 0
	for _, b := range p.breaks() {
		if (b.Channel == "wechat") != (b.Assignee == "li.na") {
			t.Errorf("%s of %s is assigned to %q", b.Reference, b.Channel, b.Assignee)
		}
		if b.Channel == "wechat" {
			assigned++
		}
	}
	if listed := ask[[]projections.BreakRow](p, "breaks", "list", "--handling", "assigned"); assigned == 0 || len(listed) != assigned {
		t.Errorf("%d of %d assigned are listed", len(listed), assigned)
	}
	p.refuses("--date", "breaks", "assign", "--to", "li.na", "--as", "wang.wei")
	p.refuses("nothing-like-it", "breaks", "assign", "nothing-like-it", "--to", "li.na", "--as", "wang.wei")
}

// What comes in later closes a difference by itself; an entry that was approved about it
// has to be taken back, and the list says so.
func TestOvertakenByALaterFile(t *testing.T) {
	t.Parallel()
	p, breaks := scenario(t)
	var lost, row projections.BreakRow
	for _, b := range breaks {
		if b.Kind == reconcile.MissingInSettlement && b.Provider == "allinpay" {
			lost = b
		}
		if b.Kind == reconcile.MissingInLedger {
			row = b
		}
	}
	p.must(exitFine, "breaks", "propose", lost.ID, "--how", "write_off", "--reason", "r", "--as", "li.na")
	p.must(exitFine, "breaks", "approve", lost.ID, "--as", "zhao.min")
	p.must(exitFine, "matches", "join", "--date", scenarioDay, "--payment", lost.Items[0], "--row", row.Lines[0], "--as", "li.na")
	overtaken := ask[[]projections.BreakRow](p, "breaks", "list", "--handling", "overtaken")
	if len(overtaken) != 1 || overtaken[0].ID != lost.ID || !overtaken[0].Overtaken {
		t.Fatalf("overtaken are %+v", overtaken)
	}
	p.refuses("closed by itself", "breaks", "propose", row.ID, "--how", "accept", "--reason", "r", "--as", "li.na")
	p.must(exitFine, "breaks", "reverse", lost.ID, "--reason", "it was found", "--as", "zhao.min")
	if list := ask[[]projections.BreakRow](p, "breaks", "list", "--handling", "overtaken"); len(list) != 0 {
		t.Errorf("still overtaken: %+v", list)
	}
	p.accounts()
}
