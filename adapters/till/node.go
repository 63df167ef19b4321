package till

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

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

type nodeKind string

const (
	isObject  nodeKind = "an object"
	isArray   nodeKind = "a list"
	isString  nodeKind = "text"
	isNumber  nodeKind = "a number"
	isLiteral nodeKind = "true or false"
	isNull    nodeKind = "null"
)

// maxDepth is more than the form nests (sale, tenders, tender).
const maxDepth = 8

// parser reads one line strictly: one value, no duplicate names, none of the names
// under which card and biometric data travel.
type parser struct {
	tokens *json.Decoder
	fault  func(column, value string, text, hint ledger.Text)
	hidden bool // a string that holds a card number is, or may be, written with escapes
}

// parse returns nil after reporting what is wrong with the line as a whole.
func (p *parser) parse(line string) *node {
	p.tokens = json.NewDecoder(strings.NewReader(line))
	p.tokens.UseNumber()
	root, err := p.value("", 0)
	if err == nil {
		if _, err = p.tokens.Token(); err == io.EOF {
			p.hidden = p.hidden && strings.Contains(line, `\`)
			return root
		}
		p.fault("", "", ledger.Say("something follows the action"), ledger.Say("write one action a line"))
		return nil
	}
	var syntax *json.SyntaxError
	switch {
	case err == errTooDeep:
		p.fault("", "", ledger.Say("nested deeper than %d levels", maxDepth), ledger.Text{})
	case errors.As(err, &syntax):
		p.fault("", "", ledger.Say("not JSON after character %d", syntax.Offset), ledger.Say("write one action a line, each a JSON object"))
	default:
		p.fault("", "", ledger.Say("the JSON ends too early"), ledger.Say("write one action a line, each a JSON object"))
	}
	return nil
}

var errTooDeep = errors.New("too deep")

func (p *parser) value(path string, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	token, err := p.tokens.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return p.object(path, depth)
		}
		return p.array(path, depth)
	case string:
		p.hidden = p.hidden || files.Truncate(v) != v
		return &node{kind: isString, text: v}, nil
	case json.Number:
		return &node{kind: isNumber, text: v.String()}, nil
	case nil:
		return &node{kind: isNull, text: "null"}, nil
	default:
		return &node{kind: isLiteral, text: fmt.Sprint(v)}, nil
	}
}

func (p *parser) object(path string, depth int) (*node, error) {
	object := &node{kind: isObject}
	seen := map[string]bool{}
	for p.tokens.More() {
		token, err := p.tokens.Token()
		if err != nil {
			return nil, err
		}
		name, isText := token.(string)
		if !isText {
			return nil, io.ErrUnexpectedEOF
		}
		column := joinPath(path, name)
		if forbidden(name) {
			p.fault(column, "", ledger.Say("this field must never be sent: card, PIN and fingerprint data have no place here"),
				ledger.Say("stop the till from sending it; what was sent has not been stored"))
		}
		if seen[name] {
			p.fault(column, "", ledger.Say("the field stands here twice"), ledger.Text{})
		}
		seen[name] = true
		p.hidden = p.hidden || files.Truncate(name) != name
		value, err := p.value(column, depth+1)
		if err != nil {
			return nil, err
		}
		object.members = append(object.members, member{name, value})
	}
	_, err := p.tokens.Token()
	return object, err
}

func (p *parser) array(path string, depth int) (*node, error) {
	array := &node{kind: isArray}
	for p.tokens.More() {
		item, err := p.value(fmt.Sprintf("%s[%d]", path, len(array.items)), depth+1)
		if err != nil {
			return nil, err
		}
		array.items = append(array.items, item)
	}
	_, err := p.tokens.Token()
	return array, err
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
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
