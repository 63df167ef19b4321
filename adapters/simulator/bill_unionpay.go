package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
)

// UnionPay's bundle of the all-channel gateway: transactions ZM (607 bytes a row), disputes
// ZME (339 bytes) and the printed summary RD2010, for each clearing day. (Settlement formats
// 3.1 to 3.4.)
type unionpayBill struct {
	b         *bill
	zip       *bundle
	t         *text
	digest    hash.Hash
	sale, ref unionpaySums
	byCard    [2]unionpaySums // debit, credit
	disputed  []*line
}

type unionpaySums struct {
	count      int64
	gross, fee [2]int64 // 借 from the merchant, 贷 to it
	net        [2]int64
}

func side(minor int64) (at int, amount int64) {
	if minor < 0 {
		return 0, -minor
	}
	return 1, minor
}

func (s *unionpaySums) add(l *line) {
	s.count++
	for _, c := range []struct {
		to     *[2]int64
		amount int64
	}{{&s.gross, l.gross}, {&s.fee, -l.fee}, {&s.net, l.net()}} {
		at, amount := side(c.amount)
		c.to[at] += amount
	}
}

func (s *unionpaySums) plus(o unionpaySums) unionpaySums {
	sum := *s
	sum.count += o.count
	for at := range 2 {
		sum.gross[at] += o.gross[at]
		sum.fee[at] += o.fee[at]
		sum.net[at] += o.net[at]
	}
	return sum
}

func openUnionpay(b *bill) rows {
	u := &unionpayBill{b: b, zip: b.bundle(b.by.account + "_" + b.date.compact + ".zip"), digest: sha256.New()}
	if u.zip.file != nil { // a dispute has no number but its place in the file
		u.zip = bundleTo(hashed{u.zip.file, u.digest})
	}
	u.t = u.zip.member("INN"+b.date.compact[2:]+"88ZM_"+b.by.account, true)
	return u
}

// hashed passes on what is written, and adds it to a digest.
type hashed struct {
	io.WriteCloser
	digest hash.Hash
}

func (h hashed) Write(p []byte) (int, error) {
	h.digest.Write(p)
	return h.WriteCloser.Write(p)
}

// fixed appends a value in so many bytes, and a blank before it unless it begins the row.
func (t *text) fixed(value string, width int) {
	if len(t.row) > 0 {
		t.row = append(t.row, ' ')
	}
	t.row = append(t.row, value...)
	t.blanks(width - len(value))
}

func (t *text) blanks(n int) {
	for range n {
		t.row = append(t.row, ' ')
	}
}

// fen appends an amount in so many digits.
func (t *text) fen(fen int64, digits int) {
	t.row = append(t.row, ' ')
	t.padded(max(fen, -fen), digits)
}

// towards appends C (to the merchant), D (from it) or, of nothing, a blank, and digits.
func (t *text) towards(fen int64, digits int) {
	mark := byte(' ')
	switch {
	case fen > 0:
		mark = 'C'
	case fen < 0:
		mark = 'D'
	}
	t.row = append(t.row, ' ', mark)
	t.padded(max(fen, -fen), digits)
}

// sent appends MMDDhhmmss.
func (t *text) sent(d *date, second int) {
	on := d.on(second)
	t.row = append(t.row, ' ')
	t.put(on[5:7])
	t.put(on[8:10])
	t.clock(second, "")
}

func (u *unionpayBill) add(l *line) {
	if l.word == dispute {
		u.disputed = append(u.disputed, l)
		return
	}
	code, kind, original, queried, sums := "S22", "01", "", "", &u.sale
	no, id := l.orderNo, l.numbers.sale
	if l.word == refund {
		code, kind, original, queried, sums = "S30", "04", l.orderNo, l.numbers.sale, &u.ref
		no, id = l.refundNo, l.numbers.refund
	}
	sums.add(l)
	u.byCard[0].add(l)
	t := u.t
	t.fixed(code, 3)
	t.fixed("48020000", 11)
	t.fixed("00010000", 11)
	t.fixed(string(l.stan), 6)
	t.sent(l.date, l.second)
	t.fixed("6226********0483", 19)
	t.fen(l.gross, 12)
	t.fixed("5411", 4)
	t.fixed("08", 2)
	t.fixed(id, 21)
	t.fixed("", 2)
	t.fixed(no, 32)
	t.fixed("01", 2)
	t.fixed("", 6)
	t.fixed("", 10)
	t.towards(-l.fee, 12)
	t.towards(l.net(), 12)
	t.fixed("0001", 4)
	t.fixed("", 15)
	t.fixed(kind, 2)
	t.fixed("06", 2)
	t.fixed("000000", 6)
	t.fixed("01", 2)
	t.fixed("", 4)
	t.fixed("", 32)
	t.fixed("1", 1)
	t.fixed(queried, 21)
	t.fixed(u.b.by.account, 15)
	t.fixed("", 1)
	t.fixed("000000000000000", 15)
	t.fixed("", 32)
	t.towards(0, 12)
	t.towards(l.net(), 12)
	t.fixed(string(l.till.tid), 8)
	t.fixed("store="+string(l.till.store.id), 32)
	t.towards(0, 12)
	t.towards(0, 12)
	t.towards(0, 11)
	t.fixed("", 2)
	t.fixed("2", 1)
	t.fixed(original, 32)
	t.fixed("", 98)
	t.crlf()
}

func (u *unionpayBill) close() error {
	err := u.t.done()
	rows := u.sale.count + u.ref.count
	if len(u.disputed) > 0 {
		t := u.zip.member("INN"+u.b.date.compact[2:]+"88ZME_"+u.b.by.account, true)
		for _, l := range u.disputed {
			u.dispute(t, l)
		}
		err = errors.Join(err, t.done())
	}
	t := u.zip.member("RD2010"+u.b.date.compact[2:]+"01_"+u.b.by.account, true)
	u.summary(t)
	err = errors.Join(err, t.done(), u.zip.close())
	id := hex.EncodeToString(u.digest.Sum(nil))[:12]
	for i, l := range u.disputed {
		u.b.s.found(Chargeback, u.b.by, fmt.Sprintf("%s:%d", id, rows+int64(i)+1), 0, l.gross)
	}
	return err
}

func (u *unionpayBill) dispute(t *text, l *line) {
	t.fixed("E20", 3)
	t.fixed("48020000", 11)
	t.fixed("00010000", 11)
	t.fixed(string(l.stan), 6)
	t.sent(l.date, l.second)
	t.fixed("6226********0483", 19)
	t.fen(l.gross, 12)
	t.fixed("5411", 4)
	t.fixed("08", 2)
	t.fixed("01", 2)
	t.fixed("", 6)
	t.fixed("", 10)
	t.fixed("4502", 4)
	t.fen(0, 12)
	t.towards(0, 12)
	t.towards(l.gross, 12)
	t.fixed(u.b.by.account, 15)
	t.fixed("", 15)
	t.fixed("1", 1)
	t.fixed("", 12)
	t.fixed("", 2)
	t.fixed("", 135)
	t.crlf()
}

func (u *unionpayBill) summary(t *text) {
	all := u.sale.plus(u.ref)
	line := strings.Repeat("_", 136)
	t.put(fmt.Sprintf("                                                         中国银联全渠道商户交易汇总表\r\n\r\n商户代码:%s                                        清算币种:人民币\r\n", u.b.by.account))
	t.put(fmt.Sprintf("收单机构:48020000                                               清算日期:%s\r\n", u.b.date.compact))
	t.put(fmt.Sprintf("商户名称:晨曦便利                                               生成日期:%s\r\n\r\n", u.b.date.day.AddDays(1).Compact()))
	table := func(heading string, names []string, sums []unionpaySums) {
		t.put("\r\n" + heading + "  交易笔数  交易金额  费用  资金清算差额\r\n    借  贷  借  贷  借  贷\r\n" + line + "\r\n")
		row := func(name string, s unionpaySums) {
			t.put(name)
			t.put(fmt.Sprintf("  %d", s.count))
			for _, pair := range [][2]int64{s.gross, s.fee, s.net} {
				for _, fen := range pair {
					t.put("  ")
					t.yuan(fen)
				}
			}
			t.crlf()
		}
		for i, name := range names {
			row(name, sums[i])
		}
		t.put(line + "\r\n")
		row("总计", all)
	}
	table("交易类型", []string{"消费", "退货"}, []unionpaySums{u.sale, u.ref})
	table("卡性质", []string{"借记卡", "贷记卡", "准贷记卡", "其他卡"}, []unionpaySums{u.byCard[0], u.byCard[1], {}, {}})
}

// institutionBill is UnionPay's file for institutions, COMN, 299 bytes a row; it has no fees
// of the merchant's. (Settlement formats 3.5.)
type institutionBill struct {
	b *bill
	t *text
}

func openInstitution(b *bill) rows {
	return &institutionBill{b, b.create("IND"+b.date.compact[2:]+"01COMN", true)}
}

func (i *institutionBill) add(l *line) {
	message, process := "0200", "000000"
	switch l.word {
	case refund:
		message, process = "0220", "200000"
	case void:
		process = "200000"
	}
	t := i.t
	t.fixed("01045840", 11)
	t.fixed("00010344", 11)
	t.fixed(string(l.stan), 6)
	t.sent(l.date, l.second)
	t.fixed(l.card.text, 19)
	t.fen(l.gross, 12)
	t.fen(0, 12)
	t.towards(0, 11)
	t.fixed(message, 4)
	t.fixed(process, 6)
	t.fixed("5411", 4)
	t.fixed(string(l.till.tid), 8)
	t.fixed(i.b.by.account, 15)
	t.fixed(string(l.rrn), 12)
	t.fixed("00", 2)
	t.fixed(string(l.auth), 6)
	t.fixed("01020000", 11)
	t.fixed("", 6)
	t.fixed("00", 2)
	t.fixed("072", 3)
	t.fen(0, 12)
	t.fen(0, 12)
	t.towards(0, 11)
	t.fixed("1", 1)
	t.fixed("001", 3)
	t.fixed("6", 1)
	t.fixed("0", 1)
	t.fixed("0000000000", 10)
	t.fixed("01020000", 11)
	t.fixed("0", 1)
	t.fixed("03", 2)
	t.fixed("", 2)
	t.towards(0, 11)
	t.fixed("101", 14)
	t.crlf()
}

func (i *institutionBill) close() error { return i.t.close() }
