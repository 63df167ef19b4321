package projections

import (
	"context"
	"fmt"
	"strings"
)

// ViewsVersion counts the changes that break a name or a meaning that may be relied on: a
// view or column that is gone, renamed, or of another type or sense. Raise it with such a
// change, and say in README what became of the name. What is added breaks nothing.
const ViewsVersion = 1

// description says what a column holds, in which unit, and from which events of the
// journal it comes.
type description struct {
	comment string
	events  string // types of event without their versions, with commas between them
}

// describer is a table or view whose columns others may take over, description and all.
type describer interface {
	describe(column string) (d description, known bool)
}

// note describes a column that a view computes, or that means something else in it than
// in the table it comes from.
type note struct{ column, comment, events string }

// inMinor ends the comment on an amount in minor units. The column that shows the same
// amount as a decimal has the same comment with another end.
const (
	inMinor = "; minor units of "
	inMajor = "; decimal, in units of "
	signed  = "currency, signed in the merchant's view"
)

// latest is the comment on the position of a row that several events make up.
const latest = "journal position of the last event that the row comes from"

func (d description) asDecimal() description {
	return description{strings.Replace(d.comment, inMinor, inMajor, 1), d.events}
}

func (t table[R]) describe(column string) (d description, known bool) {
	for _, c := range t.columns {
		if c.name == column {
			return description{c.comment, t.events}, true
		}
	}
	return description{}, false
}

// describe takes a view's own notes first and then what it reads from, in order. What is
// said of x_minor also describes x.
func (v view) describe(column string) (d description, known bool) {
	for _, n := range v.notes {
		switch column {
		case n.column:
			return description{n.comment, n.events}, true
		case strings.TrimSuffix(n.column, "_minor"):
			return description{n.comment, n.events}.asDecimal(), true
		}
	}
	for _, from := range v.from {
		if d, known := from.describe(column); known {
			return d, true
		}
		if d, known := from.describe(column + "_minor"); known {
			return d.asDecimal(), true
		}
	}
	return description{}, false
}

// make makes the view over the tables of a generation, and then says what its columns hold.
func (v view) make(ctx context.Context, g generation, place placement) error {
	if err := g.Warehouse.Exec(ctx, place.of("CREATE OR REPLACE VIEW "+v.name+" AS\n"+g.sql(strings.TrimSpace(v.query))+"\nCOMMENT "+quote(v.grain))); err != nil {
		return err
	}
	columns, err := query(ctx, g.Warehouse, "DESCRIBE TABLE "+v.name, func(name *string) []any {
		return []any{name, new(string), new(string), new(string), new(string), new(string), new(string)}
	})
	if err != nil {
		return err
	}
	var comments []string
	for _, name := range columns {
		if d, known := v.describe(name); known {
			comments = append(comments, "COMMENT COLUMN "+name+" "+quote(d.comment+" ("+d.events+")"))
		}
	}
	if len(comments) == 0 {
		return nil
	}
	return g.Warehouse.Exec(ctx, place.of("ALTER TABLE "+v.name+"\n"+strings.Join(comments, ",\n")))
}

// public views are those whose names and columns may be relied on.
func (v view) public() bool { return !strings.HasPrefix(v.name, "v_") }

// ViewSchema is what may be relied on of a view.
type ViewSchema struct {
	Name    string         `json:"name"`
	Grain   string         `json:"grain"` // what one row is
	Columns []ColumnSchema `json:"columns"`
}

// ColumnSchema is one column of a view.
type ColumnSchema struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"` // as ClickHouse writes it
	Comment string   `json:"comment"`
	Events  []string `json:"events"` // of the journal it comes from, without their versions
}

// Schema describes the public views, in the order in which they are made, with the types
// that the warehouse gives their columns.
func (v *Views) Schema(ctx context.Context) ([]ViewSchema, error) {
	var list []ViewSchema
	for _, view := range views {
		if !view.public() {
			continue
		}
		schema, err := v.schema(ctx, view)
		if err != nil {
			return nil, fmt.Errorf("describe %s: %w", view.name, err)
		}
		list = append(list, schema)
	}
	return list, nil
}

func (v *Views) schema(ctx context.Context, view view) (ViewSchema, error) {
	schema := ViewSchema{Name: view.name, Grain: view.grain}
	columns, err := query(ctx, v.warehouse,
		"SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {view:String} ORDER BY position",
		func(c *ColumnSchema) []any { return []any{&c.Name, &c.Type} }, Arg{"view", view.name})
	if err != nil {
		return schema, err
	}
	for _, column := range columns {
		if d, known := view.describe(column.Name); known {
			column.Comment, column.Events = d.comment, strings.Split(d.events, ", ")
		}
		schema.Columns = append(schema.Columns, column)
	}
	return schema, nil
}
