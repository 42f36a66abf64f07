package compare

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// report is the results for programs.
type report struct {
	Rounds      int                `json:"rounds"`
	Seconds     int                `json:"seconds"` // of each slice
	Connections int                `json:"connections"`
	Systems     map[string]figures `json:"systems"`
	Ratios      map[string]float64 `json:"ratios"` // medians of the rounds' ratios
	Limits      map[string]float64 `json:"limits"` // what each ratio may be at most
}

// figures are a system's.
type figures struct {
	CPU       float64 `json:"cpu_us"` // of the round in which it was least
	User      float64 `json:"cpu_user_us"`
	System    float64 `json:"cpu_system_us"`
	CPUMedian float64 `json:"cpu_us_median"`
	RPS       float64 `json:"rps"`
	P50       float64 `json:"p50_us"`
	P99       float64 `json:"p99_us"`
	Resident  float64 `json:"rss_mib"`
}

// WriteJSON gives the results to programs.
func (r Results) WriteJSON(w io.Writer) error {
	out := report{
		Rounds: len(r.Rounds), Seconds: r.Plan.Seconds, Connections: r.Plan.Connections,
		Systems: map[string]figures{}, Ratios: map[string]float64{}, Limits: map[string]float64{},
	}
	for at, name := range r.Systems() {
		s := r.Summary(at)
		out.Systems[name] = figures{
			CPU: round(s.CPU, 2), User: round(s.User, 2), System: round(s.System, 2), CPUMedian: round(s.CPUMedian, 2),
			RPS: round(s.RPS, 0), P50: s.P50, P99: s.P99, Resident: round(s.Resident, 1),
		}
	}
	for _, v := range r.Verdicts() {
		out.Ratios[v.Name()], out.Limits[v.Name()] = round(v.Ratio, 3), v.Limit
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("writing the results as JSON: %w", err)
	}
	return nil
}

// round keeps so many decimals.
func round(f float64, decimals int) float64 {
	unit := math.Pow10(decimals)
	return math.Round(f*unit) / unit
}
