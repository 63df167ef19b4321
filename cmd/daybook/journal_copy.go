package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"daybook/ledger"
)

func (g *globals) journalCopyCommand() *cobra.Command {
	var from, to string
	command := &cobra.Command{
		Use:   "copy --from JOURNAL --to JOURNAL",
		Short: "Copy a journal into an event store, or back into a directory",
		Long: "Copy every event in order from one journal to another. A journal is a directory, or an event\n" +
			"store written as esdb://host:2113; its password comes from DAYBOOK_JOURNAL_PASSWORD. What the\n" +
			"target holds must be the beginning of the source: run again after an interruption, the copy goes\n" +
			"on where it stopped. In the end both are read and compared. The target gives positions and times\n" +
			"of recording of its own; everything else stays as it is.",
		Example: "  daybook journal copy --from ~/.local/share/daybook/journal --to 'esdb://admin@db1:2113,db2:2113,db3:2113'\n" +
			"  daybook journal copy --from 'esdb://db1:2113?tls=false' --to /srv/daybook/journal",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from == "" || to == "" {
				return ledger.Refuse(ledger.Say("a copy needs a source and a target"), ledger.Say("write it as: %s", "daybook journal copy --from DIR --to esdb://host:2113"))
			}
			return g.damaged(g.journalCopy(cmd.Context(), from, to))
		},
	}
	command.Flags().StringVar(&from, "from", "", "journal to read: a directory, or esdb://…")
	command.Flags().StringVar(&to, "to", "", "journal to write: a directory, or esdb://…")
	return command
}

func (g *globals) journalCopy(ctx context.Context, from, to string) (err error) {
	source, closeSource, err := openEnd(ctx, from, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeSource()) }()
	target, closeTarget, err := openEnd(ctx, to, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTarget()) }()

	c := &copying{g: g, source: source, target: target, report: copyReport{From: nameOf(from), To: nameOf(to)}}
	c.plain = isEventStore(from) || isEventStore(to)
	if c.head, err = ledger.Head(ctx, source); err != nil {
		return err
	}
	if err := c.copy(ctx); err != nil {
		return fmt.Errorf("copy to %s: %w", c.report.To, err)
	}
	differing, err := c.compare(ctx)
	if err != nil {
		return fmt.Errorf("compare with %s: %w", c.report.To, err)
	}
	return g.printCopy(c.report, differing)
}

// nameOf is an end of a copy as it may be shown: without user and password.
func nameOf(address string) string {
	if isEventStore(address) {
		return hostsOf(address)
	}
	return address
}

// copying is a copy that is going on.
type copying struct {
	g              *globals
	source, target ledger.Journal
	plain          bool            // without what is an event store's own
	head           ledger.Position // of the source when the copy began; what came later is not copied
	report         copyReport
}

// copyReport is what a copy came to.
type copyReport struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Before  uint64 `json:"before"`   // events that the target held already
	Copied  uint64 `json:"copied"`   // events written
	LeftOut uint64 `json:"left_out"` // events of an event store's own, which are not copied
	Events  uint64 `json:"events"`   // in both, in the end
	Streams int    `json:"streams"`
	Digest  string `json:"digest"` // SHA-256 over all events in their order; see tally.add
	Sound   bool   `json:"sound"`
}

// isOwn reports whether an event is an event store's own: metadata of streams, links.
func isOwn(event ledger.Recorded) bool {
	return strings.HasPrefix(string(event.Stream), "$") || strings.HasPrefix(event.Type, "$")
}

// events are those of a journal that are copied, up to a position. They are shown on a
// progress bar.
func (c *copying) events(ctx context.Context, journal ledger.Journal, upTo ledger.Position, what ledger.Text) iter.Seq2[ledger.Recorded, error] {
	return func(yield func(ledger.Recorded, error) bool) {
		bar := c.g.progress(what, unitEvents)
		defer bar.done()
		count := 0
		for event, err := range journal.Read(ctx, ledger.Query{}) {
			if err != nil {
				yield(event, err)
				return
			}
			if event.Position > upTo {
				return
			}
			if count++; count%1024 == 0 {
				bar.of(int64(event.Position), int64(upTo))
			}
			if c.plain && isOwn(event) {
				continue
			}
			if !yield(event, nil) {
				return
			}
		}
	}
}

// copy passes over what the target holds, and appends the rest.
func (c *copying) copy(ctx context.Context) error {
	next, stop := iter.Pull2(c.events(ctx, c.source, c.head, ledger.Say("copying the journal")))
	defer stop()
	held, err := c.passOver(ctx, next)
	if err != nil {
		return err
	}
	c.report.Before = held
	var piece stretch
	for {
		event, err, more := next()
		if err != nil {
			return err
		}
		if !more {
			return c.flush(ctx, &piece)
		}
		if !piece.takes(event) {
			if err := c.flush(ctx, &piece); err != nil {
				return err
			}
		}
		piece.add(event)
	}
}

// passOver reads what the target holds, which must be the beginning of the source.
func (c *copying) passOver(ctx context.Context, next func() (ledger.Recorded, error, bool)) (held uint64, err error) {
	for there, err := range c.events(ctx, c.target, ledger.LatestPosition, ledger.Say("reading what is there")) {
		if err != nil {
			return held, err
		}
		event, err, more := next()
		if err != nil {
			return held, err
		}
		if !more || event.Stream != there.Stream || event.Revision != there.Revision || event.ID != there.ID || event.Type != there.Type {
			return held, ledger.Refuse(
				ledger.Say("%s holds other events than %s: the first is revision %d of %s, at position %d", c.report.To, c.report.From, int64(there.Revision), string(there.Stream), uint64(there.Position)),
				ledger.Say("copy into an empty journal, or into one that holds the beginning of the same events"))
		}
		held++
	}
	return held, nil
}

// flush appends a stretch. The expected revision makes sure that it comes behind what the
// source has before it, and that nobody else writes into the target.
func (c *copying) flush(ctx context.Context, r *stretch) error {
	if len(r.events) == 0 {
		return nil
	}
	expect := r.first - 1
	if r.first == 0 {
		expect = ledger.NoStream
	}
	if _, err := c.target.Append(ctx, r.stream, expect, r.events...); err != nil {
		return err
	}
	c.report.Copied += uint64(len(r.events))
	*r = stretch{events: r.events[:0]}
	return nil
}

// stretch is a piece of one stream that lies together in the journal, and is appended at once.
type stretch struct {
	stream ledger.StreamID
	first  ledger.Revision
	events []ledger.Event
	bytes  int
}

// maxStretch keeps a stretch's names within what MaxAppendBytes leaves free below a server's
// limit.
const maxStretch = 200

func (r *stretch) takes(event ledger.Recorded) bool {
	return len(r.events) == 0 || r.stream == event.Stream && r.first+ledger.Revision(len(r.events)) == event.Revision &&
		len(r.events) < maxStretch && r.bytes+len(event.Data)+len(event.Meta) <= ledger.MaxAppendBytes
}

func (r *stretch) add(event ledger.Recorded) {
	if len(r.events) == 0 {
		r.stream, r.first = event.Stream, event.Revision
	}
	r.events = append(r.events, event.Event)
	r.bytes += len(event.Data) + len(event.Meta)
}

// tally counts events and digests them in their order.
type tally struct {
	events uint64
	digest [sha256.Size]byte
}

// add takes a further event into account: the digest becomes the SHA-256 of the digest
// so far and the event's stream, revision, id, type, data and metadata, each of them with its
// length in front as 8 bytes, big-endian.
func (t *tally) add(h hash.Hash, event ledger.Recorded) {
	t.events++
	h.Reset()
	h.Write(t.digest[:])
	for _, part := range [][]byte{[]byte(event.Stream), binary.BigEndian.AppendUint64(nil, uint64(event.Revision)), event.ID[:], []byte(event.Type), event.Data, event.Meta} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	h.Sum(t.digest[:0])
}

// pair is a tally of the same thing in the source and the target.
type pair struct{ source, target tally }

// streamDifference is a stream that is not the same in both.
type streamDifference struct {
	Stream ledger.StreamID `json:"stream"`
	Source uint64          `json:"source"` // events
	Target uint64          `json:"target"`
}

// compare reads both journals from end to end, and names the streams that differ. It
// keeps about 100 bytes a stream.
func (c *copying) compare(ctx context.Context) ([]streamDifference, error) {
	all, streams := pair{}, map[ledger.StreamID]*pair{}
	of := func(stream ledger.StreamID) *pair {
		p := streams[stream]
		if p == nil {
			p = &pair{}
			streams[ledger.StreamID(strings.Clone(string(stream)))] = p
		}
		return p
	}
	h := sha256.New()
	for event, err := range c.events(ctx, c.source, c.head, ledger.Say("checking the source")) {
		if err != nil {
			return nil, err
		}
		all.source.add(h, event)
		of(event.Stream).source.add(h, event)
	}
	for event, err := range c.events(ctx, c.target, ledger.LatestPosition, ledger.Say("checking the target")) {
		if err != nil {
			return nil, err
		}
		all.target.add(h, event)
		of(event.Stream).target.add(h, event)
	}
	c.report.Events, c.report.Streams = all.target.events, len(streams)
	c.report.Digest, c.report.Sound = hex.EncodeToString(all.target.digest[:]), all.source == all.target
	if c.plain {
		var err error
		if c.report.LeftOut, err = c.leftOut(ctx); err != nil {
			return nil, err
		}
	}
	var differing []streamDifference
	for stream, p := range streams {
		if p.source != p.target {
			differing = append(differing, streamDifference{stream, p.source.events, p.target.events})
		}
	}
	slices.SortFunc(differing, func(a, b streamDifference) int { return cmp.Compare(a.Stream, b.Stream) })
	return differing, nil
}

// leftOut counts the source's events that were not copied.
func (c *copying) leftOut(ctx context.Context) (count uint64, err error) {
	own := []ledger.Filter{{Streams: []string{"$"}}, {Types: []string{"$"}}}
	for n, filter := range own {
		for event, err := range c.source.Read(ctx, ledger.Query{Filter: filter}) {
			if err != nil {
				return count, err
			}
			if event.Position > c.head {
				break
			}
			if n == 0 || !strings.HasPrefix(string(event.Stream), "$") {
				count++
			}
		}
	}
	return count, nil
}

func (g *globals) printCopy(r copyReport, differing []streamDifference) error {
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	if g.output == "table" {
		g.printFacts([][]string{
			{g.say.text(ledger.Say("source")), r.From}, {g.say.text(ledger.Say("target")), r.To},
			{g.say.text(ledger.Say("there before")), number(r.Before)}, {g.say.text(ledger.Say("copied")), number(r.Copied)},
			{g.say.text(ledger.Say("left out, being an event store's own")), number(r.LeftOut)},
			{g.say.text(ledger.Say("events")), number(r.Events)}, {g.say.text(ledger.Say("streams")), strconv.Itoa(r.Streams)},
			{"SHA-256", r.Digest},
		})
	} else {
		columns := []column{{name: "from"}, {name: "to"}, {name: "before"}, {name: "copied"}, {name: "left_out"}, {name: "events"}, {name: "streams"}, {name: "digest"}, {name: "sound"}}
		row := []string{r.From, r.To, number(r.Before), number(r.Copied), number(r.LeftOut), number(r.Events), strconv.Itoa(r.Streams), r.Digest, strconv.FormatBool(r.Sound)}
		err := g.printList(columns, [][]string{row}, struct {
			copyReport
			Differing []streamDifference `json:"differing,omitempty"`
		}{r, differing})
		if err != nil {
			return err
		}
	}
	if r.Sound {
		return nil
	}
	for _, d := range differing {
		fmt.Fprintln(g.stderr, g.say.text(ledger.Say("%s differs: %d events in the source, %d in the target", string(d.Stream), d.Source, d.Target)))
	}
	if len(differing) == 0 {
		fmt.Fprintln(g.stderr, g.say.text(ledger.Say("the streams agree, but not their order among each other")))
	}
	return exitError(exitVerification)
}
