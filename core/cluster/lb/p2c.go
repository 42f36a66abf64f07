package lb

// P2C takes the less busy of two random endpoints: nearly as even as the least
// busy of all, at the price of two looks (Mitzenmacher, 2001).
type P2C struct{}

// Over implements Policy.
func (P2C) Over(targets []Target) Picker { return &twoChoices{targets, sharesOf(targets)} }

type twoChoices struct {
	targets []Target
	shares  shares
}

// Pick implements Picker.
func (p *twoChoices) Pick(_ uint64, avoid int) int {
	i, j := p.shares.pair(avoid)
	a, b := &p.targets[i], &p.targets[j]
	if uint64(a.Active())*b.weight() <= uint64(b.Active())*a.weight() {
		return i
	}
	return j
}
