package main

import (
	"context"
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

// lateSale is a till file with a sale of the scenario's day that nobody had heard of.
const lateSale = "txn_id,store_id,terminal_id,merchant_id,tender,txn_type,amount_fen,currency,local_time,batch_no,trace_no,rrn,auth_code,masked_pan,provider_order_no,orig_txn_id,status\n" +
	"L260105-9001,S002,01080399,104440353310031,card,sale,12345,CNY,2026-01-05 11:00:00,000001,000001,600511009001,,621483******0219,,,approved\n"

const nextDay = "2026-01-06"

func (p *program) nameAllOf(day string) {
	p.t.Helper()
	p.must(exitFine, "breaks", "assign", "--date", day, "--to", "li.na", "--due", "2026-01-09", "--as", "wang.wei", "--yes")
	p.must(exitFine, "breaks", "cause", "--date", day, "--cause", "late_file", "--as", "wang.wei", "--yes")
}

func (p *program) close(span ...string) {
	p.t.Helper()
	p.must(exitFine, append([]string{"close", "sign", "--as", "li.na"}, span...)...)
	p.must(exitFine, append([]string{"close", "lock", "--as", "zhao.min"}, span...)...)
}

// What comes for a locked day does not change it: it moves the next open day, with a link to
// the day and the file's row; and then the period is closed, and its evidence is the same
// bytes in whatever process it is written.
func TestWhatComesLateCountsOnTheNextOpenDay(t *testing.T) {
	t.Parallel()
	p, _ := scenario(t)
	nameAll(p)
	p.close("--date", scenarioDay)
	sheet := ask[status](p, "status", "--date", scenarioDay)
	evidence := filepath.Join(t.TempDir(), "before")
	p.must(exitFine, "close", "pack", "--date", scenarioDay, "--to", evidence)
	owed := ask[accountStatement](p, "statement", "--from", scenarioDay)

	file := writeFile(t, t.TempDir(), "late_till.csv", []byte(lateSale))
	p.must(exitFine, "import", file)
	after := ask[status](p, "status", "--date", scenarioDay)
	if diff := cmp.Diff(sheet.Providers, after.Providers); diff != "" {
		t.Errorf("the sheet of the locked day changed:\n%s", diff)
	}
	if diff := cmp.Diff(owed.Receivables, ask[accountStatement](p, "statement", "--from", scenarioDay).Receivables); diff != "" {
		t.Errorf("what was owed on the locked day changed:\n%s", diff)
	}
	again := filepath.Join(t.TempDir(), "after")
	p.must(exitFine, "close", "pack", "--date", scenarioDay, "--to", again)
	if before := packOf(t, evidence); !maps.Equal(before, packOf(t, again)) {
		t.Error("the evidence of the locked day changed")
	}

	// The next day has it, with the link.
	if len(after.Late) != 1 || after.Late[0].Day.String() != nextDay || after.Late[0].Of.String() != scenarioDay || after.Late[0].Sold != 12345 || after.Late[0].Movement != 12345 {
		t.Errorf("late: %+v", after.Late)
	}
	st := ask[closeStatus](p, "close", "status", "--date", nextDay)
	if len(st.Carried) != 1 || st.Carried[0].Of.String() != scenarioDay || st.Carried[0].Sold != 12345 {
		t.Errorf("carried: %+v", st.Carried)
	}
	if len(st.LateFacts) != 1 || st.LateFacts[0].File != "late_till.csv" || st.LateFacts[0].Row != 2 || st.LateFacts[0].Position == 0 {
		t.Errorf("late facts: %+v", st.LateFacts)
	}
	if len(st.LateBreaks) != 1 || st.LateBreaks[0].Reference != "L260105-9001" || st.LateBreaks[0].Day.String() != scenarioDay {
		t.Errorf("late differences: %+v", st.LateBreaks)
	}
	statement := ask[accountStatement](p, "statement", "--from", nextDay)
	for _, r := range statement.Receivables {
		if r.Closing != r.Opening+r.Sold-r.Coupons-r.ContractFee-r.Received+r.Adjusted {
			t.Errorf("%+v does not tie", r)
		}
		n := slices.IndexFunc(st.Balances, func(b reconcile.PeriodTotal) bool { return b.Provider == r.Provider })
		if b := st.Balances[n]; b.Opening != r.Opening || b.Closing != r.Closing || b.Late != r.Late {
			t.Errorf("the tables have %+v, the journal %+v", r, b)
		}
	}
	listed := ask[[]projections.BreakRow](p, "breaks", "list", "--date", nextDay)
	if len(listed) != 1 || listed[0].ID != st.LateBreaks[0].ID || listed[0].Day.String() != scenarioDay || listed[0].ListedOn.String() != nextDay {
		t.Errorf("listed under the next day: %+v", listed)
	}
	if got := p.must(exitOpen, "close", "status", "--date", nextDay); !strings.Contains(got, "late_till.csv:2") || !strings.Contains(got, "late difference of "+scenarioDay) {
		t.Errorf("the status is\n%s", got)
	}
	if got := p.must(exitFine, "close", "status", "--date", scenarioDay); !strings.Contains(got, "stays as signed") || !strings.Contains(got, "late_till.csv:2") {
		t.Errorf("the status of the locked day is\n%s", got)
	}
	if got := p.run("--lang", "zh", "close", "status", "--date", nextDay).stdout; !strings.Contains(got, "迟到差异") || !strings.Contains(got, "期初应收") {
		t.Errorf("in Chinese:\n%s", got)
	}

	// The period.
	period := []string{"--from", "2026-01-01", "--to", nextDay}
	p.refuses("not locked: "+nextDay, slices.Concat([]string{"close", "sign", "--as", "li.na"}, period)...)
	p.nameAllOf(nextDay)
	p.close("--date", nextDay)
	p.refuses("late for "+scenarioDay, "close", "reopen", "--date", scenarioDay, "--reason", "r", "--as", "zhao.min")
	p.must(exitFine, slices.Concat([]string{"close", "sign", "--as", "wang.wei"}, period)...)
	p.refuses("cannot lock it", slices.Concat([]string{"close", "lock", "--as", "wang.wei"}, period)...)
	p.must(exitFine, slices.Concat([]string{"close", "lock", "--as", "zhao.min"}, period)...)
	p.refuses("has days of this one", "close", "sign", "--month", "2026-01", "--as", "li.na")
	p.refuses("reopen it with", "close", "reopen", "--date", nextDay, "--reason", "r", "--as", "zhao.min")
	p.refuses("in one way", "close", "status", "--month", "2026-01", "--date", nextDay)
	p.refuses("no", "close", "status", "--month", "January")
	locked := ask[periodStatus](p, slices.Concat([]string{"close", "status"}, period)...)
	if locked.Locked == nil || locked.Changed || len(locked.Days) != 2 {
		t.Errorf("the period is %+v", locked)
	}
	for _, total := range locked.Totals {
		if total.Closing != total.Opening+total.Owed() {
			t.Errorf("%+v does not tie", total)
		}
	}

	// Its evidence, here and in another process, though more came in between.
	here, there := filepath.Join(t.TempDir(), "here"), filepath.Join(t.TempDir(), "deep", "there")
	p.must(exitFine, slices.Concat([]string{"close", "pack", "--dir", here}, period)...)
	p.must(exitFine, "import", writeFile(t, t.TempDir(), "later_till.csv", []byte(strings.NewReplacer("9001", "9002", ",000001\n", "").Replace(strings.Replace(lateSale, "01080399", "01080398", 1)))))
	// Under another configuration, too: the one that was signed counts.
	p.config = writeFile(t, t.TempDir(), "renamed.yaml", []byte(strings.Replace(readText(t, p.config), "name: 通联支付", "name: Allinpay", 1)))
	if got := elsewhere(t, append(os.Environ(), "TZ=America/New_York"), p.args(slices.Concat([]string{"close", "pack", "--dir", there}, period))...); got.code != exitFine {
		t.Fatalf("exit code %d\n%s", got.code, got.stderr)
	}
	pack := packOf(t, here)
	for name, data := range packOf(t, there) {
		if pack[name] != data {
			t.Errorf("%s is not the same bytes in another process", name)
		}
	}
	p.config = scenarioConfig
	checkBook(t, here, pack)
	p.must(exitFine, slices.Concat([]string{"close", "reopen", "--reason", "later sale", "--as", "zhao.min"}, period)...)
	p.must(exitFine, "close", "reopen", "--date", nextDay, "--reason", "later sale", "--as", "zhao.min")
}

// checkBook: the workbook has a sheet for each table, cell for cell, its numbers exact.
func checkBook(t *testing.T, dir string, pack map[string]string) {
	t.Helper()
	book, err := excelize.OpenFile(filepath.Join(dir, "pack.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for _, want := range []string{"totals", "days", "control_sheet", "differences", "matches", "cases", "entries", "rules", "contracts", "files", "signatures"} {
		if !slices.Contains(book.GetSheetList(), want) {
			t.Errorf("the workbook has no sheet %s", want)
		}
	}
	numbers := 0
	for _, sheet := range book.GetSheetList() {
		want, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(pack[sheet+".csv"], "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		got, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %d rows, of %d: %v", sheet, len(got), len(want), err)
		}
		for row := range want {
			for n, cell := range want[row] {
				text := ""
				if n < len(got[row]) {
					text = got[row][n]
				}
				if number, err := decimal.NewFromString(cell); err == nil && text != cell {
					numbers++
					if other, err := decimal.NewFromString(text); err != nil || !other.Equal(number) {
						t.Errorf("%s, row %d: %q became %q", sheet, row, cell, text)
					}
				} else if strings.TrimPrefix(cell, "'") != text {
					t.Errorf("%s, row %d: %q became %q", sheet, row, cell, text)
				}
			}
		}
	}
	if numbers == 0 {
		t.Error("the workbook has no number")
	}
}

// Two processes on one event store: one locks a day, the other approves an entry for it at
// the same instant. One of them is refused.
func TestNoEntrySlipsPastALockOnAnEventStore(t *testing.T) {
	t.Parallel()
	p, breaks := scenario(t)
	nameAll(p)
	settings, err := loadConfig(p.config)
	if err != nil {
		t.Fatal(err)
	}
	day, err := ledger.ParseBusinessDay(scenarioDay)
	if err != nil {
		t.Fatal(err)
	}
	lost := breaks["L260105-0002/missing_in_settlement"]
	ref := reconcile.BreakRef{ID: lost.ID, Position: lost.Position}
	address, _ := serving(t, p.data)
	ctx := context.Background()
	var desks []*reconcile.Desk
	codec := ledger.NewCodec(ledger.ActionKinds(), ledger.IntakeKinds(), reconcile.Kinds())
	for range 2 {
		journal, closeJournal, err := openEventStore(ctx, "esdb://"+address+"?tls=false")
		if err != nil {
			t.Fatal(err)
		}
		defer closeJournal()
		desks = append(desks, reconcile.NewDesk(journal, codec, settings.people))
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	writeOff := reconcile.Adjustment{Kind: reconcile.WrittenOff, Reason: "r"}
	for range 12 {
		must(desks[0].Sign(ctx, day, "li.na", settings.terms, settings.text))
		must(desks[0].Propose(ctx, ref, "li.na", writeOff))
		var wait sync.WaitGroup
		var approved, locked error
		wait.Go(func() { approved = desks[0].Approve(ctx, ref, "zhao.min", day) })
		wait.Go(func() { locked = desks[1].Lock(ctx, day, "zhao.min", settings.terms) })
		wait.Wait()
		switch {
		case (approved == nil) == (locked == nil):
			t.Fatalf("approved: %v; locked: %v", approved, locked)
		case approved == nil:
			must(desks[0].Reverse(ctx, ref, "zhao.min", "r", day))
		default:
			must(desks[0].Reopen(ctx, day, "zhao.min", "r"))
			must(desks[0].Reject(ctx, ref, "li.na", "r"))
		}
	}
}
