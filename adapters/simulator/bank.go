package simulator

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"daybook/ledger"
)

// openingBalance is what is in a bank account before the first day's movements, in minor
// units.
const openingBalance = int64(8_000_000)

// statement is what a bank says of the day after the one being written.
type statement struct {
	bank      *bank
	day       ledger.BusinessDay
	midnight  time.Time
	opening   int64
	closing   int64
	movements []movement
}

// movement is one row of a bank statement.
type movement struct {
	second  int
	name    string
	number  string
	in, out int64
	purpose string
	summary string
	remark  string
	balance int64
}

// writeBank pays the bills of the day. What is paid to suppliers has nothing to do with
// the tills. With breaks one provider pays too little and another nothing.
func (s *stream) writeBank(b *bank) error {
	day := s.day.day.AddDays(1)
	st := &statement{bank: b, day: day, opening: s.balances[b], midnight: time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, b.region.clock)}
	for _, p := range s.world.providers {
		if p.bank != b {
			continue
		}
		total := s.totals[p].NetMinor
		s.paid[p] = max(total, 0)
		if s.bills[p] == nil {
			continue
		}
		paid := total
		if s.opts.Breaks > 0 && (p.shorts || p.withholds) {
			if total < 2 {
				return ledger.Refuse(
					ledger.Say("with so few payments (%d) there is nothing for %s to pay out", s.opts.Payments, p.id),
					ledger.Say("ask for more payments"))
			}
			reference := p.account + " " + s.day.dashed
			if p.shorts {
				paid -= min(3000, paid/2)
				s.found(PayoutShort, p, reference, total, paid)
			} else {
				paid = 0
				s.found(PayoutNotReceived, p, reference, total, 0)
			}
		}
		if paid > 0 {
			remark := p.account
			if p.namesDays {
				remark += " " + s.day.compact
			}
			st.movements = append(st.movements, movement{second: p.paidAt, name: p.payer, number: p.payerNo, in: paid, purpose: p.purpose, summary: p.summary, remark: remark})
		}
	}
	if s.dir == NextDir && len(st.movements) == 0 {
		return nil
	}
	s.suppliers(st)
	slices.SortStableFunc(st.movements, func(a, b movement) int { return cmp.Compare(a.second, b.second) })
	st.closing = st.opening
	for i := range st.movements {
		m := &st.movements[i]
		st.closing += m.in - m.out
		m.balance = st.closing
	}
	s.balances[b] = st.closing
	name, gbk, content := b.write(st)
	if gbk {
		content = appendGBK(nil, content)
	}
	return s.file(s.dir+"/"+name, content)
}

// suppliers are paid in the course of the day.
func (s *stream) suppliers(st *statement) {
	n := slices.Index(s.world.banks, st.bank)
	dice := rand.New(rand.NewPCG(s.opts.Seed+uint64(s.day.n)<<32, 0x62616e6b00+uint64(n)))
	for i := range 3 {
		name := "供应商" + string([]rune("甲乙丙")[i])
		if st.bank.region.currency != "CNY" {
			name = "Supplier " + string("ABC"[i])
		}
		st.movements = append(st.movements, movement{
			second: 9*3600 + dice.IntN(8*3600), name: name, number: fmt.Sprintf("10%02d", i+1),
			out: int64(50_000 + 100*dice.IntN(10_000)), purpose: "货款", summary: "货款",
			remark: fmt.Sprintf("%08d", 10_000_000+dice.IntN(9_000_000)),
		})
	}
}

func (st *statement) at(m *movement) time.Time {
	return st.midnight.Add(time.Duration(m.second) * time.Second)
}

// blank is an amount, or nothing instead of zero.
func blank(minor int64) string {
	if minor == 0 {
		return ""
	}
	return yuan(minor)
}

// icbcStatement is ICBC's corporate statement. (Settlement formats 8.4, as the other
// banks of China.)
func icbcStatement(st *statement) (string, bool, []byte) {
	var out bytes.Buffer
	out.WriteString("[HISTORYDETAIL]\r\n凭证号,交易时间,对方单位,对方账号,转入金额,转出金额,余额,用途,摘要,附言\r\n")
	for i := range st.movements {
		m := &st.movements[i]
		fmt.Fprintf(&out, "%s%03d,%s,%s,%s,%s,%s,%s,%s,%s,%s\r\n", st.day.Compact()[2:], i+1, st.at(m).Format(time.DateTime),
			m.name, m.number, blank(m.in), blank(m.out), yuan(m.balance), m.purpose, m.summary, m.remark)
	}
	return "icbc_HISTORYDETAIL_" + st.day.Compact() + ".csv", true, out.Bytes()
}

const merchant = "晨曦便利有限公司"

func ccbStatement(st *statement) (string, bool, []byte) {
	var out bytes.Buffer
	out.WriteString("账号,账户名称,交易时间,借方发生额（支取）,贷方发生额（收入）,余额,币种,对方户名,对方账号,对方开户机构,记账日期,摘要,备注,账户明细编号-交易流水号,企业流水号,凭证种类,凭证号,关联账户\n")
	for i := range st.movements {
		m := &st.movements[i]
		fmt.Fprintf(&out, "44050100000000000001\t,%s,%s,%s,%s,%s,人民币元,%s,%s\t,上海分行,%s,%s,%s,13523-%s%06d,,,,\n", merchant,
			st.at(m).Format("20060102 15:04:05"), yuan(m.out), yuan(m.in), yuan(m.balance), m.name, m.number, st.day.Compact(), m.summary, m.remark, st.day.Compact()[2:], i+1)
	}
	return "ccb_" + st.day.Compact() + ".csv", true, out.Bytes()
}

// cmbStatement runs newest first.
func cmbStatement(st *statement) (string, bool, []byte) {
	var out bytes.Buffer
	out.WriteString(byteOrderMark + "账号,账号名称,币种,交易日,交易时间,起息日,交易类型,借方金额,贷方金额,余额,摘要,流水号,业务名称,用途,业务参考号,业务摘要,收付方名称,收付方账号,收付方开户行名\n")
	for i := len(st.movements) - 1; i >= 0; i-- {
		m := &st.movements[i]
		fmt.Fprintf(&out, "7559000000001,%s,人民币,%s,%s,%s,CPTA,%s,%s,%s,%s,C%sK%04d,网上支付,%s,%s,,%s,%s,某银行\n", merchant, st.day, st.at(m).Format(time.TimeOnly), st.day,
			blank(m.out), blank(m.in), yuan(m.balance), m.summary, st.day.Compact()[2:], i+1, m.purpose, m.remark, m.name, m.number)
	}
	return "cmb_" + st.day.Compact() + ".csv", false, out.Bytes()
}

func abcStatement(st *statement) (string, bool, []byte) {
	var out bytes.Buffer
	out.WriteString("交易时间,收入金额,支出金额,账户余额,交易行名,对方省市,对方账号,对方户名,交易用途\r\n")
	for i := range st.movements {
		m := &st.movements[i]
		fmt.Fprintf(&out, "%s,%s,%s,%s,中国农业银行上海分行,上海,%s,%s,%s %s\r\n", st.at(m).Format(time.DateTime), blank(m.in), blank(m.out), yuan(m.balance),
			m.number, m.name, m.summary, m.remark)
	}
	return "abc_" + st.day.Compact() + ".csv", true, out.Bytes()
}

func bocStatement(st *statement) (string, bool, []byte) {
	var out bytes.Buffer
	out.WriteString("交易类型[ Transaction Type ],业务类型[ Business type ],付款人开户行名[ Payer account bank ],付款人账号[ Debit Account No. ],付款人名称[ Payer's Name ],收款人开户行名[ Beneficiary account bank ],收款人账号[ Payee's Account Number ],收款人名称[ Payee's Name ],交易日期[ Transaction Date ],交易时间[ Transaction time ],交易货币[ Trade Currency ],交易金额[ Trade Amount ],交易后余额[ After-transaction balance ],起息日期[ Value Date ],交易流水号[ Transaction reference number ],摘要[ Reference ],用途[ Purpose ],交易附言[ Remark ],备注[ Remarks ]\r\n")
	const own = "中国银行上海分行,440000000001," + merchant
	for i := range st.movements {
		m := &st.movements[i]
		other := "某银行," + m.number + "," + m.name
		kind, parties, amount := "来账,转账收入", other+","+own, "+"+yuan(m.in)
		if m.out > 0 {
			kind, parties, amount = "往账,转账支出", own+","+other, "-"+yuan(m.out)
		}
		fmt.Fprintf(&out, "%s,%s,%s,%s,CNY,%s,+%s,%s,1%s%05d,%s,%s,%s,\r\n", kind, parties, st.day.Compact(), st.at(m).Format(time.TimeOnly), amount, yuan(m.balance),
			st.day.Compact(), st.day.Compact()[2:], i+1, m.summary, m.purpose, m.remark)
	}
	return "boc_" + st.day.Compact() + ".csv", true, out.Bytes()
}

// camt053Statement is an ISO 20022 statement, version 8. (Settlement formats 8.1.)
func camt053Statement(st *statement) (string, bool, []byte) {
	var out bytes.Buffer
	day, currency := st.day.String(), st.bank.region.currency
	fmt.Fprintf(&out, `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>DBK-%s</MsgId><CreDtTm>%sT23:59:00+03:00</CreDtTm></GrpHdr><Stmt><Id>STMT-%s</Id><CreDtTm>%sT23:59:00+03:00</CreDtTm><FrToDt><FrDtTm>%sT00:00:00+03:00</FrDtTm><ToDtTm>%sT23:59:59+03:00</ToDtTm></FrToDt><Acct><Id><IBAN>KW00TEST0000000000000000000001</IBAN></Id><Ccy>%s</Ccy></Acct>`,
		st.day.Compact(), day, st.day.Compact(), day, day, day, currency)
	for _, balance := range []struct {
		code  string
		minor int64
	}{{"OPBD", st.opening}, {"CLBD", st.closing}} {
		fmt.Fprintf(&out, "\n<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp>%s<Dt><Dt>%s</Dt></Dt></Bal>", balance.code, xmlAmount(balance.minor, currency), day)
	}
	fmt.Fprintf(&out, "\n<TxsSummry><TtlNtries><NbOfNtries>%d</NbOfNtries></TtlNtries></TxsSummry>", len(st.movements))
	for i := range st.movements {
		m := &st.movements[i]
		fmt.Fprintf(&out, "\n<Ntry><NtryRef>%04d</NtryRef>%s<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt><ValDt><Dt>%s</Dt></ValDt><AcctSvcrRef>%s-%04d</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><%s><Pty><Nm>%s</Nm></Pty></%s></RltdPties><RmtInf><Ustrd>%s %s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
			i+1, xmlAmount(m.in-m.out, currency), day, day, st.day.Compact(), i+1, party(m), m.name, party(m), ascii(m.purpose), m.remark)
	}
	out.WriteString("\n</Stmt></BkToCstmrStmt></Document>\n")
	return "camt053_" + st.day.Compact() + ".xml", false, out.Bytes()
}

// camt054Statement is a notification, version 4, which has no balances.
func camt054Statement(st *statement) (string, bool, []byte) {
	var out bytes.Buffer
	day, currency := st.day.String(), st.bank.region.currency
	fmt.Fprintf(&out, `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.04"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>N-%s</MsgId><CreDtTm>%sT23:00:00+09:00</CreDtTm></GrpHdr><Ntfctn><Id>NTF-%s</Id><CreDtTm>%sT23:00:00+09:00</CreDtTm><FrToDt><FrDtTm>%sT00:00:00+09:00</FrDtTm><ToDtTm>%sT23:59:59+09:00</ToDtTm></FrToDt><Acct><Id><Othr><Id>0000123456</Id></Othr></Id><Ccy>%s</Ccy></Acct>`,
		st.day.Compact(), day, st.day.Compact(), day, day, day, currency)
	for i := range st.movements {
		m := &st.movements[i]
		fmt.Fprintf(&out, "\n<Ntry>%s<Sts>BOOK</Sts><BookgDt><DtTm>%s</DtTm></BookgDt><ValDt><Dt>%s</Dt></ValDt><AcctSvcrRef>SVC %s/%02d</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>XBCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><RltdPties><%s><Nm>%s</Nm></%s></RltdPties><RmtInf><Ustrd>%s %s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
			xmlAmount(m.in-m.out, currency), st.at(m).Format(time.RFC3339), day, st.day.Compact(), i+1, party(m), m.name, party(m), ascii(m.purpose), m.remark)
	}
	out.WriteString("\n</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n")
	return "camt054_" + st.day.Compact() + ".xml", false, out.Bytes()
}

func xmlAmount(minor int64, currency ledger.Currency) string {
	way := "CRDT"
	if minor < 0 {
		way, minor = "DBIT", -minor
	}
	return fmt.Sprintf(`<Amt Ccy="%s">%s</Amt><CdtDbtInd>%s</CdtDbtInd>`, currency, major(minor, currency), way)
}

// party is the element of who paid or was paid.
func party(m *movement) string {
	if m.in > 0 {
		return "Dbtr"
	}
	return "Cdtr"
}

// ascii is the purpose of a movement outside of China.
func ascii(purpose string) string {
	if purpose == "货款" {
		return "GOODS"
	}
	return purpose
}

// mt940Statement is a SWIFT customer statement. (Settlement formats 8.2.)
func mt940Statement(st *statement) (string, bool, []byte) {
	var out bytes.Buffer
	currency, day := st.bank.region.currency, st.day.Compact()[2:]
	comma := func(minor int64) string {
		text := strings.Replace(major(max(minor, -minor), currency), ".", ",", 1)
		if !strings.Contains(text, ",") {
			text += ","
		}
		return text
	}
	mark := func(minor int64) string {
		if minor < 0 {
			return "D"
		}
		return "C"
	}
	fmt.Fprintf(&out, ":20:DBK%s001\r\n:25:IS00TEST0000000001\r\n:28C:%05d/001\r\n:60F:%s%s%s%s\r\n", day, st.day.Midnight().YearDay(), mark(st.opening), day, currency, comma(st.opening))
	for i := range st.movements {
		m := &st.movements[i]
		fmt.Fprintf(&out, ":61:%s%s%s%sNTRFNONREF//%04d-SVC\r\n", day, day[2:], mark(m.in-m.out), comma(m.in-m.out), i+1)
		fmt.Fprintf(&out, ":86:166?00TRANSFER?10%06d?20%s?21%s?32%s\r\n", i+1, ascii(m.purpose), m.remark, m.name)
	}
	fmt.Fprintf(&out, ":62F:%s%s%s%s\r\n-\r\n", mark(st.closing), day, currency, comma(st.closing))
	return "mt940_" + st.day.Compact() + ".sta", false, out.Bytes()
}

// bai2Statement is a balance report of North America; its control totals are sums of amounts
// as written. (Settlement formats 8.3.)
func bai2Statement(st *statement) (string, bool, []byte) {
	var out bytes.Buffer
	day, currency := st.day.Compact()[2:], st.bank.region.currency
	next := st.day.AddDays(1).Compact()[2:]
	fmt.Fprintf(&out, "01,CHASE,DAYBOOK,%s,0500,1,,,2/\n02,DAYBOOK,CHASE,1,%s,2400,%s,2/\n", next, day, currency)
	fmt.Fprintf(&out, "03,0975312468,%s,010,%d,,,015,%d,,/\n", currency, st.opening, st.closing)
	control := st.opening + st.closing
	for i := range st.movements {
		m := &st.movements[i]
		code := "165"
		if m.out > 0 {
			code = "495"
		}
		control += m.in + m.out
		fmt.Fprintf(&out, "16,%s,%d,0,REF%s%02d,,%s %s\n", code, m.in+m.out, day, i+1, m.name, m.remark)
	}
	n := len(st.movements)
	fmt.Fprintf(&out, "49,%d,%d/\n98,%d,1,%d/\n99,%d,1,%d/\n", control, n+2, control, n+4, control, n+6)
	return "bai2_" + st.day.Compact() + ".txt", false, out.Bytes()
}
