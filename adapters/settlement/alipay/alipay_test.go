package alipay_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement/alipay"
	"daybook/adapters/settlement/settlementtest"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, alipay.New()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, alipay.New(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, alipay.New(), rows) }

// rows counts, without the parser, what should have become lines: what stands between
// header and end mark of the detail.
func rows(doc *files.Document) int {
	for _, part := range doc.Parts {
		n, inside := 0, false
		detail := strings.Contains(files.Fold(part.Text), "支付宝交易号") && strings.Contains(part.Text, "业务明细列表结束")
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
