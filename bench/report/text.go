package report

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

// WriteText shows a report to people: the median of the rounds, and behind it,
// where rounds differ, the least and the most.
func (r *Report) WriteText(w io.Writer) error {
	out := &stopping{w: w}
	fmt.Fprintf(out, "%s %s\n", r.Kind, r.Name)
	for i := range r.Tables {
		r.Tables[i].writeText(out)
	}
	for i, note := range r.Notes {
		if i == 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "note: %s\n", note)
	}
	if r.Partial {
		fmt.Fprintln(out, "\nInterrupted: this is what was measured until then.")
	}
	return out.err
}

func (t *Table) writeText(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n", t.Title)
	if t.About != "" {
		fmt.Fprintln(w, t.About)
	}
	fmt.Fprintln(w)
	width := 0
	for i := range t.Rows {
		width = max(width, len(t.Rows[i].Name))
	}
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tab, "%-*s\t", width, "")
	for _, f := range t.Figures {
		fmt.Fprintf(tab, "%s\t", f.Label)
	}
	fmt.Fprintln(tab)
	for i := range t.Rows {
		fmt.Fprintf(tab, "%-*s\t", width, t.Rows[i].Name)
		for _, f := range t.Figures {
			fmt.Fprintf(tab, "%s\t", t.Rows[i].cell(f.Key))
		}
		fmt.Fprintln(tab)
	}
	_ = tab.Flush() // w keeps the error
}

// cell is a figure as people read it.
func (r *Row) cell(key string) string {
	s, ok := r.Summary(key)
	switch {
	case !ok:
		return "-"
	case s.Least == s.Most:
		return number(s.Median)
	}
	return fmt.Sprintf("%s (%s…%s)", number(s.Median), number(s.Least), number(s.Most))
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
