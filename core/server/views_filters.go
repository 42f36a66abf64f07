package server

import "time"

// filterView is a filter's row. The lanes are its VM's, which filters of the
// same module and vm share; fuel is about a nanosecond a unit.
type filterView struct {
	Name        string     `json:"name"`
	RootID      string     `json:"root_id"`
	VM          string     `json:"vm"`
	Module      string     `json:"module_sha256"`
	Streams     uint64     `json:"streams"`
	CPU         string     `json:"cpu"`
	CPUStream   string     `json:"cpu_per_stream"`
	Traps       uint64     `json:"traps"`
	Unavailable uint64     `json:"unavailable"`
	Calls       uint64     `json:"http_calls"`
	LogDropped  uint64     `json:"log_dropped"`
	Quarantined bool       `json:"quarantined"`
	SharedBytes int64      `json:"shared_bytes"`
	Lanes       []laneView `json:"lanes"`
}

type laneView struct {
	Lane      int    `json:"lane"`
	State     string `json:"state"`
	Callbacks uint64 `json:"callbacks"`
	Fuel      uint64 `json:"fuel"`
	Traps     uint64 `json:"traps"`
	OverSpent uint64 `json:"budget_exceeded"`
	Restarts  uint64 `json:"restarts"`
	Memory    int    `json:"memory_bytes"`
	Longest   int64  `json:"longest_ns"`
	Age       string `json:"age"`
}

// Filters are all that run, by name.
func (v views) Filters() any {
	rows := []filterView{}
	for _, f := range v.filterStats() {
		row := filterView{
			Name: f.Name, RootID: f.RootID, VM: f.VM, Module: f.Module, Streams: f.Streams,
			CPU: f.CPU.String(), CPUStream: (f.CPU / time.Duration(max(f.Streams, 1))).String(),
			Traps: f.Traps, Unavailable: f.Unavailable, Calls: f.Calls, LogDropped: f.LogDropped,
			Quarantined: f.Quarantined, SharedBytes: f.SharedBytes, Lanes: []laneView{},
		}
		for _, l := range f.Lanes {
			row.Lanes = append(row.Lanes, laneView{
				Lane: l.Lane, State: l.State, Callbacks: l.Calls, Fuel: l.Fuel, Traps: l.Traps,
				OverSpent: l.Budget, Restarts: l.Restarts, Memory: l.Memory, Longest: l.Longest.Nanoseconds(), Age: l.Age.Round(time.Millisecond).String(),
			})
		}
		rows = append(rows, row)
	}
	return rows
}
