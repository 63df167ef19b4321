package camt

import (
	"encoding/xml"
	"errors"
	"slices"
	"strings"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

const (
	maxDepth    = 64
	maxElements = 500_000 // of one entry: some ten thousand TxDtls
)

// errTooDeep and errTooLarge are documents that no bank sends.
var (
	errTooDeep  = errors.New("nested too deeply")
	errTooLarge = errors.New("too many elements")
	errDoctype  = errors.New("document type declaration")
)

// element is one XML element. Its text has no card number and no surplus blanks.
type element struct {
	name     string
	currency string // the attribute Ccy
	text     string
	children []*element
}

// at is the first descendant by path; an element without content where there is none.
func (e *element) at(path ...string) *element {
	for _, name := range path {
		i := slices.IndexFunc(e.children, func(c *element) bool { return c.name == name })
		if i < 0 {
			return &element{}
		}
		e = e.children[i]
	}
	return e
}

// value is the text of the first descendant by path.
func (e *element) value(path ...string) string { return e.at(path...).text }

// all are the children of a name.
func (e *element) all(name string) []*element {
	var list []*element
	for _, c := range e.children {
		if c.name == name {
			list = append(list, c)
		}
	}
	return list
}

// source reads tokens, within the limits.
type source struct {
	decoder *xml.Decoder
	depth   int
	cut     map[string]int // full card numbers cut, by element
}

func (s *source) token() (xml.Token, error) {
	token, err := s.decoder.Token()
	switch token.(type) {
	case xml.StartElement:
		if s.depth++; s.depth > maxDepth {
			return nil, errTooDeep
		}
	case xml.EndElement:
		s.depth--
	case xml.Directive:
		return nil, errDoctype
	}
	return token, err
}

// element reads on to the end of the element that start begins.
func (s *source) element(start xml.StartElement) (*element, error) {
	root := begin(start)
	path, texts, count := []*element{root}, [][]byte{nil}, 1
	for len(path) > 0 {
		token, err := s.token()
		if err != nil {
			return nil, err
		}
		last := len(path) - 1
		switch token := token.(type) {
		case xml.StartElement:
			if count++; count > maxElements {
				return nil, errTooLarge
			}
			child := begin(token)
			path[last].children = append(path[last].children, child)
			path, texts = append(path, child), append(texts, nil)
		case xml.CharData:
			texts[last] = append(texts[last], token...)
		case xml.EndElement:
			path[last].text = s.clean(path[last].name, string(texts[last]))
			path, texts = path[:last], texts[:last]
		}
	}
	return root, nil
}

func begin(start xml.StartElement) *element {
	e := &element{name: files.Truncate(start.Name.Local)}
	for _, attribute := range start.Attr {
		if attribute.Name.Local == "Ccy" {
			e.currency = files.Truncate(attribute.Value)
		}
	}
	return e
}

// clean joins what white space divides and cuts card numbers.
func (s *source) clean(name, text string) string {
	text = strings.Join(strings.Fields(text), " ")
	cut := files.Truncate(text)
	if cut != text {
		s.cut[name]++
	}
	return cut
}

// personal are elements that are emptied at the door, whatever they hold.
var personal = map[string]bool{
	"PstlAdr": true, "CtctDtls": true, "PrvtId": true, "Prxy": true,
	"TrckData": true, "CSCd": true, "CrdhldrNm": true, "XpryDt": true,
}

// redact empties what is personal and cuts account numbers, below an element whose name
// ends in Acct, to their last four characters.
func redact(e *element, inAccount bool, statement *reconcile.Statement) {
	inAccount = inAccount || strings.HasSuffix(e.name, "Acct")
	switch {
	case personal[e.name]:
		statement.Dropped[e.name]++
		e.text, e.children = "", nil
	case e.name == "PAN" && e.text != "":
		if card, err := ledger.ParseCardRef(e.text); err != nil {
			statement.Dropped[e.name]++
			e.text = ""
		} else if card.String() != e.text {
			statement.Truncated[e.name]++
			e.text = card.String()
		}
	case inAccount && (e.name == "IBAN" || e.name == "Id") && len([]rune(e.text)) > 4:
		statement.Dropped[e.name]++
		runes := []rune(e.text)
		e.text = "****" + string(runes[len(runes)-4:])
	}
	for _, child := range e.children {
		redact(child, inAccount, statement)
	}
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// print writes an element as compact XML, until there is enough of it.
func (e *element) print(b *strings.Builder) {
	if b.Len() > settlement.MaxRaw {
		return
	}
	b.WriteString("<" + e.name)
	if e.currency != "" {
		b.WriteString(` Ccy="` + escaper.Replace(e.currency) + `"`)
	}
	b.WriteString(">" + escaper.Replace(e.text))
	for _, child := range e.children {
		child.print(b)
	}
	b.WriteString("</" + e.name + ">")
}

// raw is the element as compact XML, cut where it is longer than settlement.MaxRaw.
func (e *element) raw() string {
	var b strings.Builder
	e.print(&b)
	return files.Truncate(settlement.Shorten(b.String(), settlement.MaxRaw))
}
