package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"daybook/projections"
	"daybook/reconcile"
)

// doubts are what is in doubt: by when each is expected.
func (p *program) doubts(args ...string) map[string]string {
	p.t.Helper()
	found := map[string]string{}
	for _, b := range ask[[]projections.BreakRow](p, append([]string{"breaks", "--doubt"}, args...)...) {
		found[b.Channel+" "+string(b.Kind)] = b.ExpectedBy.String()
	}
	return found
}

// What is missing and may still come is in doubt until it is due, and a difference from then
// on. What day it is only the files say, in whatever order they come, or --as-of.
func TestDoubt(t *testing.T) {
	t.Parallel()
	files := scenarioFiles()
	till, bills, bank := files[0], files[1:4], files[4]
	p := newProgram(t, scenarioConfig)
	p.must(exitFine, "import", till)
	waiting := map[string]string{"card file_missing": "2026-01-06", "alipay file_missing": "2026-01-06", "wechat file_missing": "2026-01-06"}
	if got := p.doubts(); !maps.Equal(got, waiting) || len(p.breaks()) != 0 && p.kinds()[reconcile.FileMissing] > 0 {
		t.Errorf("with the till alone in doubt are %v", got)
	}
	if out := p.run("status").stdout; !strings.Contains(out, "expected by") {
		t.Errorf("the sheet does not say what is expected:\n%s", out)
	}
	if n := len(ask[[]projections.BreakRow](p, "breaks", "--as-of", "2026-01-06", "--kind", "file_missing")); n != 3 {
		t.Errorf("on the next day %d bills are missing", n)
	}

	// With the bills the payouts are on their way, and the sale at 23:58 is in transit.
	p.must(exitFine, append([]string{"import"}, bills...)...)
	due := map[string]string{"card payout_not_received": "2026-01-06", "alipay payout_not_received": "2026-01-06", "wechat payout_not_received": "2026-01-06"}
	transit := ""
	for name, day := range p.doubts() {
		if strings.HasSuffix(name, " timing_next_day") {
			transit = name
		} else if due[name] != day {
			t.Errorf("in doubt: %s, expected by %s", name, day)
		}
	}
	if transit == "" || len(p.doubts()) != 4 || p.kinds()[reconcile.TimingNextDay]+p.kinds()[reconcile.PayoutNotReceived] != 0 {
		t.Errorf("in doubt are %v, differences %v", p.doubts(), p.kinds())
	}
	channel := strings.Fields(transit)[0]
	st := ask[status](p, "status")
	for _, s := range st.Providers {
		if s.Ledger != s.Matched+s.Late+s.Differing+s.Waiting {
			t.Errorf("the sheet does not tie: %+v", s)
		}
		if (s.WaitingCount == 1) != (s.Channel == channel) {
			t.Errorf("%s: %d payments wait", s.Channel, s.WaitingCount)
		}
	}
	for lang, word := range map[string]string{"en": "expected by", "zh": "存疑"} {
		if out := p.run("--lang", lang, "breaks", "--doubt").stdout; !strings.Contains(out, word) || !strings.Contains(out, "2026-01-06") {
			t.Errorf("in doubt is\n%s", out)
		}
	}
	// In the way of signing is nothing that is not due.
	differences := p.openChecks(reconcile.DifferencesNamed)
	for _, b := range ask[[]projections.BreakRow](p, "breaks", "--doubt") {
		if slices.Contains(differences, b.ID) {
			t.Errorf("%s is in the way of signing", b.Reference)
		}
	}
	// Another day for today changes what is shown, and nothing else.
	tables, head := p.stored(), p.head()
	if later := p.doubts("--as-of", "2026-01-06"); len(later) != 0 {
		t.Errorf("still in doubt on the next day: %v", later)
	}
	if kinds := ask[[]projections.BreakRow](p, "breaks", "--as-of", "2026-01-06", "--kind", "payout_not_received"); len(kinds) != 3 || !strings.Contains(p.run("breaks", "--as-of", "2026-01-06").stdout, "no bank statement of that day") {
		t.Errorf("payouts that were due: %v", kinds)
	}
	if p.stored() != tables || p.head() != head {
		t.Error("asking changed something")
	}

	// The bank statement is of the day on which all was due: what came has closed by itself,
	// and what did not is a difference: the answer key.
	p.must(exitFine, "import", bank)
	checkScenario(t, p)
	if left := p.doubts(); len(left) != 0 {
		t.Errorf("still in doubt: %v", left)
	}
	other := newProgram(t, scenarioConfig)
	other.must(exitFine, append([]string{"import", bank}, slices.Concat(bills, []string{till})...)...)
	if diff := difference(findings(p.breaks()), findings(other.breaks())); diff != "" {
		t.Errorf("in another order: %s", diff)
	}
}

// Calendars are data: the State Council's holidays and make-up days move what is due, the
// bank's book days move payouts, and the configuration adds days.
func TestCalendars(t *testing.T) {
	t.Parallel()
	text := readText(t, scenarioConfig)
	day := "2026-02-13" // a Friday; the 14th is worked, the 15th to the 23rd are off
	for _, test := range []struct{ name, payout, bank, extra, want string }{
		{"every day", "{days: 1, payer: [通联支付]}", "", "", "2026-02-14"},
		{"weekends only", "{days: 1, calendar: working_days, payer: [通联支付]}", "", "", "2026-02-16"},
		{"spring festival", "{days: 1, calendar: china, payer: [通联支付]}", "", "", "2026-02-14"},
		{"T+2", "{days: 2, calendar: china, payer: [通联支付]}", "", "", "2026-02-24"},
		{"an open day more", "{days: 2, calendar: china, workdays: [2026-02-21], payer: [通联支付]}", "", "", "2026-02-21"},
		{"the bank's days", "{days: 2, payer: [通联支付]}", ", calendar: china", "", "2026-02-24"},
		{"added for all", "{days: 2, calendar: china, payer: [通联支付]}", "", "calendars: {china: {holidays: [2026-02-24 … 2026-02-25]}}\n", "2026-02-26"},
		{"one's own", "{days: 1, calendar: mine, payer: [通联支付]}", "", "calendars: {mine: {holidays: [2026-02-16]}}\n", "2026-02-17"},
	} {
		before, rest, _ := strings.Cut(text, "    payout:\n      days: 1 ")
		_, after, found := strings.Cut(rest, "    fees:\n")
		config := before + "    payout: " + test.payout + "\n    fees:\n" + after
		config = strings.Replace(config, "currency: CNY}", "currency: CNY"+test.bank+"}", 1) + "\n" + test.extra
		if !found {
			t.Fatal("the scenario's payout has changed")
		}
		p := configured(t, []byte(config))
		p.must(exitFine, "import", allinpayBill(t, t.TempDir(), day, billRow{1, "622202******3321", "贷记卡", 10_000, 60}))
		if got := p.doubts()["card payout_not_received"]; got != test.want {
			t.Errorf("%s: the payout is expected by %s, not %s", test.name, got, test.want)
		}
	}
	for fault, config := range map[string]string{
		`"lunar"`:    strings.Replace(text, "payout: {days: 1, payer: [支付宝]}", "payout: {days: 1, calendar: lunar, payer: [支付宝]}", 1),
		`"abc"`:      strings.Replace(text, "payout: {days: 1, payer: [支付宝]}", "payout: {days: 1, bank: abc, payer: [支付宝]}", 1),
		"sixty days": text + "\ncalendars: {china: {holidays: [2026-02-24 … 2026-01-25]}}\n",
		"every_day":  text + "\ncalendars: {every_day: {holidays: [2026-02-24]}}\n",
	} {
		configured(t, []byte(config)).refuses(fault, "fees")
	}
}

// A till whose clock is years ahead does not end doubts: its day is no today, and the sheet
// says whose clock it is.
func TestClockAhead(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	files := scenarioFiles()
	p.must(exitFine, "import", files[0])
	before := p.doubts()
	wild := `{"kind":"sale","terminal":"S001T09","seq":1,"store":"S001","at":"2091-01-05T12:00:00+08:00","currency":"CNY","sale":"R-9","tenders":[{"payment":"P-9","channel":"cash","amount":"5.00","outcome":"approved"}],"total":"5.00"}`
	p.must(exitFine, "import", writeFile(t, t.TempDir(), "wild.ndjson", []byte(wild+"\n")))
	if after := p.doubts(); len(before) != 3 || !maps.Equal(after, before) {
		t.Errorf("in doubt are %v, before the clock went wrong %v", after, before)
	}
	st := ask[status](p, "status")
	if st.Day != scenarioDay || len(st.Ahead) != 1 || st.Ahead[0].Store != "S001" || !slices.Equal(st.Ahead[0].Terminals, []string{"S001T09"}) {
		t.Errorf("the sheet is of %s and says %+v", st.Day, st.Ahead)
	}
	if out := p.run("--lang", "zh", "status").stdout; !strings.Contains(out, "S001T09 的时钟") {
		t.Errorf("the sheet does not say whose clock it is:\n%s", out)
	}
}
