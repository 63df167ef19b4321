package reconcile

// tracer watches which rule takes what, for an explanation. A nil tracer watches nothing.
type tracer struct {
	rule string
}

func (t *tracer) begin(rule string) {
	if t != nil {
		t.rule = rule
	}
}

func (t *tracer) taken(p *pairing, items, lines []int) {}
