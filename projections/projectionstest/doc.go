// Package projectionstest states the promises of a projections.Warehouse as tests, to be
// run over every implementation.
package projectionstest
