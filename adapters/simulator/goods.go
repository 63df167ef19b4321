package simulator

import (
	"slices"

	"daybook/ledger"
)

// article is one article of the range.
type article struct {
	sku, name, category string
	shelf               int64 // on the shelf, tax included
	food                bool  // farm produce, grain, oil, water: taxed less
	weighed             bool  // sold by the kilogram
	popularity          int

	source int // who delivers it, in the assortment's sources

	tax  ledger.Rate // of the country
	unit int64       // before tax, derived
}

// shelves is the range unless more is asked for: cheap things sell often, so that equal amounts are frequent,
// and a few expensive ones reach the cap on debit card fees. Prices are in the minor unit of
// wherever the store is.
var shelves = []article{
	{name: "农夫山泉 550ml", category: "饮料", shelf: 200, popularity: 90},
	{name: "可口可乐 330ml", category: "饮料", shelf: 300, popularity: 80},
	{name: "东方树叶 500ml", category: "饮料", shelf: 550, popularity: 60},
	{name: "美式咖啡", category: "饮料", shelf: 990, popularity: 60},
	{name: "拿铁咖啡", category: "饮料", shelf: 1390, popularity: 55},
	{name: "鲜牛奶 950ml", category: "乳品", shelf: 1590, food: true, popularity: 45},
	{name: "酸奶 200g", category: "乳品", shelf: 690, popularity: 45},
	{name: "茶叶蛋", category: "熟食", shelf: 250, popularity: 70},
	{name: "鲜肉包", category: "熟食", shelf: 300, popularity: 70},
	{name: "关东煮", category: "熟食", shelf: 450, popularity: 50},
	{name: "照烧鸡腿饭", category: "熟食", shelf: 1680, popularity: 60},
	{name: "金枪鱼饭团", category: "熟食", shelf: 650, popularity: 65},
	{name: "全麦三明治", category: "熟食", shelf: 1280, popularity: 50},
	{name: "吐司面包", category: "烘焙", shelf: 890, popularity: 35},
	{name: "蛋挞 两只", category: "烘焙", shelf: 990, popularity: 30},
	{name: "奶油蛋糕 8寸", category: "烘焙", shelf: 16800, popularity: 3},
	{name: "红富士苹果", category: "果蔬", shelf: 1180, food: true, weighed: true, popularity: 30},
	{name: "香蕉", category: "果蔬", shelf: 698, food: true, weighed: true, popularity: 30},
	{name: "西红柿", category: "果蔬", shelf: 598, food: true, weighed: true, popularity: 20},
	{name: "鸡蛋 10枚", category: "果蔬", shelf: 1290, food: true, popularity: 25},
	{name: "五常大米 5kg", category: "粮油", shelf: 5990, food: true, popularity: 10},
	{name: "花生油 5L", category: "粮油", shelf: 13990, food: true, popularity: 5},
	{name: "方便面 五连包", category: "粮油", shelf: 1490, popularity: 25},
	{name: "薯片 70g", category: "零食", shelf: 750, popularity: 40},
	{name: "巧克力 43g", category: "零食", shelf: 980, popularity: 30},
	{name: "口香糖", category: "零食", shelf: 1000, popularity: 25},
	{name: "抽纸 三包", category: "日用", shelf: 1690, popularity: 20},
	{name: "洗发水 400ml", category: "日用", shelf: 4590, popularity: 8},
	{name: "牙膏 120g", category: "日用", shelf: 1850, popularity: 10},
	{name: "雨伞", category: "日用", shelf: 3900, popularity: 6},
	{name: "充电线", category: "数码", shelf: 2990, popularity: 6},
	{name: "蓝牙耳机", category: "数码", shelf: 29900, popularity: 2},
	{name: "电饭煲", category: "家电", shelf: 39900, popularity: 2},
	{name: "滚筒洗衣机", category: "家电", shelf: 239900, popularity: 1},
	{name: "变频空调", category: "家电", shelf: 499900, popularity: 1},
	{name: "茅台礼盒", category: "酒类", shelf: 299900, popularity: 1},
	{name: "啤酒 六罐", category: "酒类", shelf: 3590, popularity: 15},
}

// priced finds the price of each article before a country's tax.
func priced(articles []article, r *region) []article {
	range_ := slices.Clone(articles)
	for i := range range_ {
		a := &range_[i]
		if a.tax = r.fullTax; a.food {
			a.tax = r.foodTax
		}
		a.unit = beforeTax(a.shelf, int64(a.tax))
	}
	return range_
}

// beforeTax is the price that with its tax comes to the one on the shelf, or as near
// below as whole fen allow.
func beforeTax(shelf, ppm int64) int64 {
	unit := shelf * 1_000_000 / (1_000_000 + ppm)
	if unit+1+feeOf(unit+1, ppm, 0) <= shelf {
		unit++
	}
	return unit
}

// basket fills a basket, mostly with one or two articles.
func (g *generator) basket() []ledger.SaleLine {
	var lines []ledger.SaleLine
	n := 1
	for n < 6 && g.dice.IntN(100) < 45 {
		n++
	}
	for range n {
		lines = append(lines, g.saleLine())
	}
	return lines
}

func (g *generator) saleLine() ledger.SaleLine {
	a := &g.region.range_[g.pick(g.world.stocked.popularity)]
	quantity := int64(1000)
	switch {
	case a.weighed:
		quantity = 200 + int64(g.dice.IntN(1800))
	case a.shelf < 2000 && g.dice.IntN(8) == 0:
		quantity = 1000 * int64(2+g.dice.IntN(3))
	}
	net := (a.unit*quantity + 500) / 1000
	var discount int64
	switch {
	case net > 500 && g.dice.IntN(40) == 0: // nearly out of date
		discount = net / 5
	case a.category == g.offer: // this week's promotion
		discount = net / 10
	}
	net -= discount
	line := ledger.SaleLine{
		SKU: a.sku, Name: a.name, Category: a.category, QtyMilli: quantity,
		Unit: g.money(a.unit), Net: g.money(net), Tax: g.money(feeOf(net, int64(a.tax), 0)), TaxRate: a.tax,
	}
	if discount > 0 {
		line.Discount = g.money(discount)
	}
	return line
}

// sums are what lines come to, and the tax in it.
func sums(lines []ledger.SaleLine) (total, tax int64) {
	for _, l := range lines {
		total += l.Net.Minor + l.Tax.Minor
		tax += l.Tax.Minor
	}
	return total, tax
}
