// Package projections imports an adapter.
package projections

import (
	_ "daybook/adapters/bus"
	_ "daybook/reconcile"
)
