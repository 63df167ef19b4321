package settlementtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/adapters/settlement/adyen"
	"daybook/adapters/settlement/alipay"
	"daybook/adapters/settlement/allinpay"
	"daybook/adapters/settlement/antom"
	"daybook/adapters/settlement/icbc"
	"daybook/adapters/settlement/paypal"
	"daybook/adapters/settlement/stripe"
	"daybook/adapters/settlement/unionpay"
	"daybook/adapters/settlement/wechatpay"
)

var formats = []settlement.Format{paypal.New(), antom.New(), unionpay.New(), unionpay.NewInstitution(), adyen.New(), stripe.New(), alipay.New(), alipay.NewFund(), allinpay.New(), icbc.New(), wechatpay.New(), wechatpay.NewFund()}

// Every case of every format is recognised as that format and no other.
func TestRecogniseTellsFormatsApart(t *testing.T) {
	for folder, name := range map[string]string{
		"paypal": "paypal-stl", "antom": "antom-settlement", "unionpay": "unionpay-zm", "adyen": "adyen-settlement", "stripe": "stripe-payout",
		"alipay": "alipay-trade", "allinpay": "allinpay-trade", "icbc": "icbc-corporate", "wechatpay": "wechat-trade",
	} {
		paths, err := filepath.Glob("../" + folder + "/testdata/*")
		if err != nil || len(paths) < 20 {
			t.Fatalf("%s: %d cases, %v", folder, len(paths), err)
		}
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
				t.Fatal(err)
			}
			want := name
			if strings.HasPrefix(filepath.Base(path), "fund_") {
				want = strings.Replace(name, "-trade", "-fund", 1)
			}
			if strings.Contains(path, "COM") || strings.Contains(path, "comn") {
				want = "unionpay-comn"
			}
			format, err := settlement.Recognise(doc, formats)
			if err != nil || format.Name() != want {
				t.Errorf("%s: got %v, %v, want %s", path, format, err, want)
			}
		}
	}
}

func TestRecogniseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"Invoice ID,Branch,City\n1,2,3\n": "it knows paypal-stl, antom-settlement, unionpay-zm, unionpay-comn, adyen-settlement, stripe-payout, alipay-trade, alipay-fund, allinpay-trade, icbc-corporate, wechat-trade, wechat-fund",
	} {
		doc, err := files.Open("x.csv", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := settlement.Recognise(doc, formats); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	doc, err := files.Open("x.csv", []byte("[HISTORYDETAIL]\n"))
	if err != nil {
		t.Fatal(err)
	}
	twice := []settlement.Format{icbc.New(), icbc.New()}
	if _, err := settlement.Recognise(doc, twice); err == nil || !strings.Contains(err.Error(), "could be any of") {
		t.Errorf("got %v for a file of two formats", err)
	}
}
