package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Change is what became of one figure from one report to another.
type Change struct {
	Table, Row string
	Figure     Figure
	Before     float64 // medians
	After      float64
	// Worse is how many times worse the median is: 1.1 is a tenth, also where more
	// is better.
	Worse float64
	// Noise is where that lies. Of figures that are counted it is Worse itself.
	Noise Interval
}

// Verdict is what to make of a change.
type Verdict string

// The verdicts.
const (
	Worse  Verdict = "WORSE"
	Better Verdict = "better"
	Same   Verdict = "same"   // as far as was asked
	Unsure Verdict = "unsure" // it may be worse: the noise is too much to tell
)

// Verdict judges by how much worse a figure may be, as a share of what it was. It is
// [Worse] if the median is by more, and if chance alone would not make it worse at
// all.
func (c *Change) Verdict(share float64) Verdict {
	switch {
	case c.Worse > 1+share && c.Noise.Low > 1:
		return Worse
	case c.Worse < 1-share && c.Noise.High < 1:
		return Better
	case c.Noise.High > 1+share:
		return Unsure
	}
	return Same
}

// Comparison is of two reports.
type Comparison struct {
	Changes []Change
	// Notes are what is to be known about them: what one of the reports alone has,
	// and in what they differ beside the figures.
	Notes []string
}

// Choice is what is compared.
type Choice struct {
	Figures     []string // by their keys; none stands for all
	AnyMachines bool     // also of different machines
}

// Compare compares the figures that both reports have.
func Compare(before, after *Report, o Choice) (*Comparison, error) {
	switch {
	case before.Kind != after.Kind:
		return nil, fmt.Errorf("one is of \"weir bench %s\", the other of \"weir bench %s\": they measure different things", before.Kind, after.Kind)
	case !o.AnyMachines && !before.Machine.like(after.Machine):
		return nil, fmt.Errorf("one is of a machine with %s, the other of one with %s: measure both on the same; --any-machines compares what does not depend on it",
			before.Machine, after.Machine)
	}
	c := &Comparison{Notes: differences(before, after)}
	keys := o.Figures
	for i := range before.Tables {
		old := &before.Tables[i]
		if old.Derived {
			continue
		}
		now := after.table(old.Title)
		if now == nil {
			c.note("%q is in the first alone", old.Title)
			continue
		}
		c.table(old, now, keys)
	}
	for i := range after.Tables {
		if t := &after.Tables[i]; !t.Derived && before.table(t.Title) == nil {
			c.note("%q is in the second alone", t.Title)
		}
	}
	if len(c.Changes) == 0 {
		return nil, fmt.Errorf("they have no figure in common: the first has %s, the second %s", before.contents(), after.contents())
	}
	return c, nil
}

func (c *Comparison) note(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}

// contents are a report's tables, and the keys of its figures.
func (r *Report) contents() string {
	var titles, keys []string
	for i := range r.Tables {
		t := &r.Tables[i]
		titles = append(titles, strconv.Quote(t.Title))
		for _, f := range t.Figures {
			if !slices.Contains(keys, f.Key) {
				keys = append(keys, f.Key)
			}
		}
	}
	if len(titles) == 0 {
		return "none"
	}
	return strings.Join(keys, ", ") + " of " + strings.Join(titles, ", ")
}

// differences are those of two reports that have the same kind of figures.
func differences(before, after *Report) (notes []string) {
	if before.Name != after.Name {
		notes = append(notes, fmt.Sprintf("the first is of %s, the second of %s", before.Name, after.Name))
	}
	if a, b := before.Machine.String(), after.Machine.String(); a != b {
		notes = append(notes, fmt.Sprintf("the first is of a machine with %s, the second of one with %s", a, b))
	}
	for _, p := range before.Programs {
		// Weir itself is what one compares.
		if v := after.version(p.Name); p.Name != "weir" && v != "" && v != p.Version {
			notes = append(notes, fmt.Sprintf("%s is %s in the first and %s in the second", p.Name, p.Version, v))
		}
	}
	for i, r := range []*Report{before, after} {
		if r.Partial {
			notes = append(notes, fmt.Sprintf("the %s ended early", []string{"first", "second"}[i]))
		}
	}
	return notes
}

func (c *Comparison) table(old, now *Table, keys []string) {
	for i := range old.Rows {
		a := &old.Rows[i]
		b := now.Row(a.Name)
		if b == nil {
			c.note("%q of %q is in the first alone", a.Name, old.Title)
			continue
		}
		for _, f := range old.Figures {
			if len(keys) > 0 && !slices.Contains(keys, f.Key) {
				continue
			}
			x, y := a.Values[f.Key], b.Values[f.Key]
			if len(x) > 0 && len(y) > 0 {
				c.Changes = append(c.Changes, change(old.Title, f, a, b))
			}
		}
	}
	for i := range now.Rows {
		if name := now.Rows[i].Name; old.Row(name) == nil {
			c.note("%q of %q is in the second alone", name, old.Title)
		}
	}
}

func change(table string, f Figure, old, now *Row) Change {
	x, _ := old.Summary(f.Key)
	y, _ := now.Summary(f.Key)
	c := Change{Table: table, Row: old.Name, Figure: f, Before: x.Median, After: y.Median}
	a, b := old.Values[f.Key], now.Values[f.Key]
	if f.More {
		x, y, a, b = y, x, b, a
	}
	c.Worse = ratio(y.Median, x.Median)
	if c.Noise = between(a, b); f.Exact {
		c.Noise = Interval{c.Worse, c.Worse, 1}
	}
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
		if ch.Verdict(share) == Worse {
			worse = append(worse, ch)
		}
	}
	return worse
}
