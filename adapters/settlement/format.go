package settlement

import (
	"daybook/adapters/files"
	"daybook/reconcile"
)

// Format is one kind of settlement or bank file.
type Format interface {
	// Name is what the configuration calls the format, for example "alipay-trade".
	Name() string
	// Sniff reports whether the document is of this format, by its content. File names
	// are not looked at: people rename files.
	Sniff(doc *files.Document) bool
	// Parse reads the whole document or reports everything that is wrong with it, as a
	// files.ErrorList. It never panics, and its memory is bounded by the document's size.
	Parse(doc *files.Document) (*reconcile.Statement, error)
}
