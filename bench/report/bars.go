package report

import (
	"fmt"
	"html"
	"io"
	"unicode/utf8"
)

// Of a bar chart, in pixels.
const (
	barHeight  = 16
	barGap     = 8
	barLength  = 300
	titleSpace = 26
	letter     = 8 // about the width of a wide one
)

// bars draws one figure of all rows, if there is anything to draw.
func (t *Table) bars(w io.Writer, f Figure) {
	var names []string
	var all []Summary
	low, high := 0.0, 0.0
	left := 0
	for i := range t.Rows {
		s, ok := t.Rows[i].Summary(f.Key)
		if !ok {
			continue
		}
		names, all = append(names, t.Rows[i].Name), append(all, s)
		low, high = min(low, s.Least), max(high, s.Most)
		left = max(left, utf8.RuneCountInString(t.Rows[i].Name)*letter)
	}
	if high == low {
		return
	}
	at := func(v float64) float64 { return float64(left+10) + (v-low)/(high-low)*barLength }
	width, height := left+barLength+80, titleSpace+len(all)*(barHeight+barGap)
	fmt.Fprintf(w, `<svg viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s"><text class="title" x="0" y="14">%[5]s</text>`,
		width, height, width, height, html.EscapeString(f.Label))
	for i, s := range all {
		y := titleSpace + i*(barHeight+barGap)
		from, to := min(at(0), at(s.Median)), max(at(0), at(s.Median))
		fmt.Fprintf(w, `<text x="0" y="%d">%s</text><rect class="bar" x="%.1f" y="%d" width="%.1f" height="%d"/>`,
			y+barHeight-4, html.EscapeString(names[i]), from, y, to-from, barHeight)
		if s.Least != s.Most {
			fmt.Fprintf(w, `<line class="spread" x1="%.1f" x2="%.1f" y1="%d" y2="%[3]d"/>`, at(s.Least), at(s.Most), y+barHeight/2)
		}
		fmt.Fprintf(w, `<text x="%.1f" y="%d">%s</text>`, max(to, at(s.Most))+6, y+barHeight-4, number(s.Median))
	}
	fmt.Fprintln(w, "</svg>")
}
