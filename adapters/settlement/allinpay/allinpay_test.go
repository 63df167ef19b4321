package allinpay_test

import (
	"io"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement/allinpay"
	"daybook/adapters/settlement/settlementtest"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, allinpay.New()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, allinpay.New(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, allinpay.New(), rows) }

// rows counts the records behind the header.
func rows(doc *files.Document) int {
	reader := files.NewReader("", doc.Parts[0].Text, files.Dialect{Quoted: true})
	for n := -1; ; n++ {
		if _, err := reader.Read(); err == io.EOF {
			return n
		}
	}
}

func TestPlantedCards(t *testing.T) {
	settlementtest.Plant(t, allinpay.New(), "testdata/layout.csv", "商户号", "",
		[]string{"商户号", "门店名称", "终端号", "交易类型", "交易批次号", "凭证号", "参考号", "卡号", "卡类别", "发卡行机构代码", "发卡行名称",
			"交易单号", "订单号", "商户备注", "对接应用号", "产品类型", "持卡人姓名", "持卡人身份证", "分期数", "原交易单",
			"渠道交易类型", "出金方账户名称", "门店编号"})
}

// The totals of the day whose answers are known.
func TestScenario(t *testing.T) {
	statement, err := settlementtest.Read(t, allinpay.New(), "testdata/scenario.csv")
	if err != nil {
		t.Fatal(err)
	}
	gross, fee, net := settlementtest.Totals(statement)
	if gross != 35570 || fee != 209 || net != 35361 || len(statement.Lines) != 14 {
		t.Errorf("got gross %d, fee %d, net %d in %d lines, want 35570, 209, 35361 in 14", gross, fee, net, len(statement.Lines))
	}
}

// The sign comes from the type: a file that prints refunds without a sign says the same.
func TestSignsDoNotMatter(t *testing.T) {
	signed, err := settlementtest.Read(t, allinpay.New(), "testdata/layout.csv")
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := settlementtest.Read(t, allinpay.New(), "testdata/unsigned_refunds.csv")
	if err != nil {
		t.Fatal(err)
	}
	for i := range signed.Lines {
		signed.Lines[i].Raw, unsigned.Lines[i].Raw = "", ""
		if signed.Lines[i] != unsigned.Lines[i] {
			t.Errorf("got %+v, want %+v", unsigned.Lines[i], signed.Lines[i])
		}
	}
}
