// Package settlementtest is the test every settlement format passes: golden files, the
// properties of a statement under fuzzing, and card numbers planted in every column.
//
// A golden case is a file in the format's testdata beside a .golden of the same name,
// the canonical text of what was read or of what was refused. To write them anew:
//
//	go test ./adapters/settlement/... -update
//
// and read the difference before committing it.
package settlementtest
