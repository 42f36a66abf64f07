package report_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/weirproxy/weir/bench/report"
)

func compare(t *testing.T, before, after *report.Report, o report.Choice) *report.Comparison {
	t.Helper()
	c, err := report.Compare(before, after, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// with is a report with other values of one figure.
func with(key string, values ...float64) *report.Report {
	r := measured(1)
	r.Tables[0].Rows[0].Values[key] = values
	return r
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name  string
		after *report.Report
		want  string // verdicts of CPU, rate, errors
	}{
		{"same", measured(1), "same same same"},
		{"within", measured(1.02), "same same same"},
		{"on the border", measured(1.04), "unsure unsure same"},
		{"worse", measured(1.06), "WORSE WORSE same"},
		{"better", measured(0.5), "better better same"},
		{"errors where there were none", with("errors", 3), "same same WORSE"},
		{"an error in one round of many", with("errors", 0, 0, 3, 0), "same same unsure"},
		{"a median of a noisy machine", with("cpu_us", 20, 40, 50, 20.3, 41), "unsure same same"},
		{"noise, and worse nevertheless", with("cpu_us", 30, 40, 50, 29, 41), "WORSE same same"},
		{"a round of noise", with("cpu_us", 20.5, 20.2, 20.3, 20.1, 60), "unsure same same"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			cmp := compare(t, measured(1), c.after, report.Choice{})
			for _, ch := range cmp.Changes {
				got = append(got, string(ch.Verdict(0.05)))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("verdicts are %q, want %q: %+v", got, c.want, cmp.Changes)
			}
			if n := len(cmp.Regressions(0.05)); n != strings.Count(c.want, "WORSE") {
				t.Errorf("%d regressions", n)
			}
		})
	}
	chosen := compare(t, measured(1), measured(1.06), report.Choice{Figures: []string{"rps"}})
	if len(chosen.Changes) != 1 || chosen.Changes[0].Figure.Key != "rps" {
		t.Errorf("chosen are %+v", chosen.Changes)
	}
}

// TestInterval: of five and five rounds, 1, 1 and 2 of the 252 orders have none, one and
// two pairs the wrong way round, so the third smallest and largest of the 25 ratios bound
// the interval at 1 - 2*4/252. Of three and three all ratios are within, at 90 %.
func TestInterval(t *testing.T) {
	for _, c := range []struct {
		rounds     int
		low, high  float64 // of ratios of 1, 2, 3 … to themselves
		confidence float64
	}{
		{1, 1, 1, 0},
		{2, 0.5, 2, 1 - 2.0/6},
		{3, 1.0 / 3, 3, 1 - 2.0/20},
		{4, 0.25, 4, 1 - 2.0/70},
		{5, 1.0 / 3, 3, 1 - 2*4.0/252},
		{1000, 0, 0, 0.95},
	} {
		values := make([]float64, c.rounds)
		for i := range values {
			values[i] = float64(i%20 + 1)
		}
		r := with("cpu_us", values...)
		got := compare(t, r, r, report.Choice{}).Changes[0].Noise
		if c.rounds <= 5 && (math.Abs(got.Low-c.low) > 1e-9 || math.Abs(got.High-c.high) > 1e-9 || math.Abs(got.Confidence-c.confidence) > 1e-9) ||
			c.rounds > 5 && (got.Confidence < c.confidence || got.Confidence > .96 || got.Low >= 1 || got.High <= 1) {
			t.Errorf("%d rounds: %+v, want %+v", c.rounds, got, c)
		}
	}
}

// TestCompareCounted: what is counted has no noise, even of a single round.
func TestCompareCounted(t *testing.T) {
	before, after := measured(1), measured(1)
	for i, r := range []*report.Report{before, after} {
		r.Tables[0].Figures = []report.Figure{{Key: "fuel", Label: "fuel", Exact: true}}
		r.Tables[0].Rows[0].Add("fuel", float64(100+10*i))
	}
	if ch := compare(t, before, after, report.Choice{}).Changes[0]; ch.Verdict(0.05) != report.Worse || ch.Verdict(0.2) != report.Same {
		t.Errorf("%+v", ch)
	}
}

// TestCompareTells: a system that one report lacks is not passed over in silence,
// nor is another peer, an interruption, or too few rounds.
func TestCompareTells(t *testing.T) {
	before, after := measured(1), measured(1)
	before.Took("nginx", "1.22.1")
	before.Took("weir", "a")
	after.Took("nginx", "1.24.0")
	after.Took("weir", "b")
	after.Partial, after.Name = true, "peers"
	after.Machine.Kernel = "7.1"
	after.Tables[0].Rows = append(after.Tables[0].Rows, report.Row{Name: "new"})
	after.Tables = append(after.Tables, report.Table{Title: "more"})
	var b bytes.Buffer
	if err := compare(t, before, after, report.Choice{}).WriteText(&b, .05); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"new" of "over the wire" is in the second alone`, `"more" is in the second alone`, "same", "nginx is 1.22.1 in the first and 1.24.0 in the second",
		"the second ended early", "the first is of overhead, the second of peers", "linux 7.1", "95 %", "too few rounds", "0 worse, 0 better, 3 the same, 0 unsure",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("does not say %q:\n%s", want, &b)
		}
	}
	if strings.Contains(b.String(), "weir is") {
		t.Errorf("wonders at another Weir:\n%s", &b)
	}
}

func TestCompareRefuses(t *testing.T) {
	chain, machine, none := measured(1), measured(1), &report.Report{Kind: "run", Machine: report.Here()}
	chain.Kind = "chain"
	machine.Machine.CPUs += 2
	for _, c := range []struct {
		name  string
		after *report.Report
		o     report.Choice
		says  []string
	}{
		{"kinds", chain, report.Choice{}, []string{`"weir bench run"`, `"weir bench chain"`}},
		{"machines", machine, report.Choice{}, []string{"one is of a machine with", "--any-machines"}},
		{"nothing", none, report.Choice{}, []string{"no figure in common", "the second none"}},
		{"figures", measured(1), report.Choice{Figures: []string{"cpu"}}, []string{"no figure in common", "cpu_us, rps, errors"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := report.Compare(measured(1), c.after, c.o)
			for _, word := range c.says {
				if err == nil || !strings.Contains(err.Error(), word) {
					t.Errorf("says %v, want %q", err, word)
				}
			}
		})
	}
	compare(t, measured(1), machine, report.Choice{AnyMachines: true})
}
