package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/adapters/simulator"
	"daybook/ledger"
)

// The key's totals, the bills' footers and the bank's balance, added up by hand.
func TestKeyTiesWithFiles(t *testing.T) {
	for seed := range uint64(4) {
		for _, breaks := range []int{0, 4} {
			t.Run(fmt.Sprintf("seed %d with %d", seed, breaks), func(t *testing.T) {
				day := generate(t, seed, 800, breaks)
				of := texts(t, day.Files)
				got := addUp(t, of)
				for i := range got {
					got[i].Matched = day.Key.Totals[i].Matched
				}
				if diff := cmp.Diff(day.Key.Totals, got); diff != "" {
					t.Errorf("key against files: %s", diff)
				}
				footersTie(t, of, day.Key.Breaks)
				bankTies(t, of, day.Key)
				if n := len(actions(t, of)); n != day.Key.Actions {
					t.Errorf("%d actions, the key says %d", n, day.Key.Actions)
				}
				if n := got[0].Lines + got[1].Lines + got[2].Lines + got[3].Lines; n != day.Key.Lines {
					t.Errorf("%d lines, the key says %d", n, day.Key.Lines)
				}
			})
		}
	}
}

func addUp(t *testing.T, of map[string]string) []simulator.KeyTotal {
	t.Helper()
	allinpay := simulator.KeyTotal{Provider: "allinpay", Channel: "card", Currency: "CNY"}
	for _, r := range allinpayRows(t, of) {
		allinpay.Lines++
		allinpay.GrossMinor += fen(t, r["交易金额"])
		allinpay.FeeMinor += fen(t, r["手续费"])
		allinpay.NetMinor += fen(t, r["结算金额"])
	}
	alipay := simulator.KeyTotal{Provider: "alipay", Channel: "alipay", Currency: "CNY"}
	for _, r := range alipayRows(t, of) {
		alipay.Lines++
		alipay.GrossMinor += fen(t, r["订单金额（元）"])
		alipay.DiscountMinor += fen(t, r["商家优惠（元）"])
		alipay.FeeMinor -= fen(t, r["服务费（元）"])
		alipay.NetMinor += fen(t, r["商家实收（元）"]) + fen(t, r["服务费（元）"]) + fen(t, r["分润（元）"])
	}
	wechat := simulator.KeyTotal{Provider: "wechat", Channel: "wechat", Currency: "CNY"}
	for _, r := range wechatRows(t, of) {
		wechat.Lines++
		wechat.GrossMinor += fen(t, r["订单金额"]) - fen(t, r["申请退款金额"])
		wechat.DiscountMinor += fen(t, r["代金券金额"])
		wechat.FeeMinor += fen(t, r["手续费"])
		wechat.NetMinor += fen(t, r["应结订单金额"]) - fen(t, r["退款金额"]) - fen(t, r["手续费"])
	}
	unionpay := simulator.KeyTotal{Provider: "unionpay", Channel: "unionpay", Currency: "CNY"}
	for _, r := range unionpayRows(t, of) {
		unionpay.Lines++
		unionpay.GrossMinor += r.gross
		unionpay.FeeMinor -= r.fee
		unionpay.NetMinor += r.net
	}
	return []simulator.KeyTotal{allinpay, alipay, wechat, unionpay}
}

// footersTie: but for the one that the key says is wrong.
func footersTie(t *testing.T, of map[string]string, breaks []simulator.KeyBreak) {
	t.Helper()
	sales, refunds, received, back, given := 0, 0, int64(0), int64(0), int64(0)
	perStore := map[string]int64{}
	for _, r := range alipayRows(t, of) {
		amount := fen(t, r["商家实收（元）"])
		perStore[r["门店编号"]] += amount + fen(t, r["服务费（元）"])
		perStore["合计"] += amount + fen(t, r["服务费（元）"])
		if r["业务类型"] == "退款" {
			refunds, back = refunds+1, back+amount
			continue
		}
		sales, received, given = sales+1, received+amount, given+fen(t, r["商家优惠（元）"])
	}
	details := find(t, of, "业务明细.csv")
	for _, footer := range []string{
		fmt.Sprintf("#交易合计：%d笔，商家实收共%s元，商家优惠共%s元\n", sales, ledger.FormatMinor(received, "CNY"), ledger.FormatMinor(given, "CNY")),
		fmt.Sprintf("#退款合计：%d笔，商家实收退款共%s元，商家优惠退款共0.00元\n", refunds, ledger.FormatMinor(back, "CNY")),
	} {
		if !strings.Contains(details, footer) {
			t.Errorf("alipay's bill does not say %s", footer)
		}
	}
	for _, r := range table(find(t, of, "汇总"), "门店编号", "#") {
		if got, want := fen(t, r["实收净额（元）"]), perStore[r["门店编号"]]; got != want {
			t.Errorf("alipay's summary of %s says %d, the details %d", r["门店编号"], got, want)
		}
	}
	columns := map[string]string{
		"应结订单总金额": "应结订单金额", "退款总金额": "退款金额", "手续费总金额": "手续费", "订单总金额": "订单金额", "申请退款总金额": "申请退款金额",
	}
	for _, footer := range table(find(t, of, "All"), "总交易单数", "") {
		for total, column := range columns {
			sum := int64(0)
			for _, r := range wechatRows(t, of) {
				sum += fen(t, r[column])
			}
			got := fen(t, footer[total])
			if at := slices.IndexFunc(breaks, func(b simulator.KeyBreak) bool { return b.Kind == simulator.ControlTotalMismatch }); at >= 0 && total == "订单总金额" {
				b := breaks[at]
				if name, row, _ := strings.Cut(b.Reference, ":"); of[name] == "" || row != fmt.Sprint(strings.Count(of[name], "\n")) || b.ExpectedMinor != sum || b.ActualMinor != got || got == sum {
					t.Errorf("the key says %+v of a total of %d and rows of %d", b, got, sum)
				}
				continue
			}
			if got != sum {
				t.Errorf("wechat's %s is %d, its rows come to %d", total, got, sum)
			}
		}
	}
}

// bankTies: the balance runs, and what is paid is the net, less what the key says.
func bankTies(t *testing.T, of map[string]string, key simulator.Key) {
	t.Helper()
	paid := map[string]int64{}
	balance := int64(-1)
	for _, r := range bankRows(t, of) {
		in, out := int64(0), int64(0)
		if r["转入金额"] != "" {
			in = fen(t, r["转入金额"])
			account, _, _ := strings.Cut(r["附言"], " ")
			paid[account] = in
		}
		if r["转出金额"] != "" {
			out = fen(t, r["转出金额"])
		}
		after := fen(t, r["余额"])
		if balance >= 0 && balance+in-out != after {
			t.Errorf("balance %d after %d and %d in, %d out", after, balance, in, out)
		}
		balance = after
	}
	for i, account := range []string{"104440353310031", "20880000000000010156", "1900000001"} {
		want := key.Totals[i].NetMinor
		for _, b := range key.Breaks {
			if b.Reference == account+" 2026-01-05" {
				if b.ExpectedMinor != want || b.ActualMinor >= want {
					t.Errorf("%s: the key expects %d of %d and gets %d", account, b.ExpectedMinor, want, b.ActualMinor)
				}
				want = b.ActualMinor
			}
		}
		if paid[account] != want {
			t.Errorf("%s paid %d, want %d", account, paid[account], want)
		}
	}
}

// booked is a line of a bill, reduced to what tells it from others.
type booked struct {
	channel string
	amount  int64
	tid     string
}

// Every break can be seen in the files, and by their references alone: what the tills
// reported under a payment's numbers beside what the bills hold under them.
func TestBreaksAreInTheFiles(t *testing.T) {
	for seed := range uint64(4) {
		day := generate(t, seed, 900, 6)
		of := texts(t, day.Files)
		lines := map[string][]booked{} // by RRN or order number
		for _, r := range allinpayRows(t, of) {
			lines[r["参考号"]] = append(lines[r["参考号"]], booked{"card", fen(t, r["交易金额"]), r["终端号"]})
			lines[r["交易单号"]] = append(lines[r["交易单号"]], booked{"card", fen(t, r["交易金额"]), r["终端号"]})
			traced := r["终端号"] + r["交易批次号"] + r["凭证号"]
			lines[traced] = append(lines[traced], booked{"card", fen(t, r["交易金额"]), r["终端号"]})
		}
		for _, r := range alipayRows(t, of) {
			no := r["商户订单号"]
			if r["业务类型"] == "退款" {
				no = r["退款批次号/请求号"]
			}
			lines[no] = append(lines[no], booked{channel: "alipay", amount: fen(t, r["订单金额（元）"])})
		}
		for _, r := range wechatRows(t, of) {
			no := r["商户订单号"]
			if r["交易状态"] == "REFUND" {
				no = r["商户退款单号"]
			}
			lines[no] = append(lines[no], booked{channel: "wechat", amount: fen(t, r["订单金额"]) - fen(t, r["申请退款金额"])})
		}
		payments := map[string]tender{}
		reversed := map[string]bool{}
		at, currency := map[string]string{}, map[string]string{}
		for _, a := range actions(t, of) {
			if a.Kind == "reversal" {
				reversed[a.Original] = true
			}
			for _, p := range a.Tenders {
				if a.Kind != "sale" {
					p.Amount = "-" + p.Amount
				}
				payments[p.Payment] = p
				at[p.Payment], currency[p.Payment] = a.At, a.Currency
			}
		}
		for _, b := range day.Key.Breaks {
			p := payments[b.Reference]
			found := lines[p.OrderNo]
			if p.Channel == "card" {
				if found = lines[p.Rrn]; p.Rrn == "" {
					found = lines[p.Tid+p.Batch+p.Stan]
				}
			}
			var amount int64
			if p.Payment != "" {
				amount = fen(t, p.Amount)
			}
			ok := true
			switch b.Kind {
			case simulator.MissingInSettlement:
				ok = len(found) == 0 && p.Outcome == "approved" && b.ExpectedMinor == amount
			case simulator.TimingNextDay:
				ok = len(found) == 0 && p.Outcome == "approved" && b.ExpectedMinor == amount && at[b.Reference] >= "2026-01-05T23:55:00+08:00"
			case simulator.MissingInLedger, simulator.UnexpectedLine:
				found = lines[b.Reference]
				ok = p.Payment == "" && len(found) == 1 && found[0].amount == b.ActualMinor && found[0].channel == b.Channel
			case simulator.AmountMismatch:
				ok = len(found) == 1 && found[0].amount == b.ActualMinor && amount == b.ExpectedMinor && amount != b.ActualMinor
			case simulator.CurrencyMismatch:
				ok = len(found) == 1 && found[0].amount == b.ActualMinor && amount == b.ExpectedMinor && amount == b.ActualMinor && currency[b.Reference] == "HKD" && b.Currency == "HKD" && b.ActualCurrency == "CNY"
			case simulator.FeeDeviation:
				ok = len(found) == 1 && found[0].amount == amount && b.ExpectedMinor != b.ActualMinor && b.ActualMinor >= 0
			case simulator.DuplicateInSettlement:
				ok = len(found) == 2 && found[0] == found[1] && found[0].amount == amount && b.ActualMinor == amount
			case simulator.DuplicateInLedger:
				twins := 0
				for reference, q := range payments {
					if q.OrderNo == p.OrderNo && q.Rrn == p.Rrn && q.Channel == p.Channel && q.Amount == p.Amount {
						twins++
						ok = ok && reference <= b.Reference
					}
				}
				ok = ok && twins == 2 && len(found) == 1 && b.ExpectedMinor == amount
			case simulator.TimeoutButSettled:
				ok = len(found) == 1 && p.Outcome == "unknown" && !reversed[b.Reference] && b.ActualMinor == amount
			case simulator.ReversedButSettled:
				ok = len(found) == 1 && (p.Outcome == "reversed" || reversed[b.Reference]) && b.ActualMinor == amount
			case simulator.TerminalMismatch:
				ok = len(found) == 1 && found[0].tid != p.Tid && found[0].amount == amount && b.ActualMinor == amount
			case simulator.MethodMismatch:
				ok = len(found) == 1 && found[0].channel != p.Channel && found[0].amount == amount && b.Channel == p.Channel
			case simulator.Ambiguous:
				ok = len(found) == 0 && b.ExpectedMinor == 2*amount && (b.ActualMinor == amount || b.ActualMinor == 2*amount)
			}
			if !ok {
				t.Errorf("seed %d: %+v: payment %+v, lines %+v", seed, b, p, found)
			}
		}
	}
}

// The terminals' numbering and printed totals are right but for the key's breaks, and
// sales are paid in full.
func TestTillReports(t *testing.T) {
	for seed := range uint64(3) {
		day := generate(t, seed, 900, 4)
		want := []simulator.KeyBreak{}
		for _, b := range day.Key.Breaks {
			if b.Channel == "till" {
				want = append(want, b)
			}
		}
		got := []simulator.KeyBreak{}
		last := map[string]action{}
		net := map[string]int64{}
		approved := map[string]bool{}
		all := actions(t, texts(t, day.Files))
		for _, a := range all {
			approved[a.Original] = approved[a.Original] || a.Kind == "answer" && a.Outcome == "approved"
		}
		for _, a := range all {
			previous := last[a.Terminal]
			if a.Seq <= previous.Seq || a.At < previous.At {
				t.Fatalf("seed %d: %s: number %d at %s follows %d at %s", seed, a.Terminal, a.Seq, a.At, previous.Seq, previous.At)
			}
			if from, to := previous.Seq+1, a.Seq-1; from == to {
				got = append(got, simulator.KeyBreak{Kind: simulator.SequenceGap, Channel: "till", Reference: fmt.Sprintf("%s %d", a.Terminal, from), Currency: "CNY"})
			} else if from < to {
				got = append(got, simulator.KeyBreak{Kind: simulator.SequenceGap, Channel: "till", Reference: fmt.Sprintf("%s %d-%d", a.Terminal, from, to), Currency: "CNY"})
			}
			last[a.Terminal] = a
			lines, paid, open := int64(0), int64(0), false
			for _, l := range a.Lines {
				lines += fen(t, l.Net) + fen(t, l.Tax)
			}
			for _, p := range a.Tenders {
				amount := fen(t, p.Amount)
				open = open || p.Outcome == "unknown"
				if p.Outcome == "approved" {
					paid += amount
				}
				if p.Batch == "" || a.Currency != "CNY" || p.Outcome != "approved" && !approved[p.Payment] {
					continue
				}
				if a.Kind != "sale" {
					amount = -amount
				}
				net[a.Terminal+" "+p.Batch] += amount
			}
			if a.Kind == "sale" && (lines != fen(t, a.Total) || paid != lines && !open) {
				t.Errorf("seed %d: a sale of %s has lines of %d and payments of %d", seed, a.Total, lines, paid)
			}
			if a.Kind == "batch_close" {
				key := a.Terminal + " " + a.Batch
				printed := fen(t, a.Sales.Amount) - fen(t, a.Refunds.Amount) - fen(t, a.Voids.Amount)
				if printed != net[key] {
					got = append(got, simulator.KeyBreak{Kind: simulator.BatchTotalMismatch, Channel: "till", Reference: key, ExpectedMinor: net[key], ActualMinor: printed, Currency: "CNY"})
				}
			}
		}
		slices.SortFunc(got, func(a, b simulator.KeyBreak) int { return strings.Compare(a.Kind+a.Reference, b.Kind+b.Reference) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("seed %d: %s", seed, diff)
		}
	}
}
