package simulator

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"daybook/ledger"
)

// config is the configuration under which the days reconcile.
func (s *stream) config() []byte {
	var out bytes.Buffer
	home := s.world.regions[0]
	fmt.Fprintf(&out, `# A made-up retailer: the configuration its files are read with.
#
# Every rate, cap, calendar and zone that a figure depends on stands in this file.

home:
  currency: %s            # ISO 4217; what a file means when it names no currency
  zone: %s      # IANA time zone
  day_cut: "00:00"         # wall-clock time at which the business day changes

stores:                    # zone, day_cut and currency default to home's
`, home.currency, home.zone)
	for _, st := range s.stores {
		fmt.Fprintf(&out, "  - {id: %s, name: %s", st.id, st.name)
		if st.region != home {
			fmt.Fprintf(&out, ", zone: %s, currency: %s", st.region.zone, st.region.currency)
		}
		out.WriteString("}\n")
	}
	out.WriteString(`
# The words tills use for how a customer paid, and the channel each means. A word that
# is not here is refused, so that a new way to pay is never booked under an old one.
tenders:
  cash: cash
`)
	var channels []string
	for _, p := range s.world.providers {
		if !slices.Contains(channels, p.channel) {
			channels = append(channels, p.channel)
			fmt.Fprintf(&out, "  %s: %s\n", p.channel, p.channel)
		}
	}
	out.WriteString("\nproviders:\n")
	for _, p := range s.world.providers {
		payer := p.payer
		if p.region == home {
			payer = payerWords[p.id]
		}
		fmt.Fprintf(&out, "  - id: %s\n", p.id)
		fmt.Fprintf(&out, "    name: %s\n", p.name)
		fmt.Fprintf(&out, "    channel: %-24s # settles tenders of this channel\n", p.channel)
		fmt.Fprintf(&out, "    formats: %-24s # its bills\n", "["+strings.Join(p.formats, ", ")+"]")
		fmt.Fprintf(&out, "    accounts: %-23s # what its bills and the bank's remarks call us\n", `["`+p.account+`"]`)
		if p.region != home {
			fmt.Fprintf(&out, "    currency: %s\n", p.region.currency)
		}
		fmt.Fprintf(&out, "    zone: %s\n", p.region.zone)
		out.WriteString("    day_cut: \"00:00\"                  # when its settlement day changes\n")
		out.WriteString("    cut_margin: 5m                    # a sale this close before the cut may be in the next bill\n")
		out.WriteString("    payout:\n")
		out.WriteString("      days: 1                         # T+1\n")
		out.WriteString("      calendar: every_day\n")
		fmt.Fprintf(&out, "      payer: [%s]%*s# the bank line's counterparty contains this\n", payer, max(1, 24-3*len([]rune(payer))), " ")
		if len(s.world.banks) > 1 {
			fmt.Fprintf(&out, "      bank: %s\n", p.bank.id)
		}
		if p.rate > 0 {
			out.WriteString("    fees:\n")
			if p.debit != p.rate {
				fmt.Fprintf(&out, "      - {card: debit, rate: %s, cap: %q}\n", ledger.Rate(p.debit), major(p.cap, p.region.currency))
				fmt.Fprintf(&out, "      - {card: credit, rate: %s}\n", ledger.Rate(p.rate))
			} else {
				fmt.Fprintf(&out, "      - {rate: %s}\n", ledger.Rate(p.rate))
			}
		}
		if p.keepsFee {
			out.WriteString("    refund_fee: kept                  # a refund or void does not give the fee back\n")
		} else {
			out.WriteString("    refund_fee: returned              # a refund or void gives the fee back\n")
		}
		if p.id == wechat {
			out.WriteString("    control_totals: report            # a bill whose own totals do not tie is taken in, and is a difference\n")
		}
		fmt.Fprintf(&out, "    fee_tolerance: %-18q # per line; a larger deviation is a break\n\n", major(0, p.region.currency))
	}
	out.WriteString("banks:\n")
	for _, b := range s.world.banks {
		fmt.Fprintf(&out, "  - {id: %s, name: %s, formats: [%s], currency: %s}\n", b.id, b.name, b.format, b.region.currency)
	}
	if len(s.world.regions) > 1 {
		out.WriteString(`
# UnionPay's institution files show no batch, and a till that had no answer knows no retrieval
# number: the trace number and the time find its payment.
rules:
  - {name: S1, version: 1, same: [mid+tid+stan], unless: [rrn], within: 10m, alone: true, score: 95, providers: [direct]}
`)
	}
	out.WriteString("\n# Who may decide about pairs and differences; whoever is not listed may only look.\npeople:\n")
	out.WriteString("  - {id: li.na, prepare: true}\n  - {id: wang.wei, prepare: true, approve: {CNY: \"100.00\"}}\n  - {id: zhao.min, approve: {CNY: \"50000.00\"}}\n  - {id: " + Registrar + ", customers: [edit, privacy, offer]}\n")
	return out.Bytes()
}

// payerWords are what the configuration looks for in the names of who pays in China.
var payerWords = map[string]string{"allinpay": "通联支付", alipay: "支付宝", wechat: "财付通", "unionpay": "中国银联", "direct": "银联商务"}
