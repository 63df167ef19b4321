package stock

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"daybook/ledger"
)

// FileImported closes a file of catalogue entries or documents.
type FileImported struct {
	File      string         `json:"file"`
	SHA256    string         `json:"sha256"`
	Bytes     int64          `json:"bytes"`
	Format    string         `json:"format"`
	Rows      int            `json:"rows"`
	Documents int            `json:"documents"`
	Truncated map[string]int `json:"truncated,omitempty"`
}

// File is a stock file, read and found good.
type File struct {
	Name, SHA256, Format string
	Bytes                int64
	Rows                 int
	Products             []Product
	Suppliers            []Supplier
	Documents            []Document
	Truncated            map[string]int
}

// Document is a document with the row it begins in.
type Document struct {
	Row int
	StockRecorded
}

// Taken is what became of a file.
type Taken struct {
	Already   bool // the same bytes were imported before; nothing was written
	Replayed  int  // documents known before, with the same content
	Corrected int  // documents whose content was replaced
}

// Intake records stock files. It is safe for concurrent use.
type Intake struct {
	journal ledger.Journal
	codec   *ledger.Codec
}

// NewIntake makes an intake over a journal.
func NewIntake(journal ledger.Journal, codec *ledger.Codec) *Intake { return &Intake{journal, codec} }

// File records a file, whole or not at all. Taking it again, whole or after a crash in the
// middle, ends in the same journal. A document whose number stands for other content already
// is refused; correction has it replace what is there.
func (in *Intake) File(ctx context.Context, file File, correction bool) (Taken, error) {
	stream := ledger.Stream("stockfile", file.SHA256)
	if whole, err := in.whole(ctx, stream); whole || err != nil {
		return Taken{Already: whole}, err
	}
	meta := ledger.Metadata{Actor: "importer", Origin: &ledger.Origin{File: file.Name, SHA256: file.SHA256}, Correlation: file.SHA256}
	// Everything is looked at before anything is written: a file is refused whole.
	var taken Taken
	var appends []pending
	for _, d := range file.Documents {
		p, err := in.prepare(ctx, d.StockRecorded, meta, d.Row)
		switch {
		case err != nil:
			return Taken{}, err
		case p.same:
			taken.Replayed++
			continue
		case p.at >= 0 && !correction:
			return Taken{}, ledger.Refuse(ledger.Say("%s:%d: %s %s of store %s was recorded before with other content", file.Name, d.Row, string(d.Kind), d.Doc, string(d.Store)),
				ledger.Say("give it a number of its own, or replace what is there: daybook import --correction %s", file.Name))
		case p.at >= 0:
			taken.Corrected++
		}
		appends = append(appends, p)
	}
	begun := ledger.ImportBegun{File: file.Name, SHA256: file.SHA256, Bytes: file.Bytes, Format: file.Format}
	if err := ledger.BeginImport(ctx, in.journal, in.codec, stream, begun); err != nil {
		return Taken{}, err
	}
	if err := in.catalogue(ctx, stream, file, meta); err != nil {
		return Taken{}, err
	}
	for _, p := range appends {
		if _, err := in.journal.Append(ctx, p.stream, p.expect(), p.event); err != nil {
			return Taken{}, fmt.Errorf("record %s: %w", p.stream, err)
		}
	}
	event, err := in.codec.Encode(ledger.DeriveID("stock-file-imported", file.SHA256), FileImported{
		file.Name, file.SHA256, file.Bytes, file.Format, file.Rows, len(file.Documents), file.Truncated}, meta)
	if err != nil {
		return Taken{}, err
	}
	_, err = in.journal.Append(ctx, stream, ledger.Any, event)
	return taken, err
}

// whole reports whether a file was closed.
func (in *Intake) whole(ctx context.Context, stream ledger.StreamID) (bool, error) {
	payload, _, _, err := last(ctx, in.journal, in.codec, stream)
	_, closed := payload.(FileImported)
	return closed, err
}

// last is the last event of a stream, decoded; at is -1 when there is none.
func last(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, stream ledger.StreamID) (payload any, at ledger.Revision, position ledger.Position, err error) {
	for recorded, err := range journal.Read(ctx, ledger.Query{Stream: stream, From: ledger.LatestRevision, Backwards: true, Limit: 1}) {
		if err != nil {
			return nil, -1, 0, err
		}
		payload, err := codec.Decode(recorded.Event)
		return payload, recorded.Revision, recorded.Position, err
	}
	return nil, -1, 0, nil
}

// behind expects a stream to be where it was read.
func behind(at ledger.Revision) ledger.Revision {
	if at < 0 {
		return ledger.NoStream
	}
	return at
}

// pending is a version of a document that is about to be recorded.
type pending struct {
	stream ledger.StreamID
	at     ledger.Revision // of the version before it, or -1
	same   bool            // that version says the same
	event  ledger.Event
}

func (p pending) expect() ledger.Revision { return behind(p.at) }

func (in *Intake) prepare(ctx context.Context, d StockRecorded, meta ledger.Metadata, row int) (pending, error) {
	p := pending{stream: d.Stream()}
	there, at, _, err := last(ctx, in.journal, in.codec, p.stream)
	if err != nil {
		return p, err
	}
	p.at = at
	if d.Kind == Closed && at >= 0 { // it is closed, whoever closed it
		p.same = true
		return p, nil
	}
	digest := digestOf(d)
	if before, is := there.(StockRecorded); is && digestOf(before) == digest {
		p.same = true
		return p, nil
	}
	if meta.Origin != nil {
		origin := *meta.Origin
		origin.Row = row
		meta.Origin = &origin
	}
	meta.BusinessDay, meta.OccurredAt = d.Day, d.At
	// The revision is part of the id: a correction may bring back what stood there once.
	p.event, err = in.codec.Encode(ledger.DeriveID("stock", string(p.stream), strconv.FormatInt(int64(at), 10), digest), d, meta)
	if err == nil && len(p.event.Data)+len(p.event.Meta) > ledger.MaxAppendBytes {
		err = ledger.Refuse(ledger.Say("%s %s of store %s has %d rows, more than one document can carry", string(d.Kind), d.Doc, string(d.Store), len(d.Lines)),
			ledger.Say("divide it, and give each part a number of its own"))
	}
	return p, err
}

func digestOf(d StockRecorded) string {
	data, _ := json.Marshal(d) // cannot fail: text, numbers and times
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:12])
}

// catalogue appends the file's products and suppliers, in pages.
func (in *Intake) catalogue(ctx context.Context, stream ledger.StreamID, file File, meta ledger.Metadata) error {
	var pages []CatalogueListed
	for products := range ledger.Chunks(file.Products, func(Product) int { return 2000 }) {
		pages = append(pages, CatalogueListed{Page: len(pages), Products: products})
	}
	for suppliers := range ledger.Chunks(file.Suppliers, func(Supplier) int { return 500 }) {
		pages = append(pages, CatalogueListed{Page: len(pages), Suppliers: suppliers})
	}
	for _, page := range pages {
		event, err := in.codec.Encode(ledger.DeriveID("catalogue", file.SHA256, strconv.Itoa(page.Page)), page, meta)
		if err != nil {
			return err
		}
		if _, err := in.journal.Append(ctx, stream, ledger.Any, event); err != nil {
			return fmt.Errorf("record the catalogue: %w", err)
		}
	}
	return nil
}

// Merged sums the lines of a document by article, in the order of their numbers.
func Merged(lines []Line) []Line {
	sorted := slices.Clone(lines)
	slices.SortStableFunc(sorted, func(a, b Line) int { return cmp.Compare(a.SKU, b.SKU) })
	var merged []Line
	for _, line := range sorted {
		if n := len(merged) - 1; n >= 0 && merged[n].SKU == line.SKU {
			merged[n].QtyMilli = ledger.AddMinor(merged[n].QtyMilli, line.QtyMilli)
			continue
		}
		merged = append(merged, line)
	}
	return merged
}
