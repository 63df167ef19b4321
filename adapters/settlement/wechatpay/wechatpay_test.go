package wechatpay_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/adapters/settlement/settlementtest"
	"daybook/adapters/settlement/wechatpay"
	"daybook/reconcile"
)

// either reads the trade bill or the account, so that one testdata serves the two formats.
type either struct{ settlement.Format }

func newEither() either { return either{wechatpay.New()} }

func (e either) of(doc *files.Document) settlement.Format {
	if fund := wechatpay.NewFund(); fund.Sniff(doc) {
		return fund
	}
	return e.Format
}

func (e either) Sniff(doc *files.Document) bool { return e.of(doc).Sniff(doc) }

func (e either) Parse(doc *files.Document) (*reconcile.Statement, error) { return e.of(doc).Parse(doc) }

func TestGolden(t *testing.T) { settlementtest.Golden(t, newEither()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, newEither(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, newEither(), rows) }

// rows counts, without the parser, what should have become lines: all but the header and
// the two lines of the summary.
func rows(doc *files.Document) int {
	n := 0
	for _, line := range files.Lines(doc.Parts[0].Text) {
		if strings.Trim(line, " \t\f\u00a0\u3000\ufeff\x1a") != "" {
			n++
		}
	}
	if text := strings.TrimSpace(doc.Parts[0].Text); strings.HasPrefix(text, "<xml>") || strings.HasPrefix(text, "{") {
		return 0
	}
	return n - 3
}

func TestPlantedCards(t *testing.T) {
	settlementtest.Plant(t, wechatpay.New(), "testdata/layout_ALL.csv", "交易时间", "`",
		[]string{"公众账号ID", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识", "交易类型", "交易状态", "付款银行",
			"微信退款单号", "商户退款单号", "退款类型", "退款状态", "商品名称", "商户数据包", "费率", "费率备注"})
}

func TestPlantedCardsOfAnAccount(t *testing.T) {
	settlementtest.Plant(t, newEither(), "testdata/fund_layout.csv", "记账时间", "`",
		[]string{"微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "资金变更提交申请人", "备注", "业务凭证号"})
}

// Every edition of one account says the same, and ties.
func TestEditionsOfAnAccountAgree(t *testing.T) {
	for _, path := range []string{"fund_layout.csv", "fund_gbk_crlf_blank_lines.csv", "fund_counts_with_decimals.csv", "fund_reordered_and_extra_column.csv",
		"fund_commas_in_texts.csv", "fund_newest_first.csv", "fund_utf16le.csv"} {
		statement, err := settlementtest.Read(t, wechatpay.NewFund(), "testdata/"+path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		settlementtest.Tied(t, statement)
		sums, fees := map[reconcile.LineKind]int64{}, int64(0)
		for _, line := range statement.Lines {
			sums[line.Kind] += line.Gross
			fees += line.Fee
		}
		want := map[reconcile.LineKind]int64{reconcile.SaleLine: 20705, reconcile.RefundLine: -2360, reconcile.FeeLine: 0, reconcile.PayoutLine: -18000}
		if diff := cmp.Diff(want, sums); diff != "" || fees != 124-14 || len(statement.Controls) != 8+5 {
			t.Errorf("%s: %d controls, fees %d, %s", path, len(statement.Controls), fees, diff)
		}
	}
}

// The totals of the day whose answers are known.
func TestScenario(t *testing.T) {
	statement, err := settlementtest.Read(t, wechatpay.New(), "testdata/scenario.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, net := settlementtest.Totals(statement); net != 15858 || len(statement.Lines) != 10 {
		t.Errorf("got net %d in %d lines, want 15858 in 10", net, len(statement.Lines))
	}
	settlementtest.Tied(t, statement)
}

// Every variant of one day says the same of the rows it has.
func TestVariantsAgree(t *testing.T) {
	net := func(path string) int64 {
		statement, err := settlementtest.Read(t, wechatpay.New(), path)
		if err != nil {
			t.Fatal(err)
		}
		settlementtest.Tied(t, statement)
		_, _, net := settlementtest.Totals(statement)
		return net
	}
	all := net("testdata/layout_ALL.csv")
	if parts := net("testdata/layout_SUCCESS.csv") + net("testdata/layout_REFUND.csv"); parts != all {
		t.Errorf("SUCCESS and REFUND make %d, ALL makes %d", parts, all)
	}
	if legacy := net("testdata/legacy_24_columns.csv"); legacy != all {
		t.Errorf("the legacy bill makes %d, ALL makes %d", legacy, all)
	}
}

// A bill of a public test, when the samples lie beside the project; never copied into it.
func TestPublicBill(t *testing.T) {
	path := "../../../../shared/samples/wechat/tradebill_ALL_20210128_no_bom_lf.csv"
	if _, err := os.Stat(path); err != nil {
		t.Skip("needs the samples folder beside the project")
	}
	statement, err := settlementtest.Read(t, wechatpay.New(), path)
	if err != nil {
		t.Fatal(err)
	}
	settlementtest.Hold(t, statement)
	settlementtest.Tied(t, statement)
	if _, _, net := settlementtest.Totals(statement); net != 3 || len(statement.Lines) != 3 {
		t.Errorf("got net %d in %d lines, want 3 in 3", net, len(statement.Lines))
	}
}
