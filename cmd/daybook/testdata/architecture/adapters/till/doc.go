// Package till imports what it may.
package till

import (
	_ "daybook/adapters/files"
	_ "daybook/reconcile"
	_ "example.com/other"
)
