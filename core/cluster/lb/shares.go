package lb

import "math/rand/v2"

// shares draws targets at random, each as often as its weight says: in one step,
// by Vose's alias method. Where all weights are equal there is no table.
type shares struct {
	n      int
	chance []float64 // that column i stands for i itself
	alias  []int32   // for whom it stands otherwise
}

func sharesOf(targets []Target) shares {
	s := shares{n: len(targets)}
	total, equal := uint64(0), true
	for i := range targets {
		total += targets[i].weight()
		equal = equal && targets[i].weight() == targets[0].weight()
	}
	if equal {
		return s
	}
	s.chance, s.alias = make([]float64, s.n), make([]int32, s.n)
	var small, large []int32
	for i := range targets {
		s.chance[i] = float64(targets[i].weight()) * float64(s.n) / float64(total)
		s.alias[i] = int32(i)
		if s.chance[i] < 1 {
			small = append(small, int32(i))
		} else {
			large = append(large, int32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		l, g := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		s.alias[l] = g
		if s.chance[g] -= 1 - s.chance[l]; s.chance[g] < 1 {
			large = large[:len(large)-1]
			small = append(small, g)
		}
	}
	for _, i := range append(small, large...) { // 1, but for rounding
		s.chance[i] = 1
	}
	return s
}

// draw is any of the targets.
func (s *shares) draw() int {
	i := rand.IntN(s.n)
	if s.chance != nil && rand.Float64() >= s.chance[i] {
		return int(s.alias[i])
	}
	return i
}

// draws bounds how often one that is to be avoided may be drawn: it may have
// nearly all of the weight.
const draws = 4

// other is any of the targets but avoid, which is an index or -1.
func (s *shares) other(avoid int) int {
	if avoid < 0 || avoid >= s.n || s.n == 1 {
		return s.draw()
	}
	if s.chance != nil {
		for range draws {
			if i := s.draw(); i != avoid {
				return i
			}
		}
	}
	i := rand.IntN(s.n - 1)
	if i >= avoid {
		i++
	}
	return i
}

// pair is two of the targets, to take the better of. The first is not avoid if
// there is another. Equal targets are two that differ; of others the second may be
// the first again, as if each stood in the list as often as its weight says: else
// the lightest of all would be one of the two more often than its share.
func (s *shares) pair(avoid int) (a, b int) {
	a = s.other(avoid)
	switch {
	case s.n == 1:
		return a, a
	case s.chance != nil:
		b = s.draw()
	default:
		b = s.other(a)
	}
	if b == avoid {
		b = a
	}
	return a, b
}
