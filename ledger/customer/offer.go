package customer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"daybook/ledger"
)

// Campaign is something offered to many.
type Campaign struct {
	Name    string             // unique for ever
	Reason  string             // why these customers: the segment they are in; empty for all
	HoldOut ledger.Rate        // share of customers who are offered nothing
	From    ledger.BusinessDay // first day on which it can be redeemed
	Until   ledger.BusinessDay // last one
}

// Check refuses a campaign that cannot be right.
func (c Campaign) Check() error {
	if c.Name == "" {
		return ledger.Problem("a campaign needs a name")
	}
	for _, text := range []struct{ what, value string }{{"campaign", c.Name}, {"segment", c.Reason}} {
		if err := ledger.CheckID(text.what, text.value, 64); err != nil {
			return err
		}
	}
	switch {
	case c.From.IsZero() || c.Until.IsZero() || c.Until.Compare(c.From) < 0:
		return ledger.Refuse(ledger.Say("a campaign needs a first and a last day"), ledger.Say("say which with --from and --until"))
	case c.HoldOut < 0 || c.HoldOut > million/2:
		return ledger.Problem("at most half of the customers can be held out")
	}
	return nil
}

// million is all, in parts per million.
const million = 1_000_000

// HeldOut decides by campaign and customer alone whether the customer is held out: the same
// answer whenever and wherever it is asked, and in each campaign another group.
func (c Campaign) HeldOut(id ID) bool {
	sum := sha256.Sum256([]byte("hold-out\n" + c.Name + "\n" + string(id)))
	return binary.BigEndian.Uint64(sum[:8])%million < uint64(c.HoldOut)
}

// OfferResult says what became of an offer.
type OfferResult string

// What can become of an offer.
const (
	Made         OfferResult = "made"
	HeldOut      OfferResult = "held_out"
	Already      OfferResult = "already"
	NoConsent    OfferResult = "no_consent"
	IsRestricted OfferResult = "restricted"
	IsGone       OfferResult = "gone" // erased, or merged into another
	Unregistered OfferResult = "unregistered"
)

// Offer makes a campaign's offer to a customer, or holds them out, once. Both take the consent
// to marketing, and, when the customer was chosen by what they bought, to that as well: groups
// that are not chosen alike cannot be compared.
func (b *Book) Offer(ctx context.Context, c Campaign, id ID, by string) (OfferResult, error) {
	if err := c.Check(); err != nil {
		return "", err
	}
	r, err := b.Read(ctx, id)
	if err != nil {
		return "", err
	}
	switch {
	case r.Erased || r.Into != "":
		return IsGone, nil
	case !r.Registered:
		return Unregistered, nil
	case r.Restricted:
		return IsRestricted, nil
	case !r.Allows(Marketing) || c.Reason != "" && !r.Allows(Personalise):
		return NoConsent, nil
	}
	for _, o := range r.Offers {
		if o.Campaign == c.Name {
			return Already, nil
		}
	}
	heldOut := c.HeldOut(id)
	made := OfferMade{offerID(c.Name, id), id, c.Name, c.Reason, heldOut, c.From, c.Until, by}
	if err := b.append(ctx, r, by, made); err != nil {
		return "", err
	}
	if heldOut {
		return HeldOut, nil
	}
	return Made, nil
}

// offerID names an offer so that it can be typed at a till.
func offerID(campaign string, id ID) string {
	return "O" + string(deriveID("offer", campaign, string(id)))[1:13]
}

// Redeem writes down that a customer made use of an offer with a sale.
func (b *Book) Redeem(ctx context.Context, id ID, offer, sale string, day ledger.BusinessDay, by string) error {
	if err := ledger.CheckID("--sale", sale, 64); err != nil {
		return err
	}
	if sale == "" || ledger.TruncateCards(sale) != sale {
		return ledger.Refuse(ledger.Say("the number of the receipt is missing"), ledger.Say("say which with --sale NUMBER"))
	}
	r, err := b.living(ctx, id)
	if err != nil {
		return err
	}
	for _, o := range r.Offers {
		switch {
		case o.Offer != offer && o.Campaign != offer:
			continue
		case o.HeldOut:
			return ledger.Problem("%s was held out of campaign %s: nothing was offered to them", string(r.ID), o.Campaign)
		case o.Redeemed == sale:
			return nil
		case o.Redeemed != "":
			return ledger.Problem("the offer %s was redeemed with receipt %s already", o.Offer, o.Redeemed)
		case day.Compare(o.From) < 0 || day.Compare(o.Until) > 0:
			return ledger.Problem("the offer %s is for %s to %s", o.Offer, o.From.String(), o.Until.String())
		}
		return b.append(ctx, r, by, OfferRedeemed{o.Offer, r.ID, o.Campaign, sale, day, by})
	}
	return ledger.Problem("no offer %s was made to %s", strconv.Quote(offer), string(r.ID))
}
