package ledger

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Streams of this room:
//
//	tillfile-<sha256>           import-begun, rows-quarantined…, till-file-imported: the file is whole in the journal
//	feed-<terminal>.<series>    feed-accepted…: which content each number stands for
//	day-<date>                  storeday-opened: which stores were active on a day
//	storeday-<store>.<date>     the actions themselves
type (
	// ImportBegun opens a file, of whatever kind. A file that was opened and never closed
	// is half in the journal, because the program ended on the way: taking it again goes
	// on where it stopped.
	ImportBegun struct {
		File   string `json:"file"` // name as it was given
		SHA256 string `json:"sha256"`
		Bytes  int64  `json:"bytes"`
		Format string `json:"format"`
	}

	// TillFileImported closes a file of till actions.
	TillFileImported struct {
		File      string         `json:"file"`
		SHA256    string         `json:"sha256"`
		Bytes     int64          `json:"bytes"`
		Format    string         `json:"format"`
		Actions   int            `json:"actions"`
		Dropped   map[string]int `json:"dropped,omitempty"`
		Truncated map[string]int `json:"truncated,omitempty"`
	}

	// StoredayOpened enters a store into the table of contents of a business day.
	StoredayOpened struct {
		Store StoreID     `json:"store"`
		Day   BusinessDay `json:"day"`
	}

	// FeedAccepted decides which content each number of a terminal's series stands
	// for: the first that arrives. It is written before the actions, so that two
	// writers can't both be first.
	FeedAccepted struct {
		Terminal TerminalID  `json:"terminal"`
		Series   string      `json:"series,omitempty"`
		Accepted []FeedEntry `json:"accepted"`
		Seen     []Run       `json:"seen,omitempty"` // all numbers of the series so far, in order
		Gaps     []Gap       `json:"gaps,omitempty"` // the numbers missing between them
	}

	// FeedEntry is one action's number, or document number, and the digest of its content.
	FeedEntry struct {
		Seq    uint64 `json:"seq,omitempty"`
		Doc    string `json:"doc,omitempty"`
		Digest string `json:"digest"`
	}

	// Span is a range of numbers, both ends included.
	Span struct {
		From uint64 `json:"from"`
		To   uint64 `json:"to"`
	}

	// Run is a span without gaps, and where its first action belongs.
	Run struct {
		Span
		Store StoreID     `json:"store"`
		Day   BusinessDay `json:"day"`
	}

	// Gap is a span of missing numbers, and where the action after it belongs.
	Gap struct {
		Span
		Store StoreID     `json:"store"`
		Day   BusinessDay `json:"day"`
	}

	// ActionQuarantined keeps an action whose number already stands for another
	// content: a cloned or restored terminal, or a till that reuses numbers. It counts in
	// no total.
	ActionQuarantined struct {
		Till
		Type   string          `json:"type"`
		Action json.RawMessage `json:"action"`
		Digest string          `json:"digest"`
		Kept   string          `json:"kept"` // digest of the content the number stands for
	}
)

// IntakeKinds are the kinds of event the intake writes beside the actions.
func IntakeKinds() []Kind {
	return []Kind{
		KindOf[ImportBegun]("import-begun"),
		KindOf[TillFileImported]("till-file-imported"),
		KindOf[StoredayOpened]("storeday-opened"),
		KindOf[FeedAccepted]("feed-accepted"),
		KindOf[ActionQuarantined]("action-quarantined"),
		KindOf[RowsQuarantined]("rows-quarantined"),
		KindOf[UnreadListed]("unread-listed"),
		KindOf[UnreadMended]("unread-mended"),
	}
}

// Streams that other rooms read.

// DayStream is a day's table of contents.
func DayStream(day BusinessDay) StreamID { return Stream("day", day.String()) }

// StoredayStream holds the actions of one store and business day.
func StoredayStream(store StoreID, day BusinessDay) StreamID {
	return Stream("storeday", string(store), day.String())
}

// FeedStream holds what was accepted from one terminal in one series.
func FeedStream(terminal TerminalID, series string) StreamID {
	return Stream("feed", string(terminal), series)
}

// Reported is an action as a source reported it.
type Reported struct {
	Row    int // line number in the file, from 1
	Action Action
	Named  string // what the till called the customer, in whose place Action has a customer id
}

// TillFile is a file of actions, read and found good.
type TillFile struct {
	Name, SHA256, Format string
	Bytes                int64
	Actions              []Reported
	Dropped, Truncated   map[string]int
	Quarantined          []RowQuarantined // rows that could not be read, in their order
	Correction           bool             // it takes the place of files with such rows
	// Identify puts customer ids in the place of what tills call customers, before anything
	// is recorded; nil when no action names one. It is not asked about a file that is here.
	Identify func(actions []Reported) error
}

// Taken is what became of a file of actions.
type Taken struct {
	Already   bool // the same bytes were imported before; nothing was written
	Accepted  int
	Replayed  int                 // known before, with the same content
	Conflicts []ActionQuarantined // known before, with another content; kept apart
	Gaps      []Gap               // numbers missing in the feeds the file belongs to
	Mended    []UnreadListed      // files whose rows could not be read, and are in this one
	Position  Position

	asNamed map[EventID]EventID // ids under which actions stand that were recorded before customers had ids
}

// Intake records what terminals report. It is safe for concurrent use; writers that
// meet on one feed see ErrConflict and take the file again from the start.
type Intake struct {
	journal Journal
	codec   *Codec
}

// NewIntake makes an intake over a journal.
func NewIntake(journal Journal, codec *Codec) *Intake { return &Intake{journal, codec} }

// File records a file's actions. Reported facts are always kept: nothing is refused
// here. Taking the same file again, whole or after a crash in the middle, ends in the
// same journal. progress is told how many actions are durable; it may be nil.
func (in *Intake) File(ctx context.Context, file TillFile, progress func(done int)) (Taken, error) {
	stream := Stream("tillfile", file.SHA256)
	mended, err := in.mends(ctx, file)
	if err != nil {
		return Taken{}, err
	}
	if whole, err := in.whole(ctx, stream); whole || err != nil {
		if err == nil {
			err = in.mend(ctx, file, mended)
		}
		return Taken{Already: whole, Mended: mended}, err
	}
	if file.Identify != nil {
		if err := file.Identify(file.Actions); err != nil {
			return Taken{}, fmt.Errorf("identify customers: %w", err)
		}
	}
	actions, err := in.prepare(file)
	if err != nil {
		return Taken{}, err
	}
	begun := ImportBegun{File: file.Name, SHA256: file.SHA256, Bytes: file.Bytes, Format: file.Format}
	if err := BeginImport(ctx, in.journal, in.codec, stream, begun); err != nil {
		return Taken{}, err
	}
	taken := Taken{Mended: mended}
	for _, feed := range groupBy(actions, func(a prepared) StreamID { return FeedStream(a.head.Terminal, a.head.Series) }) {
		if err := in.claim(ctx, feed, &taken); err != nil {
			return Taken{}, fmt.Errorf("accept actions of %s: %w", feed.stream, err)
		}
	}
	done := 0
	live := slices.DeleteFunc(slices.Clone(actions), func(a prepared) bool { return a.conflicts(taken.Conflicts) })
	for n := range live {
		if id, is := taken.asNamed[live[n].event.ID]; is {
			live[n].event.ID = id
		}
	}
	for _, day := range groupBy(live, func(a prepared) StreamID { return StoredayStream(a.head.Store, a.head.BusinessDay) }) {
		if err := in.openStoreday(ctx, day.members[0].head); err != nil {
			return Taken{}, err
		}
		for chunk := range Chunks(day.members, func(a prepared) int { return len(a.event.Data) + len(a.event.Meta) }) {
			if err := in.append(ctx, day.stream, chunk); err != nil {
				return Taken{}, fmt.Errorf("record actions: %w", err)
			}
			if done += len(chunk); progress != nil {
				progress(done)
			}
		}
	}
	if err := in.setAside(ctx, file); err != nil {
		return Taken{}, err
	}
	if err := in.mend(ctx, file, mended); err != nil {
		return Taken{}, err
	}
	closing := TillFileImported{file.Name, file.SHA256, file.Bytes, file.Format, len(file.Actions), file.Dropped, file.Truncated}
	event, err := in.codec.Encode(DeriveID("till-file-imported", file.SHA256), closing,
		Metadata{Actor: "importer", Origin: &Origin{File: file.Name, SHA256: file.SHA256}, Correlation: file.SHA256})
	if err != nil {
		return Taken{}, err
	}
	taken.Position, err = in.journal.Append(ctx, stream, Any, event)
	return taken, err
}

// whole reports whether a file was closed: its last event is then till-file-imported.
func (in *Intake) whole(ctx context.Context, stream StreamID) (bool, error) {
	for recorded, err := range in.journal.Read(ctx, Query{Stream: stream, From: LatestRevision, Backwards: true, Limit: 1}) {
		if err != nil {
			return false, err
		}
		payload, err := in.codec.Decode(recorded.Event)
		_, closed := payload.(TillFileImported)
		return closed, err
	}
	return false, nil
}

// BeginImport opens a file in its stream, once.
func BeginImport(ctx context.Context, journal Journal, codec *Codec, stream StreamID, begun ImportBegun) error {
	event, err := codec.Encode(DeriveID("import-begun", begun.SHA256), begun,
		Metadata{Actor: "importer", Origin: &Origin{File: begun.File, SHA256: begun.SHA256}, Correlation: begun.SHA256})
	if err != nil {
		return err
	}
	_, err = journal.Append(ctx, stream, Any, event)
	return err
}

// prepared is an action in the form in which it will be stored.
type prepared struct {
	head   Till
	event  Event
	digest string
	named  *Reported // whose customer was put in another's place
}

func (a prepared) id(digest string) EventID {
	return DeriveID("action", string(a.head.Terminal), a.head.Series, a.entry().key(), digest)
}

func (a prepared) entry() FeedEntry {
	if a.head.Seq != 0 {
		return FeedEntry{Seq: a.head.Seq, Digest: a.digest}
	}
	return FeedEntry{Doc: a.head.Doc, Digest: a.digest}
}

func (e FeedEntry) key() string {
	if e.Seq != 0 {
		return strconv.FormatUint(e.Seq, 10)
	}
	return "doc:" + e.Doc
}

func (a prepared) conflicts(quarantined []ActionQuarantined) bool {
	return slices.ContainsFunc(quarantined, func(q ActionQuarantined) bool {
		return q.Terminal == a.head.Terminal && q.Series == a.head.Series && q.Seq == a.head.Seq && q.Doc == a.head.Doc && q.Digest == a.digest
	})
}

// prepare encodes the actions. The id of an event comes from the terminal's own key and
// the content, so that a replay is recognised whatever file it comes in.
func (in *Intake) prepare(file TillFile) ([]prepared, error) {
	actions := make([]prepared, len(file.Actions))
	const least = 128 // actions for a goroutine of its own
	return actions, EachOf(len(actions), least, func(n int) error {
		reported := file.Actions[n]
		head := reported.Action.Head()
		event, err := in.codec.Encode(EventID{}, reported.Action, Metadata{
			Actor:       "till:" + string(head.Terminal),
			Origin:      &Origin{File: file.Name, SHA256: file.SHA256, Row: reported.Row},
			Correlation: file.SHA256, BusinessDay: head.BusinessDay, OccurredAt: head.At,
		})
		if err != nil {
			return err
		}
		a := prepared{head: head, event: event}
		if reported.Named != "" {
			a.named = &file.Actions[n]
		}
		a.digest = contentDigest(event.Type, withoutCustomer(reported, event.Data))
		a.event.ID = a.id(a.digest)
		actions[n] = a
		return nil
	})
}

// contentDigest tells one content of an action from another.
func contentDigest(eventType string, data []byte) string {
	sum := sha256.Sum256(append([]byte(eventType+"\n"), data...))
	return hex.EncodeToString(sum[:12])
}

// withoutCustomer is an encoded sale without the customer id that Identify put into it. A digest
// over what the till called the customer would find the person for ever, and one over the id would
// take a replay for another content once the person is erased. The id stands there once before
// anything that a source can name: an encoded text has no bare quotation marks.
func withoutCustomer(reported Reported, data []byte) []byte {
	if reported.Named == "" {
		return data
	}
	sale, _ := reported.Action.(SaleRecorded)
	before, behind, _ := bytes.Cut(data, []byte(`,"customer":"`+sale.Customer+`"`))
	return slices.Concat(before, behind)
}

// keptAsNamed reports whether an action was recorded by a daybook that kept what the till called
// the customer: its digest is over that.
func (in *Intake) keptAsNamed(a prepared, kept string) bool {
	if a.named == nil {
		return false
	}
	sale, isSale := a.named.Action.(SaleRecorded)
	sale.Customer = a.named.Named
	event, err := in.codec.Encode(EventID{}, sale, Metadata{})
	return isSale && err == nil && contentDigest(event.Type, event.Data) == kept
}

type group struct {
	stream  StreamID
	members []prepared
}

// groupBy keeps the order within each group and sorts the groups, so that a file is
// always taken in the same order.
func groupBy(actions []prepared, of func(prepared) StreamID) []group {
	index := map[StreamID]int{}
	var groups []group
	for _, a := range actions {
		stream := of(a)
		n, known := index[stream]
		if !known {
			n = len(groups)
			index[stream] = n
			groups = append(groups, group{stream: stream})
		}
		groups[n].members = append(groups[n].members, a)
	}
	slices.SortFunc(groups, func(a, b group) int { return cmp.Compare(a.stream, b.stream) })
	return groups
}

// maxFeedEntries keeps a feed-accepted event well under MaxAppendBytes.
const maxFeedEntries = 5000

// claim decides for each action of a feed whether its number is new, known with the same
// content, or taken by another, and records the decision.
func (in *Intake) claim(ctx context.Context, feed group, taken *Taken) error {
	state, err := in.feedState(ctx, feed)
	if err != nil {
		return err
	}
	for members := range slices.Chunk(feed.members, maxFeedEntries) {
		accepted := FeedAccepted{Terminal: members[0].head.Terminal, Series: members[0].head.Series}
		var events []Event
		for _, a := range members {
			entry := a.entry()
			kept, known := state.digests[entry.key()]
			switch {
			case !known:
				state.accept(entry, a.head)
				accepted.Accepted = append(accepted.Accepted, entry)
				taken.Accepted++
			case kept == entry.Digest:
				taken.Replayed++
			case in.keptAsNamed(a, kept):
				taken.Replayed++
				if taken.asNamed == nil {
					taken.asNamed = map[EventID]EventID{}
				}
				taken.asNamed[a.event.ID] = a.id(kept)
			default:
				quarantined := ActionQuarantined{a.head, a.event.Type, a.event.Data, a.digest, kept}
				taken.Conflicts = append(taken.Conflicts, quarantined)
				if state.quarantined[entry.key()+entry.Digest] {
					continue
				}
				state.quarantined[entry.key()+entry.Digest] = true
				event, err := in.codec.Encode(DeriveID("quarantined", a.event.ID.String()), quarantined, metaOf(a.event))
				if err != nil {
					return err
				}
				events = append(events, event)
			}
		}
		if len(accepted.Accepted) > 0 {
			accepted.Seen, accepted.Gaps = state.seen, gaps(state.seen)
			event, err := in.codec.Encode(DeriveID("feed", string(feed.stream), strconv.Itoa(int(state.at)), digestOf(accepted)), accepted, metaOf(members[0].event))
			if err != nil {
				return err
			}
			events = append([]Event{event}, events...)
		}
		// The decision comes first, and what is quarantined may take several appends: a
		// file that contradicts another in every row is kept too.
		for chunk := range Chunks(events, func(e Event) int { return len(e.Data) + len(e.Meta) }) {
			if _, err := in.journal.Append(ctx, feed.stream, state.at, chunk...); err != nil {
				return err
			}
			state.at = max(state.at, -1) + Revision(len(chunk))
		}
	}
	taken.Gaps = append(taken.Gaps, gaps(state.seen)...)
	return nil
}

func digestOf(accepted FeedAccepted) string {
	data, _ := json.Marshal(accepted) // cannot fail: strings and numbers
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func metaOf(event Event) Metadata {
	meta, _ := DecodeMeta(event) // our own bytes of a moment ago
	return meta
}

type feedState struct {
	at          Revision // NoStream, or the stream's last revision
	seen        []Run
	digests     map[string]string
	quarantined map[string]bool
}

// feedState reads as little of the feed as the actions need: its last event when all
// their numbers are new, and everything when some may be known.
func (in *Intake) feedState(ctx context.Context, feed group) (*feedState, error) {
	state := &feedState{at: NoStream, digests: map[string]string{}, quarantined: map[string]bool{}}
	for recorded, err := range in.journal.Read(ctx, Query{Stream: feed.stream, From: LatestRevision, Backwards: true}) {
		if err != nil {
			return nil, err
		}
		if state.at == NoStream {
			state.at = recorded.Revision
		}
		payload, err := in.codec.Decode(recorded.Event)
		if err != nil {
			return nil, err
		}
		if accepted, ok := payload.(FeedAccepted); ok {
			state.seen = accepted.Seen
			break
		}
	}
	known := func(a prepared) bool {
		return a.head.Seq == 0 || slices.ContainsFunc(state.seen, func(r Run) bool { return r.From <= a.head.Seq && a.head.Seq <= r.To })
	}
	if state.at == NoStream || !slices.ContainsFunc(feed.members, known) {
		return state, nil
	}
	for recorded, err := range in.journal.Read(ctx, Query{Stream: feed.stream}) {
		if err != nil {
			return nil, err
		}
		payload, err := in.codec.Decode(recorded.Event)
		if err != nil {
			return nil, err
		}
		switch payload := payload.(type) {
		case FeedAccepted:
			for _, entry := range payload.Accepted {
				state.digests[entry.key()] = entry.Digest
			}
		case ActionQuarantined:
			entry := FeedEntry{Seq: payload.Seq, Digest: payload.Digest}
			if payload.Seq == 0 {
				entry.Doc = payload.Doc
			}
			state.quarantined[entry.key()+entry.Digest] = true
		}
	}
	return state, nil
}

// accept enters a number into the runs and finds the gaps anew. What it comes to does
// not depend on the order of the numbers.
func (s *feedState) accept(entry FeedEntry, head Till) {
	s.digests[entry.key()] = entry.Digest
	if entry.Seq == 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(s.seen, entry.Seq, func(run Run, seq uint64) int { return cmp.Compare(run.From, seq) })
	if at > 0 && s.seen[at-1].To+1 == entry.Seq { // the usual case: the next number
		s.seen[at-1].To = entry.Seq
	} else {
		s.seen = slices.Insert(s.seen, at, Run{Span{entry.Seq, entry.Seq}, head.Store, head.BusinessDay})
		at++
	}
	if at < len(s.seen) && s.seen[at-1].To+1 == s.seen[at].From {
		s.seen[at-1].To = s.seen[at].To
		s.seen = slices.Delete(s.seen, at, at+1)
	}
}

// gaps are the holes between the runs.
func gaps(seen []Run) []Gap {
	var gaps []Gap
	for n := 1; n < len(seen); n++ {
		gaps = append(gaps, Gap{Span{seen[n-1].To + 1, seen[n].From - 1}, seen[n].Store, seen[n].Day})
	}
	return gaps
}

func (in *Intake) openStoreday(ctx context.Context, head Till) error {
	event, err := in.codec.Encode(DeriveID("storeday", string(head.Store), head.BusinessDay.String()),
		StoredayOpened{head.Store, head.BusinessDay}, Metadata{Actor: "importer", BusinessDay: head.BusinessDay})
	if err != nil {
		return err
	}
	_, err = in.journal.Append(ctx, DayStream(head.BusinessDay), Any, event)
	return err
}

// append writes a chunk in one go. When part of it is there already, from another file
// that overlaps this one, it writes the halves, and so on: where the known actions stand
// together, a few appends suffice.
func (in *Intake) append(ctx context.Context, stream StreamID, chunk []prepared) error {
	events := make([]Event, len(chunk))
	for n, a := range chunk {
		events[n] = a.event
	}
	_, err := in.journal.Append(ctx, stream, Any, events...)
	if !errors.Is(err, ErrConflict) || len(chunk) == 1 {
		return err
	}
	half := len(chunk) / 2
	if err := in.append(ctx, stream, chunk[:half]); err != nil {
		return err
	}
	return in.append(ctx, stream, chunk[half:])
}

// Chunks cuts a list into runs that fit one Append, by size and by count.
func Chunks[T any](list []T, size func(T) int) func(yield func([]T) bool) {
	const maxCount = 500
	return func(yield func([]T) bool) {
		start, bytes := 0, 0
		for n := range list {
			if s := size(list[n]); n > start && (bytes+s > MaxAppendBytes || n-start == maxCount) {
				if !yield(list[start:n]) {
					return
				}
				start, bytes = n, s
			} else {
				bytes += s
			}
		}
		if start < len(list) {
			yield(list[start:])
		}
	}
}
