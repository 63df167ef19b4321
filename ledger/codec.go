package ledger

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"sync"
)

// ErrUnknownType: the codec has no kind for an event's type, which is what a reader
// that is older than the journal sees. Followers skip what they do not need to know.
var ErrUnknownType = errors.New("unknown event type")

// ErrUndecodable: an event's bytes are not those of its type. They never change, so reading
// them again does not help.
var ErrUndecodable = errors.New("the event cannot be read")

// Upcast turns the data of one version of an event into the next, purely. Stored
// bytes stay as they are; it runs at every read.
type Upcast func(data []byte) ([]byte, error)

// Kind ties an event type's name to its Go type. Rooms list their kinds; cmd joins the
// lists into one Codec.
type Kind struct {
	name    string
	upcasts []Upcast // upcasts[i] turns v(i+1) into v(i+2)
	goType  reflect.Type
	decode  func(data []byte) (any, error)
}

// KindOf describes payload T under a name such as "sale-recorded". Its current
// version is one more than the number of upcasts, which lead from v1 to it.
func KindOf[T any](name string, upcasts ...Upcast) Kind {
	goType := reflect.TypeFor[T]()
	stored := newReader(goType)
	return Kind{name, upcasts, goType, func(data []byte) (any, error) {
		var payload T
		if stored != nil && stored.read(data, reflect.ValueOf(&payload).Elem()) {
			return payload, nil
		}
		var other T
		err := json.Unmarshal(data, &other)
		return other, err
	}}
}

// Type is the current full name, with version.
func (k Kind) Type() string { return fmt.Sprintf("%s.v%d", k.name, len(k.upcasts)+1) }

// Codec turns payloads into events and back. It is immutable and safe for concurrent use.
type Codec struct {
	byType map[string]decoder
	byGo   map[reflect.Type]string
}

type decoder struct {
	upcasts []Upcast
	decode  func(data []byte) (any, error)
}

// NewCodec joins kinds. It panics when two kinds share a name or a Go type.
func NewCodec(lists ...[]Kind) *Codec {
	c := &Codec{map[string]decoder{}, map[reflect.Type]string{}}
	for _, kind := range slices.Concat(lists...) {
		if _, taken := c.byType[kind.name+".v1"]; taken {
			panic("two kinds named " + kind.name)
		}
		if _, taken := c.byGo[kind.goType]; taken {
			panic("two kinds of " + kind.goType.String())
		}
		for version := range len(kind.upcasts) + 1 {
			c.byType[fmt.Sprintf("%s.v%d", kind.name, version+1)] = decoder{kind.upcasts[version:], kind.decode}
		}
		c.byGo[kind.goType] = kind.Type()
	}
	return c
}

// Types lists every type and version the codec can read, sorted.
func (c *Codec) Types() []string { return slices.Sorted(maps.Keys(c.byType)) }

// TypeOf is the type under which a payload would be stored.
func (c *Codec) TypeOf(payload any) string { return c.byGo[reflect.TypeOf(payload)] }

// Encode makes the event of a payload. The bytes are those of encoding/json for the
// payload's type, whose field order is fixed: the same payload has the same bytes.
func (c *Codec) Encode(id EventID, payload any, meta Metadata) (Event, error) {
	name, known := c.byGo[reflect.TypeOf(payload)]
	if !known {
		return Event{}, fmt.Errorf("encode %T: %w", payload, ErrUnknownType)
	}
	data, err := json.Marshal(payload)
	if err != nil {
		return Event{}, fmt.Errorf("encode %s: %w", name, err)
	}
	metadata, err := json.Marshal(meta)
	if err != nil {
		return Event{}, fmt.Errorf("encode metadata of %s: %w", name, err)
	}
	return Event{id, name, data, metadata}, nil
}

// Decode returns the payload of an event in its current form, as a value (not a
// pointer) of the kind's Go type. For a type it does not know the error wraps
// ErrUnknownType, for bytes that are not of the type ErrUndecodable.
func (c *Codec) Decode(event Event) (any, error) {
	d, known := c.byType[event.Type]
	if !known {
		return nil, fmt.Errorf("%s: %w", event.Type, ErrUnknownType)
	}
	data := event.Data
	for _, upcast := range d.upcasts {
		var err error
		if data, err = upcast(data); err != nil {
			return nil, undecodable(event, err)
		}
	}
	payload, err := d.decode(data)
	if err != nil {
		return nil, undecodable(event, err)
	}
	return payload, nil
}

// Decoded is what an event says. Payload is nil when the codec does not know its type.
type Decoded struct {
	Payload any
	Meta    Metadata
}

// DecodeAll decodes events on all processors, in their order. A type that the codec does
// not know is no error here. The error is that of the first event that cannot be read, and
// names its position.
func (c *Codec) DecodeAll(events []Recorded) ([]Decoded, error) {
	decoded := make([]Decoded, len(events))
	return decoded, EachOf(len(events), worthwhile(events), func(n int) (err error) {
		d := &decoded[n]
		if d.Payload, err = c.Decode(events[n].Event); errors.Is(err, ErrUnknownType) {
			return nil
		}
		if err == nil {
			d.Meta, err = DecodeMeta(events[n].Event)
		}
		if err != nil {
			return fmt.Errorf("position %d in %s: %w", events[n].Position, events[n].Stream, err)
		}
		return nil
	})
}

// DecodeEach reads events and gives what they say, without their metadata, in order: a few
// thousand at a time are decoded, on all processors. It ends with the first error, whoever's
// it is; a type that the codec does not know is one.
func (c *Codec) DecodeEach(events iter.Seq2[Recorded, error], give func(at Position, payload any)) error {
	const most, mostBytes = 4096, 8 << 20
	var held []Recorded
	bytes := 0
	decode := func() error {
		payloads := make([]any, len(held))
		err := EachOf(len(held), worthwhile(held), func(n int) (err error) {
			payloads[n], err = c.Decode(held[n].Event)
			return err
		})
		if err != nil {
			return err
		}
		for n, recorded := range held {
			give(recorded.Position, payloads[n])
		}
		held, bytes = held[:0], 0
		return nil
	}
	for recorded, err := range events {
		if err != nil {
			return err
		}
		held = append(held, recorded)
		if bytes += len(recorded.Data); len(held) == most || bytes >= mostBytes {
			if err := decode(); err != nil {
				return err
			}
		}
	}
	return decode()
}

// worthwhile is how many of the events are work for a goroutine of its own.
func worthwhile(events []Recorded) int {
	const enough = 64 << 10
	bytes := 1
	for _, event := range events {
		bytes += len(event.Data)
	}
	return 1 + len(events)*enough/bytes
}

// EachOf does pieces of work, numbered from 0, on all processors, each of which takes a run
// of at least so many. The error is that of the lowest number whose work failed.
func EachOf(n, least int, work func(n int) error) error {
	workers := max(1, min(runtime.GOMAXPROCS(0), n/least))
	failed := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for k := n * w / workers; k < n*(w+1)/workers && failed[w] == nil; k++ {
				failed[w] = work(k)
			}
		})
	}
	group.Wait()
	return cmp.Or(failed...)
}

func undecodable(event Event, err error) error {
	return fmt.Errorf("%s: %w: %w", event.Type, ErrUndecodable, err)
}

var storedMetadata = newReader(reflect.TypeFor[Metadata]())

// DecodeMeta returns an event's metadata.
func DecodeMeta(event Event) (Metadata, error) {
	var meta Metadata
	if storedMetadata.read(event.Meta, reflect.ValueOf(&meta).Elem()) {
		return meta, nil
	}
	meta = Metadata{}
	if err := json.Unmarshal(event.Meta, &meta); err != nil {
		return meta, undecodable(event, fmt.Errorf("metadata: %w", err))
	}
	return meta, nil
}
