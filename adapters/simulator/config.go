package simulator

import (
	"bytes"
	"fmt"
)

// config is the configuration under which the day reconciles.
func (g *generator) config() []byte {
	var out bytes.Buffer
	out.WriteString(`# A made-up business day in Shanghai: the configuration its files are read with.
#
# Every rate, cap, calendar and zone that a figure depends on stands in this file.

home:
  currency: CNY            # ISO 4217; what a file means when it names no currency
  zone: Asia/Shanghai      # IANA time zone
  day_cut: "00:00"         # wall-clock time at which the business day changes

stores:                    # zone, day_cut and currency default to home's
`)
	for _, st := range g.stores {
		fmt.Fprintf(&out, "  - {id: %s, name: %s}\n", st.id, st.name)
	}
	out.WriteString(`
# The words tills use for how a customer paid, and the channel each means. A word that
# is not here is refused, so that a new way to pay is never booked under an old one.
tenders:
  cash: cash
  card: card
  alipay: alipay
  wechat: wechat

providers:
`)
	payers := map[string]string{card: "通联支付", alipay: "支付宝", wechat: "财付通"}
	for _, p := range providers {
		fmt.Fprintf(&out, "  - id: %s\n", p.id)
		fmt.Fprintf(&out, "    name: %s\n", p.name)
		fmt.Fprintf(&out, "    channel: %-24s # settles tenders of this channel\n", p.channel)
		fmt.Fprintf(&out, "    formats: %-24s # its bills\n", "["+p.format+"]")
		fmt.Fprintf(&out, "    accounts: %-23s # what its bills and the bank's remarks call us\n", `["`+p.account+`"]`)
		out.WriteString("    zone: Asia/Shanghai\n")
		out.WriteString("    day_cut: \"00:00\"                  # when its settlement day changes\n")
		out.WriteString("    cut_margin: 5m                    # a sale this close before the cut may be in the next bill\n")
		out.WriteString("    payout:\n")
		out.WriteString("      days: 1                         # T+1\n")
		out.WriteString("      calendar: every_day\n")
		fmt.Fprintf(&out, "      payer: [%s]%*s# the bank line's counterparty contains this\n", payers[p.channel], 24-3*len([]rune(payers[p.channel])), " ")
		out.WriteString("    fees:\n")
		if p.channel == card {
			out.WriteString("      - {card: debit, rate: 0.50%, cap: \"20.00\"}\n")
			out.WriteString("      - {card: credit, rate: 0.60%}\n")
		} else {
			out.WriteString("      - {rate: 0.60%}\n")
		}
		out.WriteString("    refund_fee: returned              # a refund or void gives the fee back\n")
		out.WriteString("    fee_tolerance: \"0.00\"             # per line; a larger deviation is a break\n\n")
	}
	out.WriteString("banks:\n  - {id: icbc, name: 工商银行, formats: [icbc-corporate], currency: CNY}\n\n")
	out.WriteString("# Who may decide about pairs and differences; whoever is not listed may only look.\npeople:\n")
	out.WriteString("  - {id: li.na, prepare: true}\n  - {id: wang.wei, prepare: true, approve: {CNY: \"100.00\"}}\n  - {id: zhao.min, approve: {CNY: \"50000.00\"}}\n")
	return out.Bytes()
}
