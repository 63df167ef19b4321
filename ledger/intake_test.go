package ledger_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/ledger"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var codec = ledger.NewCodec(ledger.ActionKinds(), ledger.IntakeKinds())

var shanghai = time.FixedZone("", 8*3600)

// stopped is a clock for journals whose bytes are compared.
func stopped() time.Time { return time.Date(2026, 1, 6, 1, 0, 0, 0, time.UTC) }

// sale makes a sale of terminal T1 with a number, on 5 January.
func sale(seq uint64, fen int64) ledger.SaleRecorded {
	return ledger.SaleRecorded{
		Till: ledger.Till{
			Terminal: "T1", Seq: seq, Store: "S1", BusinessDay: ledger.BusinessDay{Year: 2026, Month: 1, Day: 5},
			At: time.Date(2026, 1, 5, 9, 0, int(seq), 0, shanghai),
		},
		Sale:    fmt.Sprint("R", seq),
		Tenders: []ledger.Tender{{Payment: fmt.Sprint("P", seq), Channel: "cash", Amount: ledger.Minor(fen, "CNY"), Outcome: ledger.Approved}},
		Total:   ledger.Minor(fen, "CNY"),
	}
}

// tillFile makes a file whose bytes are its actions.
func tillFile(name string, actions ...ledger.Action) ledger.TillFile {
	data, err := json.Marshal(actions)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(data)
	file := ledger.TillFile{Name: name, SHA256: hex.EncodeToString(sum[:]), Format: "till-ndjson", Bytes: int64(len(data))}
	for row, action := range actions {
		file.Actions = append(file.Actions, ledger.Reported{Row: row + 1, Action: action})
	}
	return file
}

func take(t interface {
	Helper()
	Fatal(...any)
}, journal ledger.Journal, file ledger.TillFile) ledger.Taken {
	t.Helper()
	taken, err := ledger.NewIntake(journal, codec).File(context.Background(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func everything(t interface {
	Helper()
	Fatal(...any)
}, journal ledger.Journal) []ledger.Recorded {
	t.Helper()
	var all []ledger.Recorded
	for recorded, err := range journal.Read(context.Background(), ledger.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, recorded)
	}
	return all
}

// payloads of one stream, or of all with the given Go type.
func payloads[T any](t interface {
	Helper()
	Fatal(...any)
}, journal ledger.Journal, stream ledger.StreamID) []T {
	t.Helper()
	var all []T
	for recorded, err := range journal.Read(context.Background(), ledger.Query{Stream: stream}) {
		if err != nil {
			t.Fatal(err)
		}
		payload, err := codec.Decode(recorded.Event)
		if err != nil {
			t.Fatal(err)
		}
		if p, ok := payload.(T); ok {
			all = append(all, p)
		}
	}
	return all
}

const (
	feed     = "feed-T1."
	storeday = "storeday-S1.2026-01-05"
)

func spans(gaps []ledger.Gap) string {
	var text []string
	for _, gap := range gaps {
		text = append(text, fmt.Sprintf("%d-%d", gap.From, gap.To))
	}
	return strings.Join(text, " ")
}

func TestIntakeRecordsAFile(t *testing.T) {
	journal := ledger.NewMemory(stopped)
	var progress []int
	taken, err := ledger.NewIntake(journal, codec).File(t.Context(), tillFile("a", sale(1, 100), sale(2, 200)), func(done int) { progress = append(progress, done) })
	if err != nil {
		t.Fatal(err)
	}
	all := everything(t, journal)
	if taken.Already || taken.Accepted != 2 || taken.Replayed != 0 || taken.Conflicts != nil || taken.Gaps != nil || taken.Position != all[len(all)-1].Position {
		t.Errorf("taken: %+v", taken)
	}
	if !slices.Equal(progress, []int{2}) {
		t.Errorf("progress was %v", progress)
	}
	var types []string
	for _, recorded := range all {
		types = append(types, string(recorded.Stream.Noun())+" "+recorded.Type)
	}
	want := []string{
		"tillfile import-begun.v1", "feed feed-accepted.v1", "day storeday-opened.v1",
		"storeday sale-recorded.v1", "storeday sale-recorded.v1", "tillfile till-file-imported.v1",
	}
	if !slices.Equal(types, want) {
		t.Errorf("the journal holds %q, want %q", types, want)
	}
	meta, err := ledger.DecodeMeta(all[3].Event)
	if err != nil || meta.Actor != "till:T1" || meta.Origin.Row != 1 || meta.Origin.File != "a" || meta.BusinessDay != (ledger.BusinessDay{Year: 2026, Month: 1, Day: 5}) {
		t.Errorf("metadata of a sale: %+v (%v)", meta, err)
	}
}

func TestIntakeKnowsReplays(t *testing.T) {
	journal := ledger.NewMemory(stopped)
	file := tillFile("a", sale(1, 100), sale(2, 200), sale(2, 200)) // the till sends one twice
	if taken := take(t, journal, file); taken.Accepted != 2 || taken.Replayed != 1 {
		t.Errorf("taken: %+v", taken)
	}
	before := everything(t, journal)

	if taken := take(t, journal, file); !taken.Already {
		t.Errorf("the same file again: %+v", taken)
	}
	if after := everything(t, journal); !reflect.DeepEqual(before, after) {
		t.Error("the same file again changed the journal")
	}

	overlapping := take(t, journal, tillFile("b", sale(2, 200), sale(3, 300)))
	if overlapping.Already || overlapping.Accepted != 1 || overlapping.Replayed != 1 || len(overlapping.Conflicts) != 0 {
		t.Errorf("an overlapping file: %+v", overlapping)
	}
	contained := take(t, journal, tillFile("c", sale(3, 300), sale(1, 100)))
	if contained.Accepted != 0 || contained.Replayed != 2 {
		t.Errorf("a file with nothing new: %+v", contained)
	}
	if sales := payloads[ledger.SaleRecorded](t, journal, storeday); len(sales) != 3 {
		t.Errorf("%d sales in the day, want 3", len(sales))
	}
}

func TestIntakeQuarantinesOtherContent(t *testing.T) {
	journal := ledger.NewMemory(stopped)
	take(t, journal, tillFile("a", sale(1, 100), sale(2, 200)))
	other := tillFile("b", sale(2, 999), sale(3, 300), sale(2, 999))
	for range 2 {
		taken := take(t, journal, other)
		if taken.Already {
			continue
		}
		if taken.Accepted != 1 || len(taken.Conflicts) != 2 || taken.Conflicts[0].Seq != 2 || taken.Conflicts[0].Kept == taken.Conflicts[0].Digest {
			t.Errorf("taken: %+v", taken)
		}
	}
	take(t, journal, tillFile("c", sale(2, 999))) // once more, in another file
	take(t, journal, tillFile("d", sale(2, 998))) // and a third content

	kept := payloads[ledger.ActionQuarantined](t, journal, feed)
	if len(kept) != 2 {
		t.Fatalf("%d quarantined actions, want 2: each content once", len(kept))
	}
	payload, err := codec.Decode(ledger.Event{Type: kept[0].Type, Data: kept[0].Action})
	if err != nil || payload.(ledger.SaleRecorded).Total != ledger.Minor(999, "CNY") {
		t.Errorf("the quarantined action is %s (%v)", kept[0].Action, err)
	}
	for _, sale := range payloads[ledger.SaleRecorded](t, journal, storeday) {
		if sale.Seq == 2 && sale.Total.Minor != 200 {
			t.Errorf("number 2 stands for %s", sale.Total)
		}
	}
}

func TestIntakeKeepsAFileThatContradictsAnotherThroughout(t *testing.T) {
	const count = 1500
	var first, second []ledger.Action
	for n := range uint64(count) {
		first = append(first, sale(n+1, 100))
		again := sale(n+1, 101)
		again.Notes = map[string]string{"column": strings.Repeat("x", 800)}
		second = append(second, again)
	}
	journal := ledger.NewMemory(stopped)
	take(t, journal, tillFile("a", first...))
	if taken := take(t, journal, tillFile("b", second...)); len(taken.Conflicts) != count {
		t.Errorf("%d conflicts, want %d", len(taken.Conflicts), count)
	}
	if kept := payloads[ledger.ActionQuarantined](t, journal, feed); len(kept) != count {
		t.Errorf("%d actions kept apart, want %d", len(kept), count)
	}
}

func TestIntakeGapsOpenAndFill(t *testing.T) {
	journal := ledger.NewMemory(stopped)
	for _, step := range []struct {
		numbers []uint64
		want    string
	}{
		{[]uint64{3, 4}, ""}, // the first number of a feed need not be 1
		{[]uint64{8}, "5-7"},
		{[]uint64{6}, "5-5 7-7"},
		{[]uint64{1}, "2-2 5-5 7-7"},
		{[]uint64{7, 5}, "2-2"},
		{[]uint64{2}, ""},
		{[]uint64{8}, ""},
	} {
		var actions []ledger.Action
		for _, n := range step.numbers {
			actions = append(actions, sale(n, 100))
		}
		if got := spans(take(t, journal, tillFile(fmt.Sprint(step.numbers), actions...)).Gaps); got != step.want {
			t.Errorf("after %v the gaps are %q, want %q", step.numbers, got, step.want)
		}
	}
	feeds := payloads[ledger.FeedAccepted](t, journal, feed)
	if last := feeds[len(feeds)-1]; len(last.Seen) != 1 || last.Seen[0].Span != (ledger.Span{From: 1, To: 8}) || last.Gaps != nil {
		t.Errorf("in the end the feed says %+v", last)
	}
}

func TestIntakeWithoutNumbers(t *testing.T) {
	receipt := func(doc string, fen int64) ledger.Action {
		s := sale(0, fen)
		s.Doc, s.Series = doc, "2026-01-05"
		return s
	}
	journal := ledger.NewMemory(stopped)
	take(t, journal, tillFile("a", receipt("750-67-8428", 100), receipt("226-31-3081", 200)))
	taken := take(t, journal, tillFile("b", receipt("226-31-3081", 200), receipt("750-67-8428", 101), receipt("1", 100)))
	if taken.Accepted != 1 || taken.Replayed != 1 || len(taken.Conflicts) != 1 || taken.Gaps != nil {
		t.Errorf("taken: %+v", taken)
	}
	if sales := payloads[ledger.SaleRecorded](t, journal, storeday); len(sales) != 3 {
		t.Errorf("%d sales in the day, want 3", len(sales))
	}
}

// draw makes a few files of a terminal's numbers: with gaps, overlaps, and repeats.
func draw(t *rapid.T) []ledger.TillFile {
	var files []ledger.TillFile
	for n := range rapid.IntRange(1, 5).Draw(t, "files") {
		var actions []ledger.Action
		for _, seq := range rapid.SliceOfN(rapid.Uint64Range(1, 14), 1, 8).Draw(t, "numbers") {
			s := sale(seq, 100+int64(seq))
			if seq > 7 { // the second half belongs to the next day
				s.BusinessDay = s.BusinessDay.AddDays(1)
			}
			actions = append(actions, s)
		}
		files = append(files, tillFile(fmt.Sprint(n), actions...))
	}
	return files
}

func TestIntakeOrderOfFilesIsIrrelevant(t *testing.T) {
	withGaps := 0
	rapid.Check(t, func(t *rapid.T) {
		files := draw(t)
		final := func(files []ledger.TillFile) (ledger.FeedAccepted, []string) {
			journal := ledger.NewMemory(stopped)
			for _, file := range files {
				take(t, journal, file)
			}
			feeds := payloads[ledger.FeedAccepted](t, journal, feed)
			var ids []string
			for _, recorded := range everything(t, journal) {
				if recorded.Stream.Noun() == "storeday" {
					ids = append(ids, recorded.ID.String())
				}
			}
			slices.Sort(ids)
			last := feeds[len(feeds)-1]
			last.Accepted = nil
			return last, ids
		}
		wantFeed, wantActions := final(files)
		if len(wantFeed.Gaps) > 0 {
			withGaps++
		}
		gotFeed, gotActions := final(rapid.Permutation(files).Draw(t, "order"))
		if difference := cmp.Diff(wantFeed, gotFeed); difference != "" {
			t.Fatalf("another order, another feed:\n%s", difference)
		}
		if !slices.Equal(wantActions, gotActions) {
			t.Fatal("another order, other actions")
		}
		// All at once is an order too.
		var all []ledger.Action
		for _, file := range files {
			for _, reported := range file.Actions {
				all = append(all, reported.Action)
			}
		}
		gotFeed, gotActions = final([]ledger.TillFile{tillFile("all", all...)})
		if difference := cmp.Diff(wantFeed, gotFeed); difference != "" || !slices.Equal(wantActions, gotActions) {
			t.Fatalf("all in one file, another feed:\n%s", difference)
		}
		// The gaps are what the numbers say.
		seen := map[uint64]bool{}
		low, high := uint64(1<<63), uint64(0)
		for _, action := range all {
			n := action.Head().Seq
			seen[n], low, high = true, min(low, n), max(high, n)
		}
		missing, told := 0, 0
		for n := low; n <= high; n++ {
			if !seen[n] {
				missing++
			}
		}
		for _, gap := range wantFeed.Gaps {
			for n := gap.From; n <= gap.To; n++ {
				if told++; seen[n] {
					t.Fatalf("%d is here and called missing", n)
				}
			}
		}
		if told != missing {
			t.Fatalf("%d numbers are missing, %d are told", missing, told)
		}
	})
	if withGaps == 0 {
		t.Error("no feed with a gap was drawn")
	}
}

// failing is a journal whose append number at fails: before it writes or, when written
// is set, after, as when the answer of a server is lost.
type failing struct {
	ledger.Journal
	at, appends int
	written     bool
	failed      bool
}

var errLost = errors.New("the power went")

func (f *failing) Append(ctx context.Context, stream ledger.StreamID, expect ledger.Revision, events ...ledger.Event) (ledger.Position, error) {
	f.appends++
	if f.appends != f.at {
		return f.Journal.Append(ctx, stream, expect, events...)
	}
	if f.written {
		if _, err := f.Journal.Append(ctx, stream, expect, events...); err != nil {
			return 0, err // a conflict, which wrote nothing: no answer to lose
		}
	}
	f.failed = true
	return 0, errLost
}

func TestIntakeSurvivesACrashAtEveryAppend(t *testing.T) {
	var many []ledger.Action
	for n := range uint64(1200) { // more than one append per day takes
		s := sale(n+10, 100)
		s.BusinessDay = s.BusinessDay.AddDays(int(n) / 900)
		many = append(many, s)
	}
	other := sale(2, 300)
	other.Terminal = "T2"
	stories := map[string]struct{ before, file ledger.TillFile }{
		"first file":      {tillFile("none"), tillFile("a", sale(1, 100), sale(2, 200), other)},
		"overlapping":     {tillFile("a", sale(1, 100), sale(3, 300)), tillFile("b", sale(1, 100), sale(2, 200), sale(3, 300), sale(5, 500))},
		"quarantined":     {tillFile("a", sale(1, 100), sale(2, 200)), tillFile("b", sale(1, 101), sale(2, 201), sale(3, 300), sale(1, 102))},
		"twice in a file": {tillFile("a", sale(1, 100)), tillFile("b", sale(2, 200), sale(2, 200), sale(2, 201))},
		"many":            {tillFile("a", sale(1, 100), many[300]), tillFile("b", many...)},
	}
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			uninterrupted := ledger.NewMemory(stopped)
			take(t, uninterrupted, story.before)
			counting := &failing{Journal: uninterrupted}
			take(t, counting, story.file)
			want := everything(t, uninterrupted)
			for at := 1; at <= counting.appends; at++ {
				for _, written := range []bool{false, true} {
					memory := ledger.NewMemory(stopped)
					take(t, memory, story.before)
					journal := &failing{Journal: memory, at: at, written: written}
					if _, err := ledger.NewIntake(journal, codec).File(t.Context(), story.file, nil); errors.Is(err, errLost) != journal.failed || !journal.failed && !written {
						t.Fatalf("append %d fails, and the file: %v", at, err)
					}
					take(t, memory, story.file)
					sameJournal(t, everything(t, memory), want, fmt.Sprintf("after a crash at append %d (written: %v)", at, written))
				}
			}
		})
	}
}

func sameJournal(t *testing.T, got, want []ledger.Recorded, when string) {
	t.Helper()
	for n := range min(len(got), len(want)) {
		g, w := got[n], want[n]
		if g.Stream != w.Stream || g.Revision != w.Revision || g.Position != w.Position || g.Type != w.Type || g.ID != w.ID ||
			!bytes.Equal(g.Data, w.Data) || !bytes.Equal(g.Meta, w.Meta) || !g.RecordedAt.Equal(w.RecordedAt) {
			t.Fatalf("%s, at position %d:\n%s %d %s %s\nwant\n%s %d %s %s", when, w.Position, g.Stream, g.Revision, g.Type, g.Data, w.Stream, w.Revision, w.Type, w.Data)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%s the journal has %d events, want %d", when, len(got), len(want))
	}
}

// blind is a journal that can't be read.
type blind struct{ ledger.Journal }

func (blind) Read(context.Context, ledger.Query) iter.Seq2[ledger.Recorded, error] {
	return func(yield func(ledger.Recorded, error) bool) { yield(ledger.Recorded{}, errLost) }
}

func TestIntakeTakesNoFileForKnownWhenItCannotRead(t *testing.T) {
	taken, err := ledger.NewIntake(blind{ledger.NewMemory(stopped)}, codec).File(t.Context(), tillFile("a", sale(1, 100)), nil)
	if !errors.Is(err, errLost) || taken.Already {
		t.Errorf("taken %+v (%v)", taken, err)
	}
}

func TestIntakeOfTwoAtOnce(t *testing.T) {
	journal := ledger.NewMemory(stopped)
	a, b := tillFile("a", sale(1, 100), sale(2, 200)), tillFile("b", sale(2, 201), sale(3, 300))
	results := make(chan error, 2)
	for _, file := range []ledger.TillFile{a, b} {
		go func() {
			for {
				_, err := ledger.NewIntake(journal, codec).File(context.Background(), file, nil)
				if !errors.Is(err, ledger.ErrConflict) {
					results <- err
					return
				}
			}
		}()
	}
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	sales, apart := payloads[ledger.SaleRecorded](t, journal, storeday), payloads[ledger.ActionQuarantined](t, journal, feed)
	if len(sales) != 3 || len(apart) != 1 {
		t.Errorf("%d sales and %d apart, want 3 and 1", len(sales), len(apart))
	}
}

func TestChunks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, 2*ledger.MaxAppendBytes/3), 0, 40).Draw(t, "sizes")
		if rapid.Bool().Draw(t, "many") {
			sizes = make([]int, rapid.IntRange(400, 1600).Draw(t, "count"))
		}
		var all []int
		for chunk := range ledger.Chunks(sizes, func(size int) int { return size }) {
			sum := 0
			for _, size := range chunk {
				sum += size
			}
			if len(chunk) == 0 || len(chunk) > 500 || sum > ledger.MaxAppendBytes {
				t.Fatalf("a chunk of %d with %d bytes", len(chunk), sum)
			}
			all = append(all, chunk...)
		}
		if !slices.Equal(all, sizes) {
			t.Fatal("chunks are not the list")
		}
	})
}
