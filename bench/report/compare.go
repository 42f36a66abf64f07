package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
)

// Change is what became of one figure from one report to another.
type Change struct {
	Table, Row string
	Figure     Figure
	Before     float64 // medians
	After      float64
	// Worse is how many times worse the median is: 1.1 is a tenth, also where more
	// is better. Best is that of each report's best round.
	Worse, Best float64
	// Least and Most are the ratios of the rounds that are furthest apart.
	Least, Most float64
}

// Regressed says whether the figure is worse by more than a share of what it
// was. The best rounds must be, too: a median may be that of a busy machine.
func (c *Change) Regressed(share float64) bool {
	return c.Worse > 1+share && c.Best > 1+share
}

// Comparison is of two reports.
type Comparison struct {
	Changes []Change
	// Only are what one of the reports alone has.
	Only []string
}

// Compare compares the figures that both reports have. keys chooses some; none
// stands for all.
func Compare(before, after *Report, keys []string) (*Comparison, error) {
	if before.Kind != after.Kind {
		return nil, fmt.Errorf("one is of \"weir bench %s\", the other of \"weir bench %s\": they measure different things", before.Kind, after.Kind)
	}
	c := &Comparison{}
	for i := range before.Tables {
		old := &before.Tables[i]
		if old.Derived {
			continue
		}
		now := after.table(old.Title)
		if now == nil {
			c.Only = append(c.Only, fmt.Sprintf("%q is in the first alone", old.Title))
			continue
		}
		c.table(old, now, keys)
	}
	for i := range after.Tables {
		if t := &after.Tables[i]; !t.Derived && before.table(t.Title) == nil {
			c.Only = append(c.Only, fmt.Sprintf("%q is in the second alone", t.Title))
		}
	}
	if len(c.Changes) == 0 {
		return nil, fmt.Errorf("they have no figure in common")
	}
	return c, nil
}

func (c *Comparison) table(old, now *Table, keys []string) {
	for i := range old.Rows {
		a := &old.Rows[i]
		b := now.Row(a.Name)
		if b == nil {
			c.Only = append(c.Only, fmt.Sprintf("%q of %q is in the first alone", a.Name, old.Title))
			continue
		}
		for _, f := range old.Figures {
			if len(keys) > 0 && !slices.Contains(keys, f.Key) {
				continue
			}
			x, ok := a.Summary(f.Key)
			y, both := b.Summary(f.Key)
			if ok && both {
				c.Changes = append(c.Changes, change(old.Title, a.Name, f, x, y))
			}
		}
	}
	for i := range now.Rows {
		if name := now.Rows[i].Name; old.Row(name) == nil {
			c.Only = append(c.Only, fmt.Sprintf("%q of %q is in the second alone", name, old.Title))
		}
	}
}

func change(table, row string, f Figure, x, y Summary) Change {
	c := Change{Table: table, Row: row, Figure: f, Before: x.Median, After: y.Median}
	if f.More {
		c.Worse, c.Best = ratio(x.Median, y.Median), ratio(x.Most, y.Most)
		c.Least, c.Most = ratio(x.Least, y.Most), ratio(x.Most, y.Least)
		return c
	}
	c.Worse, c.Best = ratio(y.Median, x.Median), ratio(y.Least, x.Least)
	c.Least, c.Most = ratio(y.Least, x.Most), ratio(y.Most, x.Least)
	return c
}

// ratio of two figures of which either may be nothing.
func ratio(a, b float64) float64 {
	switch {
	case a == b:
		return 1
	case b == 0:
		return math.Inf(1)
	}
	return a / b
}

// Regressions are the changes for the worse by more than a share.
func (c *Comparison) Regressions(share float64) (worse []Change) {
	for _, ch := range c.Changes {
		if ch.Regressed(share) {
			worse = append(worse, ch)
		}
	}
	return worse
}

// WriteText shows a comparison to people.
func (c *Comparison) WriteText(w io.Writer, share float64) error {
	out := &stopping{w: w}
	table := ""
	var tab *tabwriter.Writer
	for _, ch := range c.Changes {
		if ch.Table != table {
			if tab != nil {
				_ = tab.Flush()
			}
			table = ch.Table
			fmt.Fprintf(out, "\n%s\n\n", table)
			tab = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(tab, "what\tfigure\tbefore\tafter\ttimes worse\tspread\tverdict")
		}
		verdict := "same"
		switch {
		case ch.Regressed(share):
			verdict = "WORSE"
		case ch.Worse < 1-share && ch.Best < 1-share:
			verdict = "better"
		case ch.Worse > 1+share:
			verdict = "unsure"
		}
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\t%.3f\t%.2f…%.2f\t%s\n",
			ch.Row, ch.Figure.Label, number(ch.Before), number(ch.After), ch.Worse, ch.Least, ch.Most, verdict)
	}
	if tab != nil {
		_ = tab.Flush()
	}
	fmt.Fprintln(out)
	for _, o := range c.Only {
		fmt.Fprintf(out, "note: %s\n", o)
	}
	return out.err
}
