package customer

import "daybook/ledger"

// Streams of this room:
//
//	customer-<id>        all that is known of one customer, and what was offered to them
type (
	// Described says who a customer is, whole. The first one registers the customer, each
	// further one takes the place of the one before.
	Described struct {
		Customer ID     `json:"customer"`
		Sealed   Sealed `json:"sealed"` // a Profile
		Source   Source `json:"source"`
		By       string `json:"by"`
	}

	// Merged: two customers are one person. What the first bought counts as bought by the
	// second.
	Merged struct {
		Customer ID     `json:"customer"`
		Into     ID     `json:"into"`
		By       string `json:"by"`
	}

	// ConsentSet: the customer allowed something, or no longer does.
	ConsentSet struct {
		Customer ID      `json:"customer"`
		Purpose  Purpose `json:"purpose"`
		Given    bool    `json:"given"`
		Source   Source  `json:"source"`
		Text     string  `json:"text"` // version of the text the customer was shown
		By       string  `json:"by"`
	}

	// Restricted: the customer's data may be stored and not used (GDPR art. 18, PIPL art.
	// 47), or may be used again.
	Restricted struct {
		Customer   ID     `json:"customer"`
		Restricted bool   `json:"restricted"`
		Basis      Basis  `json:"basis"`
		By         string `json:"by"`
	}

	// Disclosed: somebody was shown the customer's personal data, or all of it was handed out
	// (GDPR art. 15 and 20, PIPL art. 45). What it was stands in no event.
	Disclosed struct {
		Customer ID     `json:"customer"`
		How      string `json:"how"` // shown, found or exported
		Basis    Basis  `json:"basis"`
		By       string `json:"by"`
	}

	// Erased: the customer is to be forgotten. Whoever keeps keys destroys the customer's.
	Erased struct {
		Customer ID     `json:"customer"`
		Basis    Basis  `json:"basis"`
		By       string `json:"by"`
	}

	// OfferMade: the customer is to be offered something, or is held out of a campaign to
	// measure what it does.
	OfferMade struct {
		Offer    string             `json:"offer"` // unique for ever
		Customer ID                 `json:"customer"`
		Campaign string             `json:"campaign"`
		Reason   string             `json:"reason"` // why this customer: the segment
		HeldOut  bool               `json:"held_out"`
		From     ledger.BusinessDay `json:"from"`
		Until    ledger.BusinessDay `json:"until"`
		By       string             `json:"by"`
	}

	// OfferRedeemed: the customer made use of an offer with a sale.
	OfferRedeemed struct {
		Offer    string             `json:"offer"`
		Customer ID                 `json:"customer"`
		Campaign string             `json:"campaign"`
		Sale     string             `json:"sale"` // receipt number
		Day      ledger.BusinessDay `json:"day"`
		By       string             `json:"by"`
	}
)

// Kinds are the kinds of event this room writes.
func Kinds() []ledger.Kind {
	return []ledger.Kind{
		ledger.KindOf[Described]("customer-described"),
		ledger.KindOf[Merged]("customer-merged"),
		ledger.KindOf[ConsentSet]("consent-set"),
		ledger.KindOf[Restricted]("customer-restricted"),
		ledger.KindOf[Disclosed]("customer-disclosed"),
		ledger.KindOf[Erased]("customer-erased"),
		ledger.KindOf[OfferMade]("offer-made"),
		ledger.KindOf[OfferRedeemed]("offer-redeemed"),
	}
}

// Stream holds all events of one customer.
func Stream(id ID) ledger.StreamID { return ledger.Stream("customer", string(id)) }

// Purpose is what a customer agrees to.
type Purpose string

// The purposes, each agreed to or not by itself.
const (
	Marketing   Purpose = "marketing"   // offers and news
	Personalise Purpose = "personalise" // to be put into segments by what was bought
	Share       Purpose = "share"       // data given to partners
)

// Purposes are all of them.
var Purposes = []Purpose{Marketing, Personalise, Share}

// Source is through what a customer said something.
type Source string

// Sources are all of them.
var Sources = []Source{"till", "app", "web", "phone", "mail", "paper", "file"}

// Basis is why something about a person's data was done.
type Basis string

// Bases are all of them.
var Bases = []Basis{"request", "gdpr17", "pipl47", "gdpr18", "dispute", "accounting", "withdrawn", "retention", "service"}
