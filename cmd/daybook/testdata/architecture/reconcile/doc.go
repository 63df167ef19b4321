// Package reconcile reaches too far.
package reconcile

import (
	_ "daybook/ledger"
	_ "example.com/other"
	_ "fmt"

	_ "github.com/shopspring/decimal"
)
