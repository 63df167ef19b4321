package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Alipay's trade bill: 25 columns, and a summary per store; its account (账务明细): 12 columns
// and those that were added later. (Settlement formats 1.2 to 1.4.)
const (
	alipayHeader        = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
	alipaySummary       = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）"
	alipayFundHeader    = "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注,业务描述,业务账单来源,业务基础订单号,业务订单号"
	alipayFundSummary   = "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）"
	alipayAccountsOwner = "支付宝(中国)网络技术有限公司\t"
)

// alipayBill is a zip of two texts in GBK, whose names are GBK too. Their order is not fixed.
type alipayBill struct {
	b       *bill
	zip     *bundle
	details *text
	rows    int
	stores  []*alipaySums
	byStore map[*store]*alipaySums
	total   alipaySums
	sums    [2]struct{ count, received, given int64 } // of sales and of refunds
	fund    *alipayFund
}

type alipaySums struct {
	id, name                                 string
	sales, refunds                           int64
	gross, received, subsidy, discount, fees int64
}

func openAlipay(b *bill) rows {
	base := b.by.account + "_" + b.date.compact
	a := &alipayBill{b: b, zip: b.bundle(base + ".csv.zip"), byStore: map[*store]*alipaySums{}}
	a.details = a.zip.member(base+"_业务明细.csv", true)
	a.title(a.details, "业务明细", "业务明细")
	a.details.put(alipayHeader)
	a.details.end()
	if slices.Contains(b.by.formats, "alipay-fund") {
		a.fund = openAlipayFund(b)
	}
	return a
}

func (a *alipayBill) title(t *text, what, list string) {
	const date = "2006年01月02日"
	day := a.b.date.day
	t.put(fmt.Sprintf("#支付宝%s查询\n#账号：[%s]\n#起始日期：[%s 00:00:00]   终止日期：[%s 00:00:00]\n", what, a.b.by.account,
		day.Midnight().Format(date), day.AddDays(1).Midnight().Format(date)))
	t.put(fmt.Sprintf("#-----------------------------------------%s列表----------------------------------------", list))
	t.end()
}

func (a *alipayBill) exported(t *text) {
	t.put(fmt.Sprintf("#导出时间：[%s 04:10:00]", a.b.date.day.AddDays(1).Midnight().Format("2006年01月02日")))
	t.end()
}

func (a *alipayBill) add(l *line) {
	word, begun, sums := "交易", l.second, &a.sums[0]
	if l.word == refund {
		word, begun, sums = "退款", l.begun, &a.sums[1]
	}
	received := l.gross - l.discount
	sums.count++
	sums.received += received
	sums.given += l.discount

	// A tab after long values keeps spreadsheets from mangling them.
	t, st := a.details, l.till.store
	t.put(l.numbers.sale)
	t.put("\t")
	t.cells(l.orderNo)
	t.put("\t")
	t.cells(word, l.goods)
	t.put(",")
	t.stamp(l.date, begun, " ")
	t.put(",")
	t.stamp(l.date, l.second, " ")
	t.cells(string(st.id))
	t.put("\t")
	t.cells(st.name)
	t.put("\t")
	t.cells(l.till.cashiers[l.till.shift(l.second)])
	t.put("\t")
	t.cells(l.till.device)
	t.put("\t,*例(150****")
	t.padded(int64(a.rows%10_000), 4)
	t.put(")\t")
	t.yuans(l.gross, received, 0, 0, l.subsidy, l.discount, 0)
	t.put(",,0.00\t,0.00")
	t.cells(l.refundNo)
	t.put("\t")
	t.yuans(-l.fee, 0)
	t.put(",")
	t.end()
	a.rows++

	s := a.byStore[st]
	if s == nil {
		s = &alipaySums{id: string(st.id) + "\t", name: st.name + "\t"}
		a.byStore[st] = s
		a.stores = append(a.stores, s)
	}
	s.add(l)
	a.total.add(l)
	if a.fund != nil {
		a.fund.add(l)
	}
}

func (s *alipaySums) add(l *line) {
	if l.word == refund {
		s.refunds++
	} else {
		s.sales++
	}
	s.gross += l.gross
	s.received += l.gross - l.discount
	s.subsidy += l.subsidy
	s.discount += l.discount
	s.fees += l.fee
}

func (a *alipayBill) close() error {
	t := a.details
	t.put("#-----------------------------------------业务明细列表结束------------------------------------\n")
	t.put(fmt.Sprintf("#交易合计：%d笔，商家实收共%s元，商家优惠共%s元\n", a.sums[0].count, yuan(a.sums[0].received), yuan(a.sums[0].given)))
	t.put(fmt.Sprintf("#退款合计：%d笔，商家实收退款共%s元，商家优惠退款共%s元\n", a.sums[1].count, yuan(a.sums[1].received), yuan(a.sums[1].given)))
	a.exported(t)
	err := t.done()

	t = a.zip.member(a.b.by.account+"_"+a.b.date.compact+"_业务明细(汇总).csv", true)
	a.title(t, "业务汇总", "业务汇总")
	t.put(alipaySummary)
	t.end()
	slices.SortFunc(a.stores, func(x, y *alipaySums) int { return strings.Compare(x.id, y.id) })
	a.total.id = "合计"
	for _, s := range append(a.stores, &a.total) {
		t.put(fmt.Sprintf("%s,%s,%d,%d", s.id, s.name, s.sales, s.refunds))
		t.yuans(s.gross, s.received, s.subsidy, s.discount, 0, -s.fees, 0, s.received-s.fees)
		t.end()
	}
	t.put("#-----------------------------------------业务汇总列表结束------------------------------------\n")
	a.exported(t)
	err = errors.Join(err, t.done(), a.zip.close())
	if a.fund != nil {
		err = errors.Join(err, a.fund.close())
	}
	return err
}

// alipayFund is the account: what the bill says, each fee in a row of its own, and in the
// morning the withdrawal of what came the day before.
type alipayFund struct {
	a       *alipayBill
	name    string
	zip     *bundle
	t       *text
	balance int64
	rows    int64
	all     fundSums
	of      map[string]*fundSums
	kept    int64 // a fee that has no row
}

// fundSums are what came into an account and went out.
type fundSums struct{ ins, outs, in, out int64 }

func (s *fundSums) add(net int64) {
	if net < 0 {
		s.outs, s.out = s.outs+1, s.out-net
	} else if net > 0 {
		s.ins, s.in = s.ins+1, s.in+net
	}
}

var alipayFundWords = []string{"在线支付", "收费", "退费", "交易退款", "提现"}

func openAlipayFund(b *bill) *alipayFund {
	base := "fund_" + b.by.account + "_" + b.date.compact
	f := &alipayFund{a: &alipayBill{b: b}, name: base + ".csv.zip", zip: b.bundle(base + ".csv.zip"), balance: b.s.accountOf(b.by), of: map[string]*fundSums{}}
	f.t = f.zip.member(base+"_账务明细.csv", true)
	f.a.title(f.t, "账务明细", "账务明细")
	f.t.put(alipayFundHeader)
	f.t.end()
	for _, word := range alipayFundWords {
		f.of[word] = &fundSums{}
	}
	if paid := b.s.paid[b.by]; paid > 0 {
		f.move(b.date, 0, "提现", -paid, "", "", "", "提现到银行卡")
	}
	return f
}

func (f *alipayFund) add(l *line) {
	received := l.gross - l.discount
	word, no, about := "在线支付", l.orderNo, ""
	if l.word == refund {
		word, no, about = "交易退款", l.refundNo, "退款"
	}
	f.move(l.date, l.second, word, received, l.numbers.sale, no, l.goods, about)
	if l.fee > 0 && f.kept == 0 && f.a.b.s.opts.Breaks > 0 { // a fee that the account does not show
		f.kept = l.fee
		return
	}
	if l.fee != 0 {
		word := "收费"
		if l.fee < 0 {
			word = "退费"
		}
		f.move(l.date, l.second, word, -l.fee, l.numbers.sale, no, l.goods, "服务费["+l.numbers.sale+"]")
	}
}

func (f *alipayFund) move(d *date, second int, word string, net int64, trade, no, goods, about string) {
	f.balance += net
	f.rows++
	f.all.add(net)
	f.of[word].add(net)
	t := f.t
	t.put("1" + f.a.b.date.compact[2:])
	t.padded(f.rows, 9)
	t.put("\t")
	t.cells(trade)
	t.put("\t")
	t.cells(no)
	t.put("\t")
	t.cells(goods)
	t.put("\t,")
	t.stamp(d, second, " ")
	if word == "收费" || word == "退费" {
		t.cells(alipayAccountsOwner)
	} else {
		t.cells("*例(150****0000)\t")
	}
	t.yuans(max(net, 0), min(net, 0), f.balance)
	t.cells("支付宝", word, about, "", "商家中心\t", no, "")
	t.end()
}

func (f *alipayFund) close() error {
	t := f.t
	t.put("#-----------------------------------------账务明细列表结束------------------------------------\n")
	t.put(fmt.Sprintf("#支出合计：%d笔，共%s元\n#收入合计：%d笔，共%s元\n", f.all.outs, yuan(-f.all.out), f.all.ins, yuan(f.all.in)))
	f.a.exported(t)
	err := t.done()
	t = f.zip.member("fund_"+f.a.b.by.account+"_"+f.a.b.date.compact+"_账务明细(汇总).csv", true)
	f.a.title(t, "账务汇总", "账务汇总")
	t.put(alipayFundSummary)
	t.end()
	row := func(word string, s *fundSums) {
		t.put(fmt.Sprintf("%s,%d,%s,%d,%s,%s", word, s.ins, yuan(s.in), s.outs, yuan(-s.out), yuan(s.in-s.out)))
		t.end()
	}
	for _, word := range alipayFundWords {
		if s := f.of[word]; s.ins+s.outs > 0 {
			row(word, s)
		}
	}
	row("合计", &f.all)
	t.put("#-----------------------------------------账务汇总列表结束------------------------------------\n")
	f.a.exported(t)
	b := f.a.b
	b.s.accounts[b.by] = f.balance
	if f.kept > 0 {
		b.s.found(ControlTotalMismatch, b.by, f.name, b.total.FeeMinor, b.total.FeeMinor-f.kept)
	}
	return errors.Join(err, t.done(), f.zip.close())
}

// accountOf is what is in a provider's account of the merchant, in minor units.
func (s *stream) accountOf(p *provider) int64 {
	if _, begun := s.accounts[p]; !begun {
		s.accounts[p] = 50_000
	}
	return s.accounts[p]
}
