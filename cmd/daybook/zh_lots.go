package main

// Lots and use-by dates.
var zhLots = map[string]string{
	"What has to be sold soon, and what has expired: by use-by date, with its value": "临近保质期须尽快售出的，和已过期的：按保质期，附金额",
	"What is left of goods whose receipts give a use-by date, up to so many days after the newest day of which\n" +
		"there are facts. Goods leave in the order of their dates, since tills do not say of which lot they sell;\n" +
		"waste, transfers and adjustments that name a lot or date take of that. Thrown-away lots: agg_waste_lots.": "收货单写明保质期的商品的剩余，至最新有数据之日起若干天。收银机不说明所售批号，故按保质期先到先出；\n" +
		"报损、调拨和调整写明批号或保质期的，从该批扣减。已报损的批次见 agg_waste_lots。",
	"--within %d is not a number of days from 0 to 36600": "--within %d 不是 0 到 36600 之间的天数",
	"days from the newest day of which there are facts":   "从最新有数据之日起的天数",
	"nothing with a use-by date expires by then":          "届时没有商品到保质期",
	"use by":    "保质期至",
	"days left": "剩余天数",
	"lots":      "批号",
	"left":      "剩余",
}
