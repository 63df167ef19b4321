// Package bus imports a neighbour.
package bus

import _ "daybook/adapters/till"
