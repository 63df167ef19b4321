package settlementtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/adapters/settlement/abc"
	"daybook/adapters/settlement/alipay"
	"daybook/adapters/settlement/allinpay"
	"daybook/adapters/settlement/bai2"
	"daybook/adapters/settlement/boc"
	"daybook/adapters/settlement/camt"
	"daybook/adapters/settlement/ccb"
	"daybook/adapters/settlement/cmb"
	"daybook/adapters/settlement/icbc"
	"daybook/adapters/settlement/mt940"
	"daybook/adapters/settlement/wechatpay"
)

// No case of any format, of a bank's or a provider's, is taken for that of two; and what
// a bank's case is recognised as is the bank's.
func TestBanksAreToldApart(t *testing.T) {
	formats := []settlement.Format{alipay.New(), alipay.NewFund(), allinpay.New(), wechatpay.New(), wechatpay.NewFund(), icbc.New(), ccb.New(), cmb.New(), abc.New(), boc.New(),
		camt.NewStatement(), camt.NewNotification(), mt940.New(), bai2.New()}
	paths, err := filepath.Glob("../*/testdata/*")
	if err != nil || len(paths) < 200 {
		t.Fatalf("%d cases, %v", len(paths), err)
	}
	recognised := map[string]int{}
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || info.IsDir() || filepath.Ext(path) == ".golden" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := files.Open("renamed.dat", data) // the name must not matter
		if err != nil {
			continue
		}
		folder := filepath.Base(filepath.Dir(filepath.Dir(path)))
		for _, format := range formats {
			if !format.Sniff(doc) {
				continue
			}
			recognised[folder]++
			if !strings.HasPrefix(format.Name(), strings.TrimSuffix(folder, "pay")) {
				t.Errorf("%s is taken for %s", path, format.Name())
			}
		}
	}
	for _, folder := range []string{"camt", "mt940", "bai2", "ccb", "cmb", "abc", "boc"} {
		if recognised[folder] < 15 {
			t.Errorf("only %d cases of %s are recognised", recognised[folder], folder)
		}
	}
}
