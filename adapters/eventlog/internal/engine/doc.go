// Package engine holds the settings of the storage engine, which the log and the
// yardstick it is measured with must share for their ratio to mean something.
package engine
