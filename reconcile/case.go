package reconcile

import (
	"context"

	"daybook/ledger"
)

// What people do about a break stands in the stream break-<id>, in the order in which they
// did it. Nothing is ever changed or taken out: an undo is another event.
type (
	// BreakAssigned: somebody is to see to it, until a day.
	BreakAssigned struct {
		Break string             `json:"break"`
		To    string             `json:"to"`
		Due   ledger.BusinessDay `json:"due"`
		By    string             `json:"by"`
	}

	// BreakCommented: somebody wrote something down.
	BreakCommented struct {
		Break string `json:"break"`
		Text  string `json:"text"`
		By    string `json:"by"`
	}

	// BreakExplained: it is known what lies behind it.
	BreakExplained struct {
		Break string `json:"break"`
		Cause Cause  `json:"cause"`
		Text  string `json:"text,omitempty"`
		By    string `json:"by"`
	}

	// AdjustmentProposed waits for somebody else's approval.
	AdjustmentProposed struct {
		Break Break `json:"break"` // as it was then
		Adjustment
		By string `json:"by"`
	}

	// AdjustmentApproved is an entry of the book. By is never who proposed it.
	AdjustmentApproved struct {
		Break string `json:"break"`
		Adjustment
		Day        ledger.BusinessDay `json:"day"` // posting date
		Postings   []Posting          `json:"postings,omitempty"`
		ProposedBy string             `json:"proposed_by"`
		By         string             `json:"by"`
	}

	// AdjustmentRejected: it is not done, or its proposer took it back.
	AdjustmentRejected struct {
		Break  string `json:"break"`
		Reason string `json:"reason"`
		By     string `json:"by"`
	}

	// AdjustmentReversed undoes an approved one by the opposite entry.
	AdjustmentReversed struct {
		Break    string             `json:"break"`
		Kind     AdjustmentKind     `json:"kind"`
		Day      ledger.BusinessDay `json:"day"`
		Postings []Posting          `json:"postings,omitempty"`
		Reason   string             `json:"reason"`
		By       string             `json:"by"`
	}
)

// Cause is what lies behind a break.
type Cause string

// Causes are all that can be given.
var Causes = []Cause{"cut_off", "late_file", "till_error", "provider_error", "bank_error", "duplicate", "fee_contract", "chargeback", "fraud_suspected", "other"}

// Handling says how far people are with a break.
type Handling string

const (
	Untouched      Handling = ""
	Assigned       Handling = "assigned"
	Explained      Handling = "explained"
	Proposed       Handling = "proposed"
	HandledAccept  Handling = "accepted"
	HandledCorrect Handling = "corrected"
	HandledOff     Handling = "written_off"
	HandledClaim   Handling = "claimed"
)

// Settles reports whether nothing is left to be done. A claim is open until it is paid.
func (h Handling) Settles() bool {
	return h == HandledAccept || h == HandledCorrect || h == HandledOff
}

// HandlingOf is where an approved adjustment brings a break.
func HandlingOf(kind AdjustmentKind) Handling {
	switch kind {
	case Correction:
		return HandledCorrect
	case WrittenOff:
		return HandledOff
	case Claim:
		return HandledClaim
	}
	return HandledAccept
}

// Case is where people are with one break.
type Case struct {
	Assignee   string             `json:"assignee,omitempty"`
	Due        ledger.BusinessDay `json:"due,omitzero"`
	Cause      Cause              `json:"cause,omitempty"`
	Handling   Handling           `json:"handling,omitempty"`
	Adjustment Adjustment         `json:"adjustment,omitzero"` // proposed or approved
	ProposedBy string             `json:"proposed_by,omitempty"`
	ApprovedBy string             `json:"approved_by,omitempty"`
	Postings   []Posting          `json:"postings,omitempty"` // in force
	Posted     ledger.BusinessDay `json:"posted,omitzero"`
}

// ExchangeRate is the rate at which a line of an entry between two currencies came to the one
// that ends in the other: how much of that currency one unit of this line's is. It stands on
// the line that the exchange begins with, and is empty on every other.
func (c Case) ExchangeRate(p Posting) string {
	if len(c.Postings) == 0 || c.Postings[0] != p || p.Account != Exchanged {
		return ""
	}
	return p.Amount.ExchangeRate(c.Postings[len(c.Postings)-1].Amount.Neg())
}

// theCase is a case with what deciding about it takes.
type theCase struct {
	Case
	at       ledger.Revision // -1 when nobody has touched it
	proposed *AdjustmentProposed
	approved *AdjustmentApproved
}

func caseStream(id string) ledger.StreamID { return ledger.Stream("break", id) }

func (d *Desk) read(ctx context.Context, id string) (theCase, error) {
	c := theCase{at: -1}
	for recorded, err := range d.journal.Read(ctx, ledger.Query{Stream: caseStream(id)}) {
		if err != nil {
			return c, err
		}
		c.at = recorded.Revision
		payload, err := d.codec.Decode(recorded.Event)
		if err != nil {
			return c, err
		}
		switch payload := payload.(type) {
		case BreakAssigned:
			c.Assignee, c.Due = payload.To, payload.Due
		case BreakExplained:
			c.Cause = payload.Cause
		case AdjustmentProposed:
			c.proposed = &payload
		case AdjustmentApproved:
			c.proposed, c.approved = nil, &payload
		case AdjustmentRejected:
			c.proposed = nil
		case AdjustmentReversed:
			c.approved = nil
		}
	}
	switch {
	case c.approved != nil:
		c.Handling, c.Adjustment, c.ProposedBy, c.ApprovedBy = HandlingOf(c.approved.Kind), c.approved.Adjustment, c.approved.ProposedBy, c.approved.By
		c.Postings, c.Posted = c.approved.Postings, c.approved.Day
	case c.proposed != nil:
		c.Handling, c.Adjustment, c.ProposedBy = Proposed, c.proposed.Adjustment, c.proposed.By
	case c.Cause != "":
		c.Handling = Explained
	case c.Assignee != "":
		c.Handling = Assigned
	}
	return c, nil
}
