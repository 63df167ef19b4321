package projections_test

import (
	"daybook/ledger"
	"daybook/ledger/customer"
)

// people is a row in every view of customers: C9, who bought (R1) and was found to be C7 as well;
// C8, who is held out of the campaign; C6, who was erased; and C4, who bought and is restricted
// C5 as well.
func (s *story) people() {
	s.tb.Helper()
	say := func(id customer.ID, events ...any) {
		s.tb.Helper()
		for _, event := range events {
			s.say(customer.Stream(id), event)
		}
	}
	for _, id := range []customer.ID{"C9", "C8", "C7", "C6", "C5"} {
		say(id, customer.Described{Customer: id, Sealed: "AA==", Source: "file", By: "sun.li"},
			customer.ConsentSet{Customer: id, Purpose: customer.Marketing, Given: true, Source: "web", Text: "2026-01", By: "sun.li"},
			customer.ConsentSet{Customer: id, Purpose: customer.Personalise, Given: true, Source: "web", Text: "2026-01", By: "sun.li"})
	}
	offered := func(id customer.ID, heldOut bool) customer.OfferMade {
		return customer.OfferMade{Offer: "spring-" + string(id), Customer: id, Campaign: "spring", Reason: "new", HeldOut: heldOut, From: monday, Until: monday.AddDays(9), By: "chen.yu"}
	}
	for _, id := range []customer.ID{"C9", "C7", "C6"} {
		say(id, offered(id, false))
	}
	say("C8", offered("C8", true), customer.ConsentSet{Customer: "C8", Purpose: customer.Share, Given: false, Source: "phone", Text: "2026-01", By: "sun.li"})
	say("C7", customer.Merged{Customer: "C7", Into: "C9", By: "sun.li"}, customer.OfferRedeemed{Offer: "spring-C7", Customer: "C7", Campaign: "spring", Sale: "R1", Day: monday, By: "sun.li"})
	say("C6", customer.Erased{Customer: "C6", Basis: "gdpr17", By: "sun.li"})
	elsewhere := s.till()
	elsewhere.Terminal, elsewhere.Store, elsewhere.Cashier = "T3", "S2", ""
	s.act(ledger.SaleRecorded{Till: elsewhere, Sale: "R11", Customer: "C4", Total: cny(1200)})
	say("C4", customer.Merged{Customer: "C4", Into: "C5", By: "sun.li"})
	say("C5", customer.Restricted{Customer: "C5", Restricted: true, Basis: "gdpr18", By: "sun.li"}, customer.Disclosed{Customer: "C5", How: "shown", Basis: "request", By: "sun.li"})
}
