// Package simulator imports a neighbour that it may.
package simulator

import _ "daybook/adapters/till"
