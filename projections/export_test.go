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

// Controls are the tables and views that have control totals, with the names of their sums.
func Controls() map[string][]string {
	list := map[string][]string{}
	for _, c := range controls {
		list[c.of] = c.sums
	}
	return list
}

// Tables are all tables with the names and types of their columns.
func Tables() map[string]string {
	list := map[string]string{}
	for n, t := range tables {
		list[tableNames[n]] = t.create()
	}
	return list
}

// ViewNames are the names of all views.
func ViewNames() (list []string) {
	for _, v := range views {
		list = append(list, v.name)
	}
	return list
}
