// Package report is what a benchmark has found: for people as tables and as a page
// with charts, for programs as JSON, and compared with what another run has found.
//
// Start at [Report].
package report

import (
	"slices"
	"time"
)

// Version of the JSON.
const Version = 1

// Report is what one run has found.
type Report struct {
	Version  int       `json:"version"`
	Kind     string    `json:"kind"` // "chain", "filter" or "run"
	Name     string    `json:"name"`
	Began    time.Time `json:"began"`
	Machine  Machine   `json:"machine"`
	Programs []Program `json:"programs,omitempty"`
	Partial  bool      `json:"partial,omitempty"` // it ended early, by a signal or an error
	Notes    []string  `json:"notes,omitempty"`   // what was left out, and why
	Tables   []Table   `json:"tables"`
}

// Table has a row for each thing that was measured.
type Table struct {
	Title   string   `json:"title"`
	About   string   `json:"about,omitempty"` // what it shows
	Figures []Figure `json:"figures"`
	Rows    []Row    `json:"rows"`
	// Derived figures are differences within a round: they may be negative, and are
	// not compared.
	Derived bool `json:"derived,omitempty"`
	// Part says that it belongs to the table before.
	Part bool `json:"part,omitempty"`
}

// Figure is a column.
type Figure struct {
	Key   string `json:"key"`             // as in "cpu_us"
	Label string `json:"label"`           // with its unit
	About string `json:"about,omitempty"` // what it is, with its unit
	More  bool   `json:"more_is_better,omitempty"`
	Exact bool   `json:"exact,omitempty"` // counted: it has no noise
}

// Row is one thing. Its values are those of each round, by the figures' keys; a
// figure may be missing.
type Row struct {
	Name    string               `json:"name"`
	Values  map[string][]float64 `json:"values"`
	Latency []Point              `json:"latency,omitempty"`
}

// Point is one of the latencies by share: of all answers this share took at most
// so long.
type Point struct {
	Share  float64 `json:"share"`
	Micros float64 `json:"us"`
}

// Summary sums up the rounds of a figure.
type Summary struct{ Median, Least, Most float64 }

// Summary is that of a figure; ok says whether there is one.
func (r *Row) Summary(key string) (s Summary, ok bool) {
	v := slices.Sorted(slices.Values(r.Values[key]))
	n := len(v)
	if n == 0 {
		return s, false
	}
	return Summary{(v[(n-1)/2] + v[n/2]) / 2, v[0], v[n-1]}, true
}

// Prune takes out tables of which nothing was measured.
func (r *Report) Prune() {
	r.Tables = slices.DeleteFunc(r.Tables, func(t Table) bool { return t.rounds() == 0 })
}

// rounds are those of the table: the most that a figure has.
func (t *Table) rounds() (n int) {
	for i := range t.Rows {
		for _, v := range t.Rows[i].Values {
			n = max(n, len(v))
		}
	}
	return n
}

// legend says what the figures are: those of all tables, each once.
func (r *Report) legend() (all []Figure) {
	for i := range r.Tables {
		for _, f := range r.Tables[i].Figures {
			if f.About != "" && !slices.ContainsFunc(all, func(o Figure) bool { return o.Label == f.Label && o.About == f.About }) {
				all = append(all, f)
			}
		}
	}
	return all
}

// Row finds one by name, nil if there is none.
func (t *Table) Row(name string) *Row {
	for i := range t.Rows {
		if t.Rows[i].Name == name {
			return &t.Rows[i]
		}
	}
	return nil
}

// table finds one by title, nil if there is none.
func (r *Report) table(title string) *Table {
	for i := range r.Tables {
		if r.Tables[i].Title == title {
			return &r.Tables[i]
		}
	}
	return nil
}

// Add takes the value of a round.
func (r *Row) Add(key string, v float64) {
	if r.Values == nil {
		r.Values = map[string][]float64{}
	}
	r.Values[key] = append(r.Values[key], v)
}
