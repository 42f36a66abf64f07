package report

import (
	"fmt"
	"html"
	"io"
	"math"
	"strconv"
	"strings"
)

// Of the latencies' chart, in pixels.
const (
	curveWidth  = 460
	curveHeight = 260
	curveLeft   = 50
	curveTop    = 30
	curveRight  = 30
	curveBottom = 24
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
	for i := range t.Rows {
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
	width, height := curveLeft+curveWidth+curveRight, curveTop+curveHeight+curveBottom
	fmt.Fprintf(w, `<figure><svg viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" role="img" aria-label="latency by share"><text class="title" x="0" y="14">latency by share of the answers</text>`, width, height)
	for v := low; v <= high*1.01; v *= 10 {
		fmt.Fprintf(w, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%[3]f"/><text class="end" x="%d" y="%.1f">%s</text>`, curveLeft, curveLeft+curveWidth, y(v), curveLeft-6, y(v)+4, duration(v))
	}
	for _, s := range shares {
		fmt.Fprintf(w, `<line class="grid" x1="%.1f" x2="%[1]f" y1="%d" y2="%d"/><text class="middle" x="%.1f" y="%d">%s</text>`, x(s.share), curveTop, curveTop+curveHeight, x(s.share), curveTop+curveHeight+18, s.label)
	}
	var legend strings.Builder
	n := 0
	for i := range t.Rows {
		if len(t.Rows[i].Latency) == 0 {
			continue
		}
		colour := colours[n%len(colours)]
		n++
		fmt.Fprintf(w, `<polyline class="curve" stroke="%s" points="`, colour)
		for _, p := range t.Rows[i].Latency {
			fmt.Fprintf(w, "%.1f,%.1f ", x(p.Share), y(p.Micros))
		}
		fmt.Fprint(w, `"/>`)
		fmt.Fprintf(&legend, `<span><i style="background:%s"></i>%s</span> `, colour, html.EscapeString(t.Rows[i].Name))
	}
	fmt.Fprintf(w, "</svg><figcaption>%s</figcaption></figure>\n", legend.String())
}

// duration is a power of ten of microseconds, as on an axis.
func duration(us float64) string {
	switch {
	case us >= 1e6:
		return strconv.FormatFloat(us/1e6, 'g', -1, 64) + " s"
	case us >= 1e3:
		return strconv.FormatFloat(us/1e3, 'g', -1, 64) + " ms"
	}
	return strconv.FormatFloat(us, 'g', 3, 64) + " us"
}
