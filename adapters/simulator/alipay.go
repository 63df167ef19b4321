package simulator

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"daybook/ledger"
)

// Alipay's trade bill: 25 columns, and a summary per store.
const (
	alipayHeader  = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
	alipaySummary = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）"
)

// alipayBill is a zip of two texts in GBK, whose names are GBK too, without the flag
// that would say UTF-8. Their order is not fixed.
func (g *generator) alipayBill(p *provider, day ledger.BusinessDay, lines []*line) (File, error) {
	base := p.account + "_" + day.Compact()
	entries := []File{
		{base + "_业务明细.csv", []byte(g.alipayDetails(p, day, lines))},
		{base + "_业务明细(汇总).csv", []byte(alipayTotals(p, day, lines))},
	}
	if g.opts.Seed%2 == 1 {
		slices.Reverse(entries)
	}
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	gbk := simplifiedchinese.GBK.NewEncoder()
	for _, entry := range entries {
		name, err := gbk.String(entry.Name)
		if err != nil {
			return File{}, fmt.Errorf("write %s: %w", entry.Name, err)
		}
		text, err := gbk.Bytes(entry.Data)
		if err != nil {
			return File{}, fmt.Errorf("write %s: %w", entry.Name, err)
		}
		w, err := archive.CreateHeader(&zip.FileHeader{Name: name, NonUTF8: true, Method: zip.Deflate})
		if err != nil {
			return File{}, fmt.Errorf("write %s: %w", entry.Name, err)
		}
		if _, err := w.Write(text); err != nil {
			return File{}, fmt.Errorf("write %s: %w", entry.Name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return File{}, fmt.Errorf("write bill of alipay: %w", err)
	}
	return File{base + ".csv.zip", out.Bytes()}, nil
}

func (g *generator) alipayDetails(p *provider, day ledger.BusinessDay, lines []*line) string {
	var out strings.Builder
	alipayTitle(&out, p, day, "业务明细")
	out.WriteString(alipayHeader + "\n")
	var sales, refunds struct {
		count           int
		received, given int64
	}
	for i, l := range lines {
		word, done := "交易", g.at(l.second).Format("2006-01-02 15:04:05")
		begun := done
		sums := &sales
		if l.word == refund {
			word, begun, sums = "退款", g.at(l.begun).Format("2006-01-02 15:04:05"), &refunds
		}
		received := l.gross - l.discount
		sums.count++
		sums.received += received
		sums.given += l.discount
		// A tab after long values keeps spreadsheets from mangling them.
		row := []string{
			l.numbers.sale + "\t", l.orderNo + "\t", word, l.goods, begun, done,
			string(l.till.store.id) + "\t", l.till.store.name + "\t", l.till.cashiers[l.till.shift(l.second)] + "\t", l.till.device + "\t",
			fmt.Sprintf("*例(150****%04d)\t", i%10_000),
			yuan(l.gross), yuan(received), "0.00", "0.00", yuan(l.subsidy), yuan(l.discount), "0.00", "", "0.00\t", "0.00",
			l.refundNo + "\t", yuan(-l.fee), "0.00", "",
		}
		out.WriteString(strings.Join(row, ",") + "\n")
	}
	fmt.Fprintf(&out, "#-----------------------------------------业务明细列表结束------------------------------------\n")
	fmt.Fprintf(&out, "#交易合计：%d笔，商家实收共%s元，商家优惠共%s元\n", sales.count, yuan(sales.received), yuan(sales.given))
	fmt.Fprintf(&out, "#退款合计：%d笔，商家实收退款共%s元，商家优惠退款共%s元\n", refunds.count, yuan(refunds.received), yuan(refunds.given))
	alipayExported(&out, day)
	return out.String()
}

func alipayTotals(p *provider, day ledger.BusinessDay, lines []*line) string {
	type sums struct {
		id, name                                 string
		sales, refunds                           int
		gross, received, subsidy, discount, fees int64
	}
	var stores []*sums
	total := &sums{id: "合计"}
	for _, l := range lines {
		id := string(l.till.store.id) + "\t"
		at := slices.IndexFunc(stores, func(s *sums) bool { return s.id == id })
		if at < 0 {
			at = len(stores)
			stores = append(stores, &sums{id: id, name: l.till.store.name + "\t"})
		}
		for _, s := range []*sums{stores[at], total} {
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
	}
	slices.SortFunc(stores, func(a, b *sums) int { return strings.Compare(a.id, b.id) })

	var out strings.Builder
	alipayTitle(&out, p, day, "业务汇总")
	out.WriteString(alipaySummary + "\n")
	for _, s := range append(stores, total) {
		fmt.Fprintf(&out, "%s,%s,%d,%d,%s,%s,%s,%s,0.00,%s,0.00,%s\n", s.id, s.name, s.sales, s.refunds,
			yuan(s.gross), yuan(s.received), yuan(s.subsidy), yuan(s.discount), yuan(-s.fees), yuan(s.received-s.fees))
	}
	fmt.Fprintf(&out, "#-----------------------------------------业务汇总列表结束------------------------------------\n")
	alipayExported(&out, day)
	return out.String()
}

func alipayTitle(out *strings.Builder, p *provider, day ledger.BusinessDay, what string) {
	const date = "2006年01月02日"
	fmt.Fprintf(out, "#支付宝%s查询\n", what)
	fmt.Fprintf(out, "#账号：[%s]\n", p.account)
	fmt.Fprintf(out, "#起始日期：[%s 00:00:00]   终止日期：[%s 00:00:00]\n", day.Midnight().Format(date), day.AddDays(1).Midnight().Format(date))
	fmt.Fprintf(out, "#-----------------------------------------%s列表----------------------------------------\n", what)
}

func alipayExported(out *strings.Builder, day ledger.BusinessDay) {
	fmt.Fprintf(out, "#导出时间：[%s 04:10:00]\n", day.AddDays(1).Midnight().Format("2006年01月02日"))
}
