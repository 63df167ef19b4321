package till

import (
	"time"

	"daybook/adapters/files"
	"daybook/ledger"
)

var (
	shanghai = ledger.Clock{Zone: zone("Asia/Shanghai"), Cut: 4 * time.Hour}
	berlin   = ledger.Clock{Zone: zone("Europe/Berlin")}
)

var rules = Rules{
	Store: func(id ledger.StoreID) (Store, bool) {
		switch id {
		case "S001", "S002", "Yangon":
			return Store{shanghai, "CNY"}, true
		case "B001":
			return Store{berlin, "EUR"}, true
		}
		return Store{}, false
	},
	Tenders: map[string]string{
		"cash": "cash", "card": "card", "alipay": "alipay", "wechat": "wechat", "Ewallet": "ewallet", "Credit card": "card",
	},
}

func zone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

func open(t interface{ Fatal(...any) }, name, text string) *files.Document {
	doc, err := files.Open(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
