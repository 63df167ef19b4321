// Package chdbtest gives tests an embedded ClickHouse.
package chdbtest
