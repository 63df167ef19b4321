package projections

import (
	"time"

	"daybook/ledger"
	"daybook/ledger/customer"
)

// customerRecord is an event about a customer. It has no personal data: what of an event is
// sealed stays in the journal.
type customerRecord struct {
	position                uint64
	customer                customer.ID
	what                    string
	into                    customer.ID
	purpose                 customer.Purpose
	yes                     bool
	how, text, by           string
	offer, campaign, reason string
	sale                    string
	from, until, day        ledger.BusinessDay
	at                      time.Time
}

var customersTable = table[customerRecord]{
	name:   "r_customer_events",
	grain:  "one row per event about a customer",
	events: "customer-described, customer-merged, consent-set, customer-restricted, customer-disclosed, customer-erased, offer-made, offer-redeemed",
	key:    "customer, position",
	columns: []column[customerRecord]{
		col("customer", "String", "customer id", func(r *customerRecord) string { return string(r.customer) }),
		col("what", word, "described, merged, consent, restricted, disclosed, erased, offered or redeemed", func(r *customerRecord) string { return r.what }),
		col("into", "String", "of a merge: the customer who is the same person", func(r *customerRecord) string { return string(r.into) }),
		col("purpose", word, "of a consent: marketing, personalise or share", func(r *customerRecord) string { return string(r.purpose) }),
		col("yes", "Bool", "of a consent: given; of a restriction: from now on; of an offer: held out", func(r *customerRecord) bool { return r.yes }),
		col("how", word, "source of what was said, basis of what was done with the data, or how it was disclosed", func(r *customerRecord) string { return r.how }),
		col("text_version", word, "of a consent: version of the text that the customer was shown", func(r *customerRecord) string { return r.text }),
		col("offer", "String", "id of an offer", func(r *customerRecord) string { return r.offer }),
		col("campaign", word, "of an offer: what it is part of", func(r *customerRecord) string { return r.campaign }),
		col("reason", word, "of an offer: the segment that the customer was in; empty when all were asked", func(r *customerRecord) string { return r.reason }),
		col("first_day", "Date", "of an offer: first day on which it can be redeemed", func(r *customerRecord) time.Time { return date(r.from) }),
		col("last_day", "Date", "of an offer: last day on which it can be redeemed", func(r *customerRecord) time.Time { return date(r.until) }),
		col("redeemed_on", "Date", "day on which an offer was redeemed; 1970-01-01 when it was not", func(r *customerRecord) time.Time { return date(r.day) }),
		col("redeemed_sale", "String", "receipt with which an offer was redeemed", func(r *customerRecord) string { return r.sale }),
		col("by", word, "who wrote it down", func(r *customerRecord) string { return r.by }),
		col("at", "DateTime64(3, 'UTC')", "when it was written down", func(r *customerRecord) time.Time { return instant(r.at) }),
		positionColumn(func(r *customerRecord) uint64 { return r.position }),
	},
}

func customerEvent(position uint64, at time.Time, payload any) customerRecord {
	r := customerRecord{position: position, at: at}
	switch e := payload.(type) {
	case customer.Described:
		r.customer, r.what, r.how, r.by = e.Customer, "described", string(e.Source), e.By
	case customer.Merged:
		r.customer, r.what, r.into, r.by = e.Customer, "merged", e.Into, e.By
	case customer.ConsentSet:
		r.customer, r.what, r.purpose, r.yes, r.how, r.text, r.by = e.Customer, "consent", e.Purpose, e.Given, string(e.Source), e.Text, e.By
	case customer.Restricted:
		r.customer, r.what, r.yes, r.how, r.by = e.Customer, "restricted", e.Restricted, string(e.Basis), e.By
	case customer.Disclosed:
		r.customer, r.what, r.how, r.by = e.Customer, "disclosed", e.How, e.By
	case customer.Erased:
		r.customer, r.what, r.how, r.by = e.Customer, "erased", string(e.Basis), e.By
	case customer.OfferMade:
		r.customer, r.what, r.yes, r.by = e.Customer, "offered", e.HeldOut, e.By
		r.offer, r.campaign, r.reason, r.from, r.until = e.Offer, e.Campaign, e.Reason, e.From, e.Until
	case customer.OfferRedeemed:
		r.customer, r.what, r.by = e.Customer, "redeemed", e.By
		r.offer, r.campaign, r.sale, r.day = e.Offer, e.Campaign, e.Sale, e.Day
	}
	return r
}

// unlessErased is the customer of a sale, and nobody when they were erased. Until a table is
// filled again it holds the id still, which stands for nobody.
const unlessErased = "if(customer IN (SELECT customer FROM r_customer_events WHERE what = 'erased'), '', customer)"
