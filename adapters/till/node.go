package till

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"daybook/adapters/files"
	"daybook/ledger"
)

// node is a JSON value with its members in order and its numbers as written.
type node struct {
	kind    nodeKind
	text    string // of a string, number or literal
	members []member
	items   []*node
}

type member struct {
	name  string
	value *node
}

type nodeKind int

const (
	isObject nodeKind = iota + 1
	isArray
	isString
	isNumber
	isLiteral // true or false
	isNull
)

// name is what messages call a value of the kind.
func (k nodeKind) name() ledger.Text {
	switch k {
	case isObject:
		return ledger.Say("an object")
	case isArray:
		return ledger.Say("a list")
	case isString:
		return ledger.Say("text")
	case isNumber:
		return ledger.Say("a number")
	case isLiteral:
		return ledger.Say("true or false")
	}
	return ledger.Say("null")
}

const (
	maxDepth   = 8   // more than the form nests (sale, tenders, tender)
	maxMembers = 256 // more than any object of the form has fields
)

// parser reads one line of JSON (RFC 8259) strictly: one value, no duplicate names, none
// of the names under which card and biometric data travel. It does in one pass, with the
// place of every fault, what encoding/json would need two for.
//
// It reads line after line. The nodes of one last until the next is read.
type parser struct {
	text  string
	at    int      // how far it has been read
	path  []string // to the value being read: "tenders", "[0]"
	fault func(column, value string, text, hint ledger.Text)

	root  *node           // what was read of the line, when it was an object
	known map[string]bool // names that were looked at before, and whether they are forbidden
	room  []node          // for the values of a line
	used  int
}

func newParser() *parser { return &parser{known: map[string]bool{}} }

// The ways in which a line is not JSON, or not such that a form could be it.
var (
	errEarly   = errors.New("ends too early")
	errSyntax  = errors.New("not JSON")
	errTooDeep = errors.New("too deep")
	errTooWide = errors.New("too wide")
)

// node makes a value. Lines come by the million, and each has a hundred values.
func (p *parser) node(kind nodeKind, text string) *node {
	if p.used == len(p.room) {
		p.room, p.used = make([]node, max(64, 2*len(p.room))), 0
	}
	n := &p.room[p.used]
	p.used++
	*n = node{kind, text, n.members[:0], n.items[:0]}
	return n
}

// parse returns nil after reporting what is wrong with the line as a whole.
func (p *parser) parse() *node {
	p.at, p.path, p.used = 0, p.path[:0], 0
	root, err := p.value(0)
	p.blanks()
	switch {
	case err == errTooDeep:
		p.fault("", "", ledger.Say("nested deeper than %d levels", maxDepth), ledger.Text{})
	case err == errTooWide:
		p.fault("", "", ledger.Say("an object has more than %d fields", maxMembers), ledger.Text{})
	case err == errEarly:
		p.fault("", "", ledger.Say("the JSON ends too early"), ledger.Say("write one action a line, each a JSON object"))
	case err != nil:
		p.fault("", "", ledger.Say("not JSON after character %d", utf8.RuneCountInString(p.text[:p.at])),
			ledger.Say("write one action a line, each a JSON object"))
	case p.at < len(p.text):
		p.fault("", "", ledger.Say("something follows the action"), ledger.Say("write one action a line"))
	default:
		return root
	}
	return nil
}

func (p *parser) blanks() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// next is the first byte that is not blank.
func (p *parser) next() (byte, error) {
	p.blanks()
	if p.at == len(p.text) {
		return 0, errEarly
	}
	return p.text[p.at], nil
}

// take goes past a byte that must come next.
func (p *parser) take(want byte) error {
	c, err := p.next()
	if err == nil && c != want {
		return errSyntax
	}
	p.at++
	return err
}

func (p *parser) value(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	c, err := p.next()
	switch {
	case err != nil:
		return nil, err
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		text, err := p.string()
		return p.node(isString, text), err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, literal := range []string{"true", "false", "null"} {
		if rest := p.text[p.at:]; strings.HasPrefix(rest, literal) {
			p.at += len(literal)
			if literal == "null" {
				return p.node(isNull, literal), nil
			}
			return p.node(isLiteral, literal), nil
		} else if strings.HasPrefix(literal, rest) {
			return nil, errEarly
		}
	}
	return nil, errSyntax
}

func (p *parser) object(depth int) (*node, error) {
	object := p.node(isObject, "")
	err := p.list('}', func() error {
		if c, err := p.next(); err != nil || c != '"' {
			return cmp.Or(err, errSyntax)
		}
		name, err := p.string()
		if err != nil {
			return err
		}
		if len(object.members) == maxMembers {
			return errTooWide
		}
		p.path = append(p.path, name)
		defer func() { p.path = p.path[:len(p.path)-1] }()
		if p.forbids(name) {
			p.fault(p.column(), "", ledger.Say("this field must never be sent: card, PIN and fingerprint data have no place here"),
				ledger.Say("stop the till from sending it; what was sent has not been stored"))
		}
		if slices.ContainsFunc(object.members, func(m member) bool { return m.name == name }) {
			p.fault(p.column(), "", ledger.Say("the field stands here twice"), ledger.Text{})
		}
		if err := p.take(':'); err != nil {
			return err
		}
		value, err := p.value(depth + 1)
		object.members = append(object.members, member{name, value})
		return err
	})
	return object, err
}

func (p *parser) array(depth int) (*node, error) {
	array := p.node(isArray, "")
	err := p.list(']', func() error {
		p.path = append(p.path, "["+strconv.Itoa(len(array.items))+"]")
		item, err := p.value(depth + 1)
		array.items = append(array.items, item)
		p.path = p.path[:len(p.path)-1]
		return err
	})
	return array, err
}

// list reads what stands between brackets, divided by commas.
func (p *parser) list(to byte, item func() error) error {
	p.at++ // the caller has seen the bracket
	if c, err := p.next(); err != nil || c == to {
		p.at++
		return err
	}
	for {
		if err := item(); err != nil {
			return err
		}
		c, err := p.next()
		if err != nil {
			return err
		}
		switch c {
		case ',':
			p.at++
		case to:
			p.at++
			return nil
		default:
			return errSyntax
		}
	}
}

// string reads a text; one with escapes is left to encoding/json.
func (p *parser) string() (string, error) {
	from, escaped := p.at, false
	for at := from + 1; at < len(p.text); at++ {
		switch c := p.text[at]; {
		case c == '\\':
			escaped = true
			at++
		case c < ' ':
			p.at = at
			return "", errSyntax
		case c == '"':
			text, err := p.text[from+1:at], error(nil)
			if escaped {
				text, err = unescape(p.text[from : at+1])
			}
			if err == nil {
				p.at = at + 1
			}
			return text, err
		}
	}
	return "", errEarly
}

func unescape(quoted string) (text string, err error) {
	if json.Unmarshal([]byte(quoted), &text) != nil {
		return "", errSyntax
	}
	return text, nil
}

func (p *parser) number() (*node, error) {
	from := p.at
	digits := func() bool {
		start := p.at
		for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
			p.at++
		}
		return p.at > start
	}
	skip := func(any string) bool {
		if p.at < len(p.text) && strings.IndexByte(any, p.text[p.at]) >= 0 {
			p.at++
			return true
		}
		return false
	}
	skip("-")
	sound := skip("0") || digits()
	if skip(".") {
		sound = digits() && sound
	}
	if skip("eE") {
		skip("+-")
		sound = digits() && sound
	}
	if !sound && p.at == len(p.text) {
		return nil, errEarly
	}
	if !sound {
		return nil, errSyntax
	}
	return p.node(isNumber, p.text[from:p.at]), nil
}

// column is where the parser is, as messages write it.
func (p *parser) column() string {
	column := ""
	for _, step := range p.path {
		if strings.HasPrefix(step, "[") {
			column += step
		} else {
			column = joinPath(column, step)
		}
	}
	return column
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// forbids is forbidden, which the same few names of every line need to be asked once.
func (p *parser) forbids(name string) bool {
	const most = 1024 // names that a file makes us remember
	answer, known := p.known[name]
	if !known {
		if answer = forbidden(name); len(p.known) < most {
			p.known[name] = answer
		}
	}
	return answer
}

// forbidden knows the names under which sensitive authentication data, full card
// numbers and biometric data travel (PCI DSS 3.3, 3.4), however they are spelt.
func forbidden(name string) bool {
	name = strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(name))
	switch name {
	case "pan", "fullpan", "cardpan", "cardno", "cav2", "cvn", "pin", "track", "minutiae":
		return true
	}
	for _, part := range []string{
		"primaryaccountnumber", "cardnumber", "cardholder",
		"trackdata", "track1", "track2", "track3", "magstripe",
		"cvv", "cvc", "cvn2", "securitycode", "pinblock", "pindata", "encryptedpin",
		"fingerprint", "biometric",
	} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// write appends the node as JSON on one line, in the order of its members.
func (n *node) write(out *bytes.Buffer) {
	switch n.kind {
	case isObject:
		out.WriteByte('{')
		for i, m := range n.members {
			if i > 0 {
				out.WriteByte(',')
			}
			writeString(out, m.name)
			out.WriteByte(':')
			m.value.write(out)
		}
		out.WriteByte('}')
	case isArray:
		out.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				out.WriteByte(',')
			}
			item.write(out)
		}
		out.WriteByte(']')
	case isString:
		writeString(out, n.text)
	default:
		out.WriteString(n.text)
	}
}

// writeString quotes a text whose card numbers are truncated first, so that no escape
// can hide one.
func writeString(out *bytes.Buffer, text string) {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.Encode(files.Truncate(text)) // a string always encodes
	out.Truncate(out.Len() - 1)          // Encode ends with a line end
}
