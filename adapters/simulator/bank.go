package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"daybook/ledger"
)

// openingBalance is what is in the bank account before the day's movements, in fen.
const openingBalance = int64(8_000_000)

// movement is one row of the bank statement.
type movement struct {
	second  int
	name    string
	number  string
	in, out int64
	purpose string
	summary string
	remark  string
}

// payouts are the credits of the next morning: the net of each bill. With breaks the
// acquirer pays too little and WeChat nothing.
func (g *generator) payouts() ([]movement, error) {
	var credits []movement
	for _, p := range providers {
		total := totalOf(p, linesOf(g.lines, p))
		paid := total.NetMinor
		if g.opts.Breaks > 0 {
			switch p.channel {
			case card:
				paid -= min(3000, paid/2)
			case wechat:
				paid = 0
			}
			if total.NetMinor < 2 {
				return nil, ledger.Refuse(
					ledger.Say("with so few payments (%d) there is nothing for %s to pay out", g.opts.Payments, p.id),
					ledger.Say("ask for more payments"))
			}
		}
		g.foundPayout(p, total.NetMinor, paid)
		if paid > 0 {
			credits = append(credits, payout(p, g.opts.Day, paid))
		}
	}
	return credits, nil
}

func (g *generator) foundPayout(p *provider, expected, paid int64) {
	reference := p.account + " " + g.opts.Day.String()
	switch {
	case expected == paid:
	case paid == 0:
		g.found(PayoutNotReceived, p.channel, reference, expected, 0)
	default:
		g.found(PayoutShort, p.channel, reference, expected, paid)
	}
}

// payout is the credit for the bill of a day.
func payout(p *provider, day ledger.BusinessDay, amount int64) movement {
	remark := p.account
	if p.namesDays {
		remark += " " + day.Compact()
	}
	return movement{p.paidAt, p.payer, p.payerNo, amount, 0, p.purpose, p.summary, remark}
}

// bankStatement is ICBC's corporate statement of the day after, in GBK, with a running
// balance. What is paid to suppliers has nothing to do with the tills.
func (g *generator) bankStatement(day ledger.BusinessDay, credits []movement, balance int64) (File, int64, error) {
	next := day.AddDays(1)
	movements := slices.Clone(credits)
	for i := range 3 {
		movements = append(movements, movement{
			second: 9*3600 + g.dice.IntN(8*3600), name: "供应商" + string([]rune("甲乙丙")[i]), number: fmt.Sprintf("10%02d", i+1),
			out: int64(50_000 + 100*g.dice.IntN(10_000)), purpose: "货款", summary: "货款",
			remark: fmt.Sprintf("%08d", 10_000_000+g.dice.IntN(9_000_000)),
		})
	}
	slices.SortStableFunc(movements, func(a, b movement) int { return cmp.Compare(a.second, b.second) })

	var out strings.Builder
	out.WriteString("[HISTORYDETAIL]\r\n凭证号,交易时间,对方单位,对方账号,转入金额,转出金额,余额,用途,摘要,附言\r\n")
	for i, m := range movements {
		balance += m.in - m.out
		in, paid := "", ""
		if m.in != 0 {
			in = yuan(m.in)
		}
		if m.out != 0 {
			paid = yuan(m.out)
		}
		at := next.Midnight().Add(time.Duration(m.second) * time.Second)
		fmt.Fprintf(&out, "%s%03d,%s,%s,%s,%s,%s,%s,%s,%s,%s\r\n", at.Format("060102"), i+1, at.Format("2006-01-02 15:04:05"),
			m.name, m.number, in, paid, yuan(balance), m.purpose, m.summary, m.remark)
	}
	text, err := simplifiedchinese.GBK.NewEncoder().String(out.String())
	if err != nil {
		return File{}, 0, fmt.Errorf("write bank statement: %w", err)
	}
	return File{fmt.Sprintf("icbc_HISTORYDETAIL_%s.csv", next.Compact()), []byte(text)}, balance, nil
}
