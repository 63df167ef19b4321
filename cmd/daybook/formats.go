package main

import (
	"strings"

	"daybook/adapters/settlement"
	"daybook/adapters/settlement/abc"
	"daybook/adapters/settlement/adyen"
	"daybook/adapters/settlement/alipay"
	"daybook/adapters/settlement/allinpay"
	"daybook/adapters/settlement/antom"
	"daybook/adapters/settlement/bai2"
	"daybook/adapters/settlement/boc"
	"daybook/adapters/settlement/camt"
	"daybook/adapters/settlement/ccb"
	"daybook/adapters/settlement/cmb"
	"daybook/adapters/settlement/icbc"
	"daybook/adapters/settlement/mt940"
	"daybook/adapters/settlement/paypal"
	"daybook/adapters/settlement/stripe"
	"daybook/adapters/settlement/unionpay"
	"daybook/adapters/settlement/wechatpay"
)

type settlementFormat = settlement.Format

// formats are the settlement and bank files daybook reads. Nothing registers itself.
var formats = []settlement.Format{
	alipay.New(),
	alipay.NewFund(),
	wechatpay.New(),
	wechatpay.NewFund(),
	allinpay.New(),
	unionpay.New(),
	unionpay.NewInstitution(),
	adyen.New(),
	stripe.New(),
	paypal.New(),
	antom.New(),
	icbc.New(),
	ccb.New(),
	cmb.New(),
	abc.New(),
	boc.New(),
	camt.NewStatement(),
	camt.NewNotification(),
	mt940.New(),
	bai2.New(),
}

func formatNames() string {
	var names []string
	for _, format := range formats {
		names = append(names, format.Name())
	}
	return strings.Join(names, ", ")
}
