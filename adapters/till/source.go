package till

import (
	"strings"

	"daybook/adapters/files"
	"daybook/ledger"
)

// Source is one way in which tills hand over what they did.
type Source interface {
	// Name is what messages and the configuration call the source, for example "pos-csv".
	Name() string
	// Sniff reports whether the document is of this source, by its content.
	Sniff(doc *files.Document) bool
	// Read reads the whole document, or reports everything that is wrong with it as a
	// files.ErrorList. It never panics and its memory is bounded by the document's size.
	Read(doc *files.Document, rules Rules) (*Reading, error)
}

// Rules is what the configuration says about stores and tenders. A Rules is only
// read and may be shared; Store must be safe to call from many goroutines if it is.
type Rules struct {
	// Store returns what is known of a store, and false for a store that is not configured.
	Store func(id ledger.StoreID) (Store, bool)
	// Tenders maps the words tills use for a way to pay to channels: "Credit card" to
	// "card". Case does not matter. A channel that occurs as a value may be used as a
	// word too. Everything else is refused.
	Tenders map[string]string
}

// Store is what reading needs to know about a store.
type Store struct {
	Clock    ledger.Clock
	Currency ledger.Currency // of amounts for which the source names none
}

// Reading is what a document holds, in the order of its rows.
type Reading struct {
	Actions []Entry
	// Truncated counts full card numbers cut to six and four, by column.
	Truncated map[string]int
	// Dropped counts values removed at the door, by column: card and
	// fingerprint data, and columns of a receipt file that its profile does not name.
	Dropped map[string]int
}

// Entry is one action with the place it came from.
type Entry struct {
	Part   string // the file inside an archive; empty when the document is the file itself
	Row    int    // line number in the file, from 1
	Action ledger.Action
}

// channel finds what a tender word means: the word as it is spelt first, then in other
// case, then as a channel.
func (r Rules) channel(word string) (string, bool) {
	word = strings.TrimSpace(word)
	if channel, known := r.Tenders[word]; known {
		return channel, true
	}
	found, isChannel := "", false
	for key, channel := range r.Tenders {
		if strings.EqualFold(key, word) && (found == "" || key < found) {
			found = key // of several spellings the first, so that the order of a map never shows
		}
		isChannel = isChannel || channel == word
	}
	if found != "" {
		return r.Tenders[found], true
	}
	return word, isChannel
}

// store finds what is known of a store.
func (r Rules) store(id ledger.StoreID) (Store, bool) {
	if r.Store == nil {
		return Store{}, false
	}
	return r.Store(id)
}

var (
	unknownTender     = ledger.Say("this way to pay is not in the configuration")
	unknownTenderHint = ledger.Say("add it under tenders: in the configuration, with the channel it means")
	unknownStore      = ledger.Say("this store is not in the configuration")
	unknownStoreHint  = ledger.Say("add it under stores: in the configuration")
)

func newReading() *Reading {
	return &Reading{Truncated: map[string]int{}, Dropped: map[string]int{}}
}

// unless is the last step of every source: nothing is returned when anything is wrong.
// A document without actions is not: a store may be closed.
func (r *Reading) unless(problems *files.Problems) (*Reading, error) {
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return r, nil
}

// partName is what Entry calls a part: nothing when the document is the file itself.
func partName(doc *files.Document, part *files.Part) string {
	if part.Name == doc.Name {
		return ""
	}
	return part.Name
}
