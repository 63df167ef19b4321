package projections

// Notes are the columns that views describe themselves, as view.column.
func Notes() (list []string) {
	for _, view := range views {
		for _, note := range view.notes {
			list = append(list, view.name+"."+note.column)
		}
	}
	return list
}
