package report

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"unicode/utf8"
)

// WriteText shows a report to people: the median of the rounds, and behind it,
// where rounds differ, the least and the most. Tables that are wider than so many
// columns are broken into several; 0 lets them be as wide as they are.
func (r *Report) WriteText(w io.Writer, columns int) error {
	out := &stopping{w: w}
	fmt.Fprintf(out, "%s %s\n", r.Kind, r.Name)
	for i := range r.Tables {
		r.Tables[i].writeText(out, columns)
	}
	for i, note := range r.Notes {
		if i == 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "note: %s\n", note)
	}
	if r.Partial {
		fmt.Fprintln(out, "\n"+endedEarly)
	}
	return out.err
}

func (t *Table) writeText(w io.Writer, columns int) {
	fmt.Fprintf(w, "\n%s\n", t.Title)
	if t.About != "" {
		fmt.Fprintln(w, t.About)
	}
	names := 0
	for i := range t.Rows {
		names = max(names, utf8.RuneCountInString(t.Rows[i].Name))
	}
	for begin := 0; begin < len(t.Figures); {
		end, wide := begin, names+gap
		for ; end < len(t.Figures); end++ {
			wide += t.width(t.Figures[end]) + gap
			if columns > 0 && wide > columns && end > begin {
				break
			}
		}
		t.writePart(w, names, t.Figures[begin:end])
		begin = end
	}
}

// endedEarly is told of a partial report.
const endedEarly = "Ended early: this is what was measured until then."

// gap is the space gap columns.
const gap = 2

// width is that of a figure's column.
func (t *Table) width(f Figure) int {
	n := utf8.RuneCountInString(f.Label)
	for i := range t.Rows {
		n = max(n, utf8.RuneCountInString(t.Rows[i].cell(f.Key)))
	}
	return n
}

// writePart writes some figures of all rows.
func (t *Table) writePart(w io.Writer, names int, figures []Figure) {
	tab := tabwriter.NewWriter(w, 0, 0, gap, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tab, "\n%-*s\t", names, "")
	for _, f := range figures {
		fmt.Fprintf(tab, "%s\t", f.Label)
	}
	fmt.Fprintln(tab)
	for i := range t.Rows {
		fmt.Fprintf(tab, "%-*s\t", names, t.Rows[i].Name)
		for _, f := range figures {
			fmt.Fprintf(tab, "%s\t", t.Rows[i].cell(f.Key))
		}
		fmt.Fprintln(tab)
	}
	_ = tab.Flush() // w keeps the error
}

// cell is a figure as people read it.
func (r *Row) cell(key string) string {
	median, spread := r.parts(key)
	if spread == "" {
		return median
	}
	return median + " (" + spread + ")"
}

// parts are the median of a figure and what the rounds lie gap, "" if that is
// no more than the median.
func (r *Row) parts(key string) (median, spread string) {
	s, ok := r.Summary(key)
	switch {
	case !ok:
		return "-", ""
	case number(s.Least) == number(s.Most):
		return number(s.Median), ""
	}
	return number(s.Median), number(s.Least) + "…" + number(s.Most)
}

// number has about three digits that count, and never loses whole ones.
func number(v float64) string {
	switch size := max(v, -v); {
	case size >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case size >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v == 0:
		return "0"
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// stopping is a writer that keeps its first error.
type stopping struct {
	w   io.Writer
	err error
}

func (s *stopping) Write(p []byte) (int, error) {
	if s.err == nil {
		_, s.err = s.w.Write(p)
		s.err = errors.Join(s.err)
	}
	return len(p), s.err
}
