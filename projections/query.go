package projections

import "context"

// query reads all rows of a result. fields points into a row, in the order of the columns.
func query[T any](ctx context.Context, warehouse Warehouse, sql string, fields func(row *T) []any, args ...Arg) ([]T, error) {
	rows, err := warehouse.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []T{}
	for rows.Next() {
		var row T
		if err := rows.Scan(fields(&row)...); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, rows.Err()
}
