package main

import (
	"strings"

	"daybook/adapters/files"
	"daybook/adapters/people"
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
	"daybook/adapters/till"
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

func formatNames(formats []settlement.Format) string {
	var names []string
	for _, format := range formats {
		names = append(names, format.Name())
	}
	return strings.Join(names, ", ")
}

// recognise opens a file and finds the one form of it that daybook reads: of tills, or of bills
// and bank statements.
func (s *settings) recognise(name string, data []byte) (*files.Document, till.Source, settlement.Format, error) {
	doc, err := settlement.Open(name, data, s.formats)
	if err != nil {
		return nil, nil, nil, err
	}
	if people.Sniff(doc) {
		return nil, nil, nil, &ofCustomers{doc}
	}
	for _, source := range s.sources {
		if !source.Sniff(doc) {
			continue
		}
		for _, format := range s.formats {
			if s.origins[format.Name()] != "" && format.Sniff(doc) { // what is built in keeps out of each other's way
				return nil, nil, nil, settlement.Ambiguous(doc, source.Name(), format.Name())
			}
		}
		return doc, source, nil, nil
	}
	format, err := settlement.Recognise(doc, s.formats, append(s.sourceNames(), stockNames()...)...)
	return doc, nil, format, err
}
