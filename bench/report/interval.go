package report

import "slices"

// confident is how sure an interval is to be, where there are rounds enough.
const confident = 0.95

// mostRounds are looked at for an interval: the first of each report. More would
// narrow it by little.
const mostRounds = 20

// Interval is where the ratio of two figures lies, and how sure that is if rounds
// differ by chance alone. With too few rounds it is less than confident.
type Interval struct{ Low, High, Confidence float64 }

// between is the interval of y over x, whatever their distributions are, if one is a
// multiple of the other: that of the ratios of all pairs which the Mann-Whitney test
// does not reject.
func between(x, y []float64) Interval {
	x, y = x[:min(len(x), mostRounds)], y[:min(len(y), mostRounds)]
	ratios := make([]float64, 0, len(x)*len(y))
	for _, a := range x {
		for _, b := range y {
			ratios = append(ratios, ratio(b, a))
		}
	}
	slices.Sort(ratios)
	cut, confidence := rejected(len(x), len(y))
	return Interval{ratios[cut], ratios[len(ratios)-1-cut], confidence}
}

// rejected is how many of the ratios lie beyond the interval on either side, and
// how sure it is then: as many as [confident] allows.
func rejected(n, m int) (cut int, confidence float64) {
	ways := orders(n, m)
	all, beyond := 0.0, 0.0
	for _, w := range ways {
		all += w
	}
	for cut = 0; ; cut++ {
		beyond += ways[cut]
		next := 1 - 2*beyond/all
		if cut > 0 && next < confident {
			return cut - 1, confidence
		}
		if confidence = next; confidence < confident {
			return cut, max(confidence, 0)
		}
	}
}

// orders says in how many orders of n and m figures so many pairs are the wrong way
// round: the coefficients of the Gaussian binomial, exact for [mostRounds].
func orders(n, m int) []float64 {
	ways := make([]float64, n*m+1)
	ways[0] = 1
	for i := 1; i <= n; i++ {
		for u := n * m; u >= m+i; u-- { // times 1 - q^(m+i)
			ways[u] -= ways[u-m-i]
		}
		for u := i; u <= n*m; u++ { // over 1 - q^i
			ways[u] += ways[u-i]
		}
	}
	return ways
}
