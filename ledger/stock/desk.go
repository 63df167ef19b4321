package stock

import (
	"context"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"

	"daybook/ledger"
)

// Desk is where people decide about proposals. Nobody who is not listed may do anything. Two
// that decide about one proposal at a time do not both succeed.
type Desk struct {
	journal ledger.Journal
	codec   *ledger.Codec
	buyers  map[string]Buyer
}

// Buyer is up to how many minor units somebody may order at a time; nil: not at all.
type Buyer map[ledger.Currency]int64

// NewDesk makes a desk for the buyers of a configuration.
func NewDesk(journal ledger.Journal, codec *ledger.Codec, buyers map[string]Buyer) *Desk {
	return &Desk{journal, codec, buyers}
}

// Proposal is an open proposal with its place.
type Proposal struct {
	ReorderProposed
	Position ledger.Position

	at ledger.Revision
}

// Open is the open proposal for a store and product.
func (d *Desk) Open(ctx context.Context, store ledger.StoreID, sku SKU) (Proposal, error) {
	payload, at, position, err := last(ctx, d.journal, d.codec, reorderStream(store, sku))
	if err != nil {
		return Proposal{}, err
	}
	proposed, open := payload.(ReorderProposed)
	if !open {
		return Proposal{}, ledger.Refuse(ledger.Say("no proposal for %s in store %s is open", string(sku), string(store)), ledger.Say("daybook reorder shows the open ones"))
	}
	return Proposal{proposed, position, at}, nil
}

// Approve makes one purchase order of proposals that are of one store and supplier. It is
// refused above what the person may order, and for what has no cost in the catalogue. Should the
// program end on the way, the proposals that were not reached stay open.
func (d *Desk) Approve(ctx context.Context, order string, proposals []Proposal, by string, day ledger.BusinessDay, at time.Time, due ledger.BusinessDay) error {
	if err := d.mayOrder(by, proposals); err != nil {
		return err
	}
	for _, p := range proposals {
		if err := d.settle(ctx, p, ReorderSettled{Outcome: Approved, Day: day, At: at, Order: order, Supplier: p.Supplier, QtyMilli: p.QtyMilli, Value: p.Value, Due: due, By: by}); err != nil {
			return err
		}
	}
	return nil
}

// OrderNo is the number of a purchase order: the same for the same proposals.
func OrderNo(store ledger.StoreID, day ledger.BusinessDay, proposals []Proposal) string {
	var parts []string
	for _, p := range proposals {
		parts = append(parts, strconv.FormatUint(uint64(p.Position), 10))
	}
	return "PO-" + string(store) + "-" + day.Compact() + "-" + ledger.DeriveID(parts...).String()[:6]
}

// Dismiss turns a proposal down. It takes the right to order.
func (d *Desk) Dismiss(ctx context.Context, p Proposal, by, reason string, day ledger.BusinessDay, at time.Time) error {
	reason, err := note(reason)
	if err == nil {
		err = d.mayOrder(by, nil)
	}
	if err != nil {
		return err
	}
	return d.settle(ctx, p, ReorderSettled{Outcome: Dismissed, Day: day, At: at, By: by, Reason: reason})
}

func (d *Desk) settle(ctx context.Context, p Proposal, settled ReorderSettled) error {
	settled.Store, settled.SKU, settled.Proposal = p.Store, p.SKU, p.Position
	stream := reorderStream(p.Store, p.SKU)
	event, err := d.codec.Encode(ledger.DeriveID("settle", string(stream), strconv.FormatInt(int64(p.at), 10), settled.By, settled.At.String()), settled,
		ledger.Metadata{Actor: "user:" + settled.By, BusinessDay: settled.Day, OccurredAt: settled.At})
	if err != nil {
		return err
	}
	_, err = d.journal.Append(ctx, stream, behind(p.at), event)
	if errors.Is(err, ledger.ErrConflict) {
		return ledger.Refuse(ledger.Say("somebody was quicker about %s in store %s", string(p.SKU), string(p.Store)), ledger.Say("daybook reorder shows the open ones"))
	}
	return err
}

// Close says that nothing more is expected for an order or a transfer.
func (d *Desk) Close(ctx context.Context, store ledger.StoreID, no, by, reason string, day ledger.BusinessDay, at time.Time) error {
	reason, err := note(reason)
	if err == nil {
		err = d.mayOrder(by, nil)
	}
	if err != nil {
		return err
	}
	in := Intake{d.journal, d.codec}
	p, err := in.prepare(ctx, StockRecorded{Kind: Closed, Store: store, Doc: no, Day: day, At: at, By: by, Reason: reason}, ledger.Metadata{Actor: "user:" + by}, 0)
	if err != nil {
		return err
	}
	if p.same {
		return ledger.Problem("%s of store %s is closed already", no, string(store))
	}
	_, err = d.journal.Append(ctx, p.stream, p.expect(), p.event)
	return err
}

// mayOrder holds a person to what they may order at a time.
func (d *Desk) mayOrder(by string, proposals []Proposal) error {
	limits, listed := d.buyers[by]
	if !listed || limits == nil {
		return ledger.Refuse(ledger.Say("%s may not order", by), ledger.Say("order: {CNY: \"5000.00\"} under people: in the configuration lets somebody, up to an amount at a time"))
	}
	sums := map[ledger.Currency]int64{}
	for _, p := range proposals {
		if p.Value.Currency == "" {
			return ledger.Refuse(ledger.Say("%s has no cost in the catalogue, so nobody can say what the order comes to", string(p.SKU)), ledger.Say("give it a cost, import the catalogue, and approve then"))
		}
		sums[p.Value.Currency] = ledger.AddMinor(sums[p.Value.Currency], p.Value.Minor)
	}
	for currency, sum := range sums {
		if sum > limits[currency] {
			return ledger.Refuse(ledger.Say("%s may order up to %s at a time, this is %s", by, ledger.Minor(limits[currency], currency).String(), ledger.Minor(sum, currency).String()),
				ledger.Say("somebody with a higher limit has to approve it, or approve less at a time"))
		}
	}
	return nil
}

// note is what a person wrote, without card numbers.
func note(text string) (string, error) {
	const maxNote = 2000
	switch {
	case text == "":
		return "", ledger.Problem("say why: the reason is empty")
	case len(text) > maxNote:
		return "", ledger.Problem("the text has %d bytes, at most %d are kept", len(text), maxNote)
	case !utf8.ValidString(text):
		return "", ledger.Problem("the text is not UTF-8")
	}
	return ledger.TruncateCards(text), nil
}
