package ledger

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Rows of a file that could not be read are kept as evidence in the stream of the file:
//
//	tillfile-<sha256>, statement-<sha256>   rows-quarantined…
//	day-<date>                              unread-listed, unread-mended: of a till's file
//
// They count nowhere. The days a till's file has actions of wait for the mended file, which
// takes its place when a person says so, and when it has every action that the first had.
type (
	// RowsQuarantined is a page of a file's rows that could not be read.
	RowsQuarantined struct {
		Statement string           `json:"statement"` // SHA-256 of the file, of whatever kind
		Page      int              `json:"page"`      // from 0
		Rows      []RowQuarantined `json:"rows"`
	}

	// RowQuarantined is such a row, and everything that is wrong with it.
	RowQuarantined struct {
		Row    int     `json:"row"`
		Raw    string  `json:"raw,omitempty"` // empty when nobody can tell what of it is personal
		Faults []Fault `json:"faults"`
	}

	// Fault is one thing wrong with a row: the sentence that a person reads, before it is
	// translated.
	Fault struct {
		Column string   `json:"column,omitempty"`
		Value  string   `json:"value,omitempty"`
		Why    string   `json:"why"`
		Args   []string `json:"args,omitempty"`
	}

	// UnreadListed enters a till's file of which rows could not be read into the table of
	// contents of a day that it has actions of.
	UnreadListed struct {
		File   string        `json:"file"` // SHA-256
		Name   string        `json:"name"` // as it was given
		Day    BusinessDay   `json:"day"`
		Rows   int           `json:"rows"`   // that could not be read
		Stores []StoreID     `json:"stores"` // of the file's actions, on all its days
		Days   []BusinessDay `json:"days"`   // all that the file has actions of
	}

	// UnreadMended takes such a file off a day: another one has its actions, and the rest.
	UnreadMended struct {
		File string      `json:"file"`
		Day  BusinessDay `json:"day"`
		By   string      `json:"by"` // SHA-256 of the mended file
	}
)

// String is the fault in English.
func (f Fault) String() string { return f.Say(f.Why) }

// Say is the fault by its own sentence, or by a translation of it.
func (f Fault) Say(why string) string {
	args := make([]any, len(f.Args))
	for n, arg := range f.Args {
		args[n] = arg
	}
	return fmt.Sprintf(strings.ReplaceAll(why, "%d", "%s"), args...)
}

// PagesOf cuts rows into events that fit one append each.
func PagesOf(file string, rows []RowQuarantined) []RowsQuarantined {
	var pages []RowsQuarantined
	for page := range Chunks(rows, RowQuarantined.size) {
		pages = append(pages, RowsQuarantined{file, len(pages), page})
	}
	return pages
}

// size is about what a row takes as JSON, rather more than less.
func (q RowQuarantined) size() int { return 4*len(q.Raw) + 4000*len(q.Faults) + 1000 }

// setAside writes what could not be read of a file, and lists the file for its days.
func (in *Intake) setAside(ctx context.Context, file TillFile) error {
	if len(file.Quarantined) == 0 {
		return nil
	}
	meta := Metadata{Actor: "importer", Origin: &Origin{File: file.Name, SHA256: file.SHA256}, Correlation: file.SHA256}
	for _, page := range PagesOf(file.SHA256, file.Quarantined) {
		event, err := in.codec.Encode(DeriveID("rows-quarantined", file.SHA256, strconv.Itoa(page.Page)), page, meta)
		if err != nil {
			return err
		}
		if _, err := in.journal.Append(ctx, Stream("tillfile", file.SHA256), Any, event); err != nil {
			return fmt.Errorf("record what could not be read: %w", err)
		}
	}
	stores, days := file.covers()
	for _, day := range days {
		listed := UnreadListed{File: file.SHA256, Name: file.Name, Day: day, Rows: len(file.Quarantined), Stores: stores, Days: days}
		meta.BusinessDay = day
		event, err := in.codec.Encode(DeriveID("unread-listed", file.SHA256, day.String()), listed, meta)
		if err != nil {
			return err
		}
		if _, err := in.journal.Append(ctx, DayStream(day), Any, event); err != nil {
			return fmt.Errorf("list what could not be read: %w", err)
		}
	}
	return nil
}

// covers are the stores and days of a file's actions, in order.
func (file TillFile) covers() (stores []StoreID, days []BusinessDay) {
	for _, reported := range file.Actions {
		head := reported.Action.Head()
		if at, known := slices.BinarySearch(stores, head.Store); !known {
			stores = slices.Insert(stores, at, head.Store)
		}
		if at, known := slices.BinarySearchFunc(days, head.BusinessDay, BusinessDay.Compare); !known {
			days = slices.Insert(days, at, head.BusinessDay)
		}
	}
	return stores, days
}

// UnreadOn lists the tills' files of which rows of a day could not be read and which no
// other file has mended, in order of their SHA-256.
func UnreadOn(ctx context.Context, journal Journal, codec *Codec, day BusinessDay) ([]UnreadListed, error) {
	var listed []UnreadListed
	mended := map[string]bool{}
	query := Query{Stream: DayStream(day), Filter: Filter{Types: []string{"unread-"}}}
	err := codec.DecodeEach(journal.Read(ctx, query), func(_ Position, payload any) {
		switch payload := payload.(type) {
		case UnreadListed:
			listed = append(listed, payload)
		case UnreadMended:
			mended[payload.File] = true
		}
	})
	listed = slices.DeleteFunc(listed, func(l UnreadListed) bool { return mended[l.File] })
	slices.SortFunc(listed, func(a, b UnreadListed) int { return strings.Compare(a.File, b.File) })
	return listed, err
}

// mends finds the files whose place a mended file takes: those with rows that could not be
// read on one of its days, all of whose actions it has. It is refused when there are such
// files and it mends none of them, before anything is written.
func (in *Intake) mends(ctx context.Context, file TillFile) ([]UnreadListed, error) {
	if !file.Correction {
		return nil, nil
	}
	has := map[numbered]bool{}
	for _, reported := range file.Actions {
		has[feedKey(reported.Action.Head())] = true
	}
	var mended []UnreadListed
	seen := map[string]bool{file.SHA256: true}
	var refusal error
	_, days := file.covers()
	for _, day := range days {
		listed, err := UnreadOn(ctx, in.journal, in.codec, day)
		if err != nil {
			return nil, err
		}
		for _, l := range listed {
			if seen[l.File] {
				continue
			}
			seen[l.File] = true
			lacking, err := in.lacking(ctx, l, has)
			if err != nil {
				return nil, err
			}
			if lacking == 0 {
				mended = append(mended, l)
				continue
			}
			refusal = Refuse(Say("%s lacks %d of the actions that came with %s, and so does not correct it; nothing was imported", file.Name, lacking, l.Name),
				Say("import the whole corrected file; without --correction a file is taken as one of its own"))
		}
	}
	if len(mended) > 0 {
		return mended, nil
	}
	return nil, refusal
}

// numbered is what tells one action of a terminal from another.
type numbered struct {
	Terminal TerminalID
	Series   string
	Number   string
}

func feedKey(head Till) numbered {
	entry := FeedEntry{Seq: head.Seq}
	if head.Seq == 0 {
		entry.Doc = head.Doc
	}
	return numbered{head.Terminal, head.Series, entry.key()}
}

// lacking counts the actions that came with a file and are not among those of another.
func (in *Intake) lacking(ctx context.Context, l UnreadListed, has map[numbered]bool) (n int, err error) {
	for _, day := range l.Days {
		for _, store := range l.Stores {
			for recorded, err := range in.journal.Read(ctx, Query{Stream: StoredayStream(store, day)}) {
				if err != nil {
					return 0, err
				}
				meta, err := DecodeMeta(recorded.Event)
				if err != nil {
					return 0, err
				}
				if meta.Origin == nil || meta.Origin.SHA256 != l.File {
					continue
				}
				payload, err := in.codec.Decode(recorded.Event)
				if err != nil {
					return 0, err
				}
				if action, is := payload.(Action); is && !has[feedKey(action.Head())] {
					n++
				}
			}
		}
	}
	return n, nil
}

// mend takes files off the days that waited for this one.
func (in *Intake) mend(ctx context.Context, file TillFile, mended []UnreadListed) error {
	for _, l := range mended {
		for _, day := range l.Days {
			event, err := in.codec.Encode(DeriveID("unread-mended", l.File, day.String(), file.SHA256), UnreadMended{l.File, day, file.SHA256},
				Metadata{Actor: "importer", Origin: &Origin{File: file.Name, SHA256: file.SHA256}, Correlation: file.SHA256, BusinessDay: day})
			if err != nil {
				return err
			}
			if _, err := in.journal.Append(ctx, DayStream(day), Any, event); err != nil {
				return fmt.Errorf("take %s off %s: %w", l.Name, day, err)
			}
		}
	}
	return nil
}
