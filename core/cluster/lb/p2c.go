package lb

// P2C takes the less busy of two random endpoints: nearly as even as the least
// busy of all, at the price of two looks (Mitzenmacher, 2001).
type P2C struct{}

// Pick implements Policy.
func (P2C) Pick(s Set, avoid int) int {
	n := s.Len()
	switch {
	case n == 1:
		return 0
	case n == 2 && avoid >= 0 && avoid < 2:
		return 1 - avoid
	}
	a := other(n, avoid)
	b := other(n, a)
	if b == avoid || s.Load(a) <= s.Load(b) {
		return a
	}
	return b
}
