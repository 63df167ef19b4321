package simulator

import (
	"fmt"

	"daybook/ledger"
)

// plastic is a made-up bank card: an issuer's six digits and four of our own. There
// are no digits in between anywhere.
type plastic struct {
	ref    ledger.CardRef
	text   string // 622202******3321
	kind   string // debit or credit
	issuer issuer
}

type issuer struct{ bin, kind, code, name string }

var issuers = []issuer{
	{"622202", "debit", "01020000", "工商银行"},
	{"621483", "debit", "03080000", "招商银行"},
	{"621700", "debit", "01050000", "建设银行"},
	{"622848", "debit", "01030000", "农业银行"},
	{"622575", "credit", "03080000", "招商银行"},
	{"625965", "credit", "01020000", "工商银行"},
	{"622260", "credit", "03010000", "交通银行"},
}

// kindWords are the acquirer's words for kinds of card.
var kindWords = map[string]string{"debit": "借记卡", "credit": "信用卡"}

// newCard makes a card that no one has used yet.
func (g *generator) newCard() *plastic {
	from := issuers[g.dice.IntN(len(issuers))]
	g.issued++
	// 7919 and 10000 have no common divisor: the last four digits repeat only after
	// ten thousand cards.
	text := padded(from.bin+"******", g.issued*7919%10_000, 4)
	ref, err := ledger.ParseCardRef(text)
	if err != nil {
		panic(fmt.Sprintf("a made-up card %s: %v", text, err))
	}
	return &plastic{ref, text, from.kind, from}
}

// someCard is one of the regulars' cards.
func (g *generator) someCard() *plastic { return g.cards[g.dice.IntN(len(g.cards))] }

// authCode is often missing for debit cards.
func (g *generator) authCode(c *plastic) ledger.AuthCode {
	if c.kind == "debit" && g.dice.IntN(2) == 0 {
		return ""
	}
	return g.someAuthCode()
}

func (g *generator) someAuthCode() ledger.AuthCode {
	return ledger.AuthCode(numbered("", 1+g.dice.IntN(999_999)))
}
