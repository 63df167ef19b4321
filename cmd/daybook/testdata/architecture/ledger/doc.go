// Package ledger imports a follower.
package ledger

import _ "daybook/reconcile"
