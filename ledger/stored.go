package ledger

import (
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Nearly all that is decoded was encoded here: encoding/json's own output for the same Go
// type, fields in order, nothing between them. Reading that needs no search for names and
// no second look at a value. A form is such a reader. It takes exactly what Encode writes
// and gives up at the first byte that is anything else, and encoding/json then reads the
// whole: a form is never a second opinion on what bytes mean.

// form reads the encoding of one Go type into a value of it.
type form interface {
	// read reads a value at the start of data and returns what is behind it; ok is false
	// when data does not begin as Encode would write it.
	read(s *shelf, data []byte, into reflect.Value) (rest []byte, ok bool)
}

// shelf keeps the last text read for each place in a form: names that come again share
// one string. It is for one goroutine at a time.
type shelf struct{ texts []string }

// reader reads whole payloads of one type. It is safe for concurrent use.
type reader struct {
	form    form
	places  int
	shelves sync.Pool
}

// newReader makes the reader of a type, or nil when the type has parts that no form reads.
func newReader(t reflect.Type) *reader {
	r := &reader{}
	r.form = r.formOf(t)
	if r.form == nil {
		return nil
	}
	r.shelves.New = func() any { return &shelf{make([]string, r.places)} }
	return r
}

// read reads data into the addressable value, which must be zero, and reports whether all
// of it was as Encode writes it. If not, the value is partly filled.
func (r *reader) read(data []byte, into reflect.Value) bool {
	s := r.shelves.Get().(*shelf)
	rest, ok := r.form.read(s, data, into)
	r.shelves.Put(s)
	return ok && len(rest) == 0
}

var (
	moneyType       = reflect.TypeFor[Money]()
	timeType        = reflect.TypeFor[time.Time]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
	textType        = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func (r *reader) place() int { r.places++; return r.places - 1 }

func (r *reader) formOf(t reflect.Type) form {
	pointer := reflect.PointerTo(t)
	switch {
	case t == moneyType:
		return moneyForm{r.place()}
	case t == timeType:
		return timeForm{}
	case pointer.Implements(unmarshalerType):
		return nil
	case pointer.Implements(textType):
		return textForm{}
	}
	switch t.Kind() {
	case reflect.String:
		return stringForm{r.place()}
	case reflect.Bool:
		return boolForm{}
	case reflect.Int, reflect.Int64:
		return intForm{}
	case reflect.Uint64:
		return uintForm{}
	case reflect.Struct:
		return r.structOf(t)
	case reflect.Slice:
		if element := r.formOf(t.Elem()); element != nil && t.Elem().Kind() != reflect.Uint8 {
			return sliceForm{t, element}
		}
	case reflect.Pointer:
		if element := r.formOf(t.Elem()); element != nil {
			return pointerForm{t.Elem(), element}
		}
	case reflect.Map:
		if t == reflect.TypeFor[map[string]string]() {
			return mapForm{}
		}
		if t == reflect.TypeFor[map[string]int]() {
			return countsForm{}
		}
	}
	return nil
}

// structForm reads an object's fields in their order; any of them may be absent.
type structForm struct{ fields []fieldForm }

type fieldForm struct {
	name  string // with quotes and colon
	index []int
	form  form
}

// structOf is nil for structs in which the order of fields in the encoding is not simply
// their order in the type.
func (r *reader) structOf(t reflect.Type) form {
	var s structForm
	names := map[string]bool{}
	for _, field := range reflect.VisibleFields(t) {
		tag := field.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case field.Anonymous && tag == "" && field.Type.Kind() == reflect.Struct:
			continue // its fields follow
		case field.Anonymous || !field.IsExported() || name == "-" || strings.Contains(options, "string"):
			return nil
		}
		if name == "" {
			name = field.Name
		}
		if names[name] || strings.ContainsAny(name, `"\<>&`) {
			return nil
		}
		names[name] = true
		f := r.formOf(field.Type)
		if f == nil {
			return nil
		}
		s.fields = append(s.fields, fieldForm{`"` + name + `":`, field.Index, f})
	}
	return &s
}

func (f *structForm) read(s *shelf, data []byte, into reflect.Value) ([]byte, bool) {
	if len(data) < 2 || data[0] != '{' {
		return nil, false
	}
	data = data[1:]
	first := true
	for i := range f.fields {
		field := &f.fields[i]
		at := 1 // behind the comma
		if first {
			at = 0
		}
		end := at + len(field.name)
		if len(data) < end || !first && data[0] != ',' || string(data[at:end]) != field.name {
			continue
		}
		place := into
		for _, n := range field.index {
			place = place.Field(n)
		}
		var ok bool
		if data, ok = field.form.read(s, data[end:], place); !ok {
			return nil, false
		}
		first = false
	}
	if len(data) == 0 || data[0] != '}' {
		return nil, false
	}
	return data[1:], true
}

type stringForm struct{ place int }

func (f stringForm) read(s *shelf, data []byte, into reflect.Value) ([]byte, bool) {
	raw, rest, ok := quoted(data)
	if !ok {
		text, rest, ok := escaped(data)
		if ok {
			into.SetString(text)
		}
		return rest, ok
	}
	if s.texts[f.place] != string(raw) {
		s.texts[f.place] = string(raw)
	}
	into.SetString(s.texts[f.place])
	return rest, true
}

// escaped reads a string with escapes in it.
func escaped(data []byte) (text string, rest []byte, ok bool) {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			ok = json.Unmarshal(data[:i+1], &text) == nil
			return text, data[i+1:], ok
		}
	}
	return "", nil, false
}

// quoted returns the inside of a string without escapes, as most are.
func quoted(data []byte) (inside, rest []byte, ok bool) {
	if len(data) == 0 || data[0] != '"' {
		return nil, nil, false
	}
	ascii := true
	for i := 1; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			inside = data[1:i]
			return inside, data[i+1:], ascii || utf8.Valid(inside)
		case c == '\\' || c < ' ':
			return nil, nil, false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, nil, false
}

type textForm struct{}

func (textForm) read(_ *shelf, data []byte, into reflect.Value) ([]byte, bool) {
	raw, rest, ok := quoted(data)
	if !ok {
		return nil, false
	}
	return rest, into.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(raw) == nil
}

type timeForm struct{}

func (timeForm) read(_ *shelf, data []byte, into reflect.Value) ([]byte, bool) {
	raw, rest, ok := quoted(data)
	if !ok {
		return nil, false
	}
	var t time.Time
	if t.UnmarshalText(raw) != nil {
		return nil, false
	}
	*into.Addr().Interface().(*time.Time) = t
	return rest, true
}

type boolForm struct{}

func (boolForm) read(_ *shelf, data []byte, into reflect.Value) ([]byte, bool) {
	if rest, ok := cutPrefix(data, "true"); ok {
		into.SetBool(true)
		return rest, true
	}
	return cutPrefix(data, "false")
}

func cutPrefix(data []byte, prefix string) ([]byte, bool) {
	if len(data) < len(prefix) || string(data[:len(prefix)]) != prefix {
		return nil, false
	}
	return data[len(prefix):], true
}

// digits reads a whole number as it is printed. It leaves alone what continues as a fraction
// or an exponent, because what follows a number is a comma or a bracket.
func digits(data []byte) (n uint64, rest []byte, ok bool) {
	i := 0
	for ; i < len(data) && data[i] >= '0' && data[i] <= '9'; i++ {
		if n > (math.MaxUint64-9)/10 {
			return 0, nil, false
		}
		n = n*10 + uint64(data[i]-'0')
	}
	return n, data[i:], i == 1 || i > 1 && data[0] != '0'
}

func integer(data []byte) (int64, []byte, bool) {
	negative := len(data) > 0 && data[0] == '-'
	if negative {
		data = data[1:]
	}
	n, rest, ok := digits(data)
	if !ok || n > math.MaxInt64 || negative && n == 0 {
		return 0, nil, false // the smallest of all is left to encoding/json
	}
	if negative {
		return -int64(n), rest, true
	}
	return int64(n), rest, true
}

type intForm struct{}

func (intForm) read(_ *shelf, data []byte, into reflect.Value) ([]byte, bool) {
	n, rest, ok := integer(data)
	if ok {
		into.SetInt(n)
	}
	return rest, ok
}

type uintForm struct{}

func (uintForm) read(_ *shelf, data []byte, into reflect.Value) ([]byte, bool) {
	n, rest, ok := digits(data)
	if ok {
		into.SetUint(n)
	}
	return rest, ok
}

type moneyForm struct{ place int }

func (f moneyForm) read(s *shelf, data []byte, into reflect.Value) ([]byte, bool) {
	data, ok := cutPrefix(data, `{"minor":`)
	if !ok {
		return nil, false
	}
	minor, data, ok := integer(data)
	if !ok {
		return nil, false
	}
	if data, ok = cutPrefix(data, `,"currency":`); !ok {
		return nil, false
	}
	raw, data, ok := quoted(data)
	if !ok {
		return nil, false
	}
	if data, ok = cutPrefix(data, `}`); !ok {
		return nil, false
	}
	if code := string(raw); s.texts[f.place] != code {
		if !Currency(code).Known() {
			return data, minor == 0 && code == "" // the zero Money, which is there already
		}
		s.texts[f.place] = code
	}
	*into.Addr().Interface().(*Money) = Money{minor, Currency(s.texts[f.place])}
	return data, true
}

type sliceForm struct {
	slice   reflect.Type
	element form
}

func (f sliceForm) read(s *shelf, data []byte, into reflect.Value) ([]byte, bool) {
	if rest, ok := cutPrefix(data, "null"); ok {
		return rest, true
	}
	data, ok := cutPrefix(data, "[")
	if !ok {
		return nil, false
	}
	if rest, empty := cutPrefix(data, "]"); empty {
		into.Set(reflect.MakeSlice(f.slice, 0, 0))
		return rest, true
	}
	for n := 0; ; n++ {
		if n == into.Cap() {
			into.Grow(1)
		}
		into.SetLen(n + 1)
		if data, ok = f.element.read(s, data, into.Index(n)); !ok || len(data) == 0 {
			return nil, false
		}
		switch data[0] {
		case ',':
			data = data[1:]
		case ']':
			return data[1:], true
		default:
			return nil, false
		}
	}
}

type pointerForm struct {
	to      reflect.Type
	element form
}

func (f pointerForm) read(s *shelf, data []byte, into reflect.Value) ([]byte, bool) {
	if rest, ok := cutPrefix(data, "null"); ok {
		return rest, true
	}
	into.Set(reflect.New(f.to))
	return f.element.read(s, data, into.Elem())
}

// mapForm reads texts by name, and countsForm counts, whatever their order.
type (
	mapForm    struct{}
	countsForm struct{}
)

func (mapForm) read(_ *shelf, data []byte, into reflect.Value) ([]byte, bool) {
	return entries(data, into, func(m map[string]string, name string, data []byte) ([]byte, bool) {
		raw, rest, ok := quoted(data)
		if ok {
			m[name] = string(raw)
		}
		return rest, ok
	})
}

func (countsForm) read(_ *shelf, data []byte, into reflect.Value) ([]byte, bool) {
	return entries(data, into, func(m map[string]int, name string, data []byte) ([]byte, bool) {
		n, rest, ok := integer(data)
		if ok {
			m[name] = int(n)
		}
		return rest, ok
	})
}

func entries[V any](data []byte, into reflect.Value, value func(m map[string]V, name string, data []byte) ([]byte, bool)) ([]byte, bool) {
	if rest, ok := cutPrefix(data, "null"); ok {
		return rest, true
	}
	data, ok := cutPrefix(data, "{")
	if !ok {
		return nil, false
	}
	m := map[string]V{}
	into.Set(reflect.ValueOf(m))
	if rest, empty := cutPrefix(data, "}"); empty {
		return rest, true
	}
	for {
		var raw []byte
		if raw, data, ok = quoted(data); !ok {
			return nil, false
		}
		if data, ok = cutPrefix(data, ":"); !ok {
			return nil, false
		}
		if data, ok = value(m, string(raw), data); !ok || len(data) == 0 {
			return nil, false
		}
		switch data[0] {
		case ',':
			data = data[1:]
		case '}':
			return data[1:], true
		default:
			return nil, false
		}
	}
}
