package alipay_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/adapters/settlement/alipay"
	"daybook/adapters/settlement/settlementtest"
	"daybook/reconcile"
)

// either reads the trade bill or the account, so that one testdata serves the two formats.
type either struct{ settlement.Format }

func newEither() either { return either{alipay.New()} }

func (e either) of(doc *files.Document) settlement.Format {
	if fund := alipay.NewFund(); fund.Sniff(doc) {
		return fund
	}
	return e.Format
}

func (e either) Sniff(doc *files.Document) bool { return e.of(doc).Sniff(doc) }

func (e either) Parse(doc *files.Document) (*reconcile.Statement, error) { return e.of(doc).Parse(doc) }

func TestGolden(t *testing.T) { settlementtest.Golden(t, newEither()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, newEither(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, newEither(), rows) }

// rows counts, without the parser, what should have become lines: what stands between
// header and end mark of the detail.
func rows(doc *files.Document) int {
	for _, part := range doc.Parts {
		n, inside := 0, false
		detail := strings.Contains(files.Fold(part.Text), "支付宝交易号") && strings.Contains(part.Text, "业务明细列表结束") ||
			strings.Contains(part.Text, "账务明细列表结束")
		for _, line := range files.Lines(part.Text) {
			switch bare := strings.Trim(line, " \t\f\u00a0\u3000\ufeff\x1a"); {
			case bare == "", strings.HasPrefix(strings.Trim(line, " \t\u00a0,\""), "#"):
			case !inside:
				inside = true
			default:
				n++
			}
		}
		if detail {
			return n
		}
	}
	return -1
}

func TestPlantedCards(t *testing.T) {
	settlementtest.Plant(t, alipay.New(), "testdata/layout_detail_gbk.csv", "支付宝交易号", "",
		[]string{"支付宝交易号", "商户订单号", "商品名称", "门店编号", "门店名称", "操作员", "终端号", "对方账户", "券名称", "退款批次号/请求号", "备注"})
}

func TestPlantedCardsOfAnAccount(t *testing.T) {
	settlementtest.Plant(t, newEither(), "testdata/fund_bare_headings.csv", "账务流水号", "",
		[]string{"账务流水号", "业务流水号", "商户订单号", "商品名称", "对方账号", "交易渠道", "业务类型", "备注", "业务描述", "业务账单来源", "业务基础订单号", "业务订单号"})
}

// Every edition of one account says the same, and ties: row by row, with its totals, and
// with its summary.
func TestEditionsOfAnAccountAgree(t *testing.T) {
	for path, controls := range map[string]int{"fund_layout_gbk.csv": 8 + 4, "fund_layout.zip": 8 + 4 + 6*5, "fund_old_12_columns_utf8_bom_crlf.csv": 12,
		"fund_reordered_and_extra_column.csv": 12, "fund_bare_headings.csv": 12, "fund_commas_in_texts.csv": 12, "fund_newest_first.csv": 12,
		"fund_utf16le.csv": 12, "fund_spreadsheet_frame.csv": 12} {
		statement, err := settlementtest.Read(t, alipay.NewFund(), "testdata/"+path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		settlementtest.Tied(t, statement)
		sums := map[reconcile.LineKind]int64{}
		for _, line := range statement.Lines {
			sums[line.Kind] += line.Net
		}
		want := map[reconcile.LineKind]int64{reconcile.SaleLine: 14640, reconcile.RefundLine: -550, reconcile.FeeLine: -88 + 3, reconcile.PayoutLine: -14000}
		if diff := cmp.Diff(want, sums); diff != "" || len(statement.Controls) != controls || statement.Kind != reconcile.ProviderAccount {
			t.Errorf("%s: %d controls, %s", path, len(statement.Controls), diff)
		}
	}
}

// The totals of the day whose answers are known.
func TestScenario(t *testing.T) {
	statement, err := settlementtest.Read(t, alipay.New(), "testdata/scenario.csv.zip")
	if err != nil {
		t.Fatal(err)
	}
	gross, fee, net := settlementtest.Totals(statement)
	if gross != 66723 || fee != 400 || net != 66223 || len(statement.Lines) != 12 {
		t.Errorf("got gross %d, fee %d, net %d in %d lines, want 66723, 400, 66223 in 12", gross, fee, net, len(statement.Lines))
	}
	if len(statement.Controls) != 36 {
		t.Errorf("got %d controls, want 6 footers and 3 summary rows of 10", len(statement.Controls))
	}
	settlementtest.Tied(t, statement)
}

// Bills of a public test, when the samples lie beside the project; never copied into it.
func TestPublicBills(t *testing.T) {
	dir := "../../../../shared/samples/alipay"
	names := []string{"trade_20190916_业务明细.csv", "trade_20190916.csv.zip"}
	if _, err := os.Stat(filepath.Join(dir, names[0])); err != nil {
		t.Skip("needs the samples folder beside the project")
	}
	for _, name := range names {
		statement, err := settlementtest.Read(t, alipay.New(), filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		settlementtest.Hold(t, statement)
		settlementtest.Tied(t, statement)
		if _, _, net := settlementtest.Totals(statement); net != 2 || len(statement.Lines) != 10 {
			t.Errorf("%s: got net %d in %d lines, want 2 in 10", name, net, len(statement.Lines))
		}
	}
}
