package report

import (
	"fmt"
	"html"
	"io"
	"math"
)

// Of the latencies' chart, in pixels.
const (
	curveWidth  = 460
	curveHeight = 260
	curveLeft   = 60
	curveTop    = 30
	curveBottom = 24
	legendWidth = 200
)

// leastMicros is where the axis begins at the lowest, in microseconds.
const leastMicros = 0.1

// colours of rows, in turn.
var colours = []string{"#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#b279a2", "#9d755d", "#bab0ac"}

// shares are marked below the curves.
var shares = []struct {
	share float64
	label string
}{{0.5, "50 %"}, {0.9, "90 %"}, {0.99, "99 %"}, {0.999, "99.9 %"}, {0.9999, "99.99 %"}}

// curves draws the latencies of all rows by share, both axes logarithmic: the
// slow answers are what is looked for.
func (t *Table) curves(w io.Writer) {
	low, high := math.Inf(1), 0.0
	rows := 0
	for i := range t.Rows {
		if len(t.Rows[i].Latency) > 0 {
			rows++
		}
		for _, p := range t.Rows[i].Latency {
			if us := max(p.Micros, leastMicros); us <= maxMicros {
				low, high = min(low, us), max(high, us)
			}
		}
	}
	if high == 0 {
		return
	}
	low, high = math.Pow(10, math.Floor(math.Log10(low))), math.Pow(10, math.Ceil(math.Log10(high)))
	if low == high {
		high *= 10
	}
	nines := -math.Log10(1 - shares[len(shares)-1].share)
	x := func(share float64) float64 {
		return curveLeft + min(-math.Log10(max(1-share, 1e-9)), nines)/nines*curveWidth
	}
	y := func(us float64) float64 {
		return curveTop + (math.Log10(high)-math.Log10(max(us, low)))/(math.Log10(high)-math.Log10(low))*curveHeight
	}
	width, height := curveLeft+curveWidth+legendWidth, max(curveTop+curveHeight+curveBottom, curveTop+rows*20)
	fmt.Fprintf(w, `<svg viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" role="img" aria-label="latency by share"><text class="title" x="0" y="14">latency by share of the answers, us</text>`, width, height)
	for v := low; v <= high*1.01; v *= 10 {
		fmt.Fprintf(w, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%[3]f"/><text x="0" y="%.1f">%s</text>`, curveLeft, curveLeft+curveWidth, y(v), y(v)+4, number(v))
	}
	for _, s := range shares {
		fmt.Fprintf(w, `<line class="grid" x1="%.1f" x2="%[1]f" y1="%d" y2="%d"/><text x="%.1f" y="%d">%s</text>`, x(s.share), curveTop, curveTop+curveHeight, x(s.share)-18, curveTop+curveHeight+18, s.label)
	}
	n := 0
	for i := range t.Rows {
		if len(t.Rows[i].Latency) == 0 {
			continue
		}
		colour := colours[n%len(colours)]
		fmt.Fprintf(w, `<polyline class="curve" stroke="%s" points="`, colour)
		for _, p := range t.Rows[i].Latency {
			fmt.Fprintf(w, "%.1f,%.1f ", x(p.Share), y(p.Micros))
		}
		fmt.Fprintf(w, `"/><rect fill="%s" x="%d" y="%d" width="12" height="12"/><text x="%d" y="%d">%s</text>`,
			colour, curveLeft+curveWidth+14, curveTop+n*20, curveLeft+curveWidth+32, curveTop+n*20+11, html.EscapeString(t.Rows[i].Name))
		n++
	}
	fmt.Fprintln(w, "</svg>")
}
