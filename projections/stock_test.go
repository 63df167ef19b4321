package projections_test

import (
	"testing"
)

func TestStockViewsExist(t *testing.T) { open(t) }
