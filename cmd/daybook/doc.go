// Command daybook is the program: it reads the configuration, wires the rooms, and talks
// with people. It knows everybody and decides nothing.
//
// app.go wires: journal → intake and importer → followers → views. Every other file is a
// command, or one thing that commands share (the table, the language, the progress bar).
//
// Data directory:
//
//	daybook.yaml     the configuration, unless --config names another
//	journal/         the events (adapters/eventlog); the only thing that cannot be made again
//	warehouse/       the tables (adapters/chdb); filled from the journal
//	journal.seen     the last event matcher and tables have seen: a journal put in another's place is noticed
//	matcher.cursor   how far the matcher has read; without it, it reads from the start
//	planner/         what the planner of orders knows of each store; without it, it reads from the start
//
// Commands that look (status, breaks, query) let the followers catch up first, so what
// they show is as of the end of the journal.
//
// Hand-written here, although libraries exist: the language table (language.go says why).
package main
