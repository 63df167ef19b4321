package simulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/adapters/simulator"
)

// The next day's bills hold the late payments and nothing else, and the bank pays them.
func TestNext(t *testing.T) {
	day := generate(t, 2, 500, 6)
	late := map[string]int64{}
	for _, b := range day.Key.Breaks {
		if b.Kind == simulator.TimingNextDay {
			late[b.Channel] += b.ExpectedMinor
		}
	}
	of := texts(t, day.Next())
	net := map[string]int64{}
	for _, total := range addUp(t, of) {
		if total.GrossMinor != late[total.Channel] {
			t.Errorf("%s: the next bill comes to %d, late are %d", total.Channel, total.GrossMinor, late[total.Channel])
		}
		if total.Lines > 0 { // a provider whose bill of the day before is late has nothing of it in the next
			net[total.Channel] = total.NetMinor
		}
	}
	footersTie(t, of, nil)
	for i, r := range bankRows(t, of) {
		if !strings.HasPrefix(r["交易时间"], "2026-01-07 ") {
			t.Errorf("row %d of the bank statement is of %s", i, r["交易时间"])
		}
		for payer, channel := range map[string]string{"通联支付": "card", "支付宝": "alipay", "财付通": "wechat"} {
			if strings.Contains(r["对方单位"], payer) {
				if got := fen(t, r["转入金额"]); got != net[channel] {
					t.Errorf("%s pays %d, want %d", payer, got, net[channel])
				}
				delete(net, channel)
			}
		}
	}
	if len(net) > 0 {
		t.Errorf("not paid: %v", net)
	}
	for _, r := range allinpayRows(t, of) {
		if r["交易日期"] != "2026-01-06" {
			t.Errorf("a late line is of %s", r["交易日期"])
		}
	}
	// The account goes on where it stood.
	before := bankRows(t, texts(t, day.Files))
	first := bankRows(t, of)[0]
	if got, want := fen(t, first["余额"])-fen(t, first["转入金额"]), fen(t, before[len(before)-1]["余额"]); got != want {
		t.Errorf("the statement opens at %d, the one before closed at %d", got, want)
	}
}

func TestCorrection(t *testing.T) {
	if _, _, ok := generate(t, 2, 500, 0).Correction(); ok {
		t.Error("a quiet day has a correction")
	}
	day := generate(t, 2, 500, 3)
	file, key, ok := day.Correction()
	if !ok {
		t.Fatal("no correction")
	}
	of := texts(t, day.Files)
	was, is := allinpayRows(t, of), allinpayRows(t, map[string]string{file.Name: string(file.Data)})
	changed := 0
	for i := range was {
		if diff := cmp.Diff(was[i], is[i]); diff != "" {
			changed++
			was[i]["手续费"], was[i]["结算金额"] = is[i]["手续费"], is[i]["结算金额"]
			if diff := cmp.Diff(was[i], is[i]); diff != "" {
				t.Errorf("more than a fee has changed: %s", diff)
			}
		}
	}
	if changed != 1 || len(was) != len(is) {
		t.Errorf("%d of %d rows changed in %d", changed, len(was), len(is))
	}
	corrected := 0
	day.Files = slices.Clone(day.Files)
	for i := range day.Files {
		if strings.HasPrefix(day.Files[i].Name, "allinpay") {
			day.Files[i].Data = file.Data
			corrected++
		}
	}
	of = texts(t, day.Files)
	got := addUp(t, of)
	for i := range got {
		got[i].Matched = key.Totals[i].Matched
	}
	if diff := cmp.Diff(key.Totals, got); diff != "" || corrected != 1 {
		t.Errorf("corrected key against files: %s", diff)
	}
	bankTies(t, of, key)
	if len(key.Breaks) != len(day.Key.Breaks)-1 {
		t.Errorf("%d breaks after the correction of one, %d before", len(key.Breaks), len(day.Key.Breaks))
	}
}
