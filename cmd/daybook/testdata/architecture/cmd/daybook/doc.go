// Daybook imports everybody.
package main

import (
	_ "daybook/adapters/till"
	_ "daybook/ledger"
)

func main() {}
