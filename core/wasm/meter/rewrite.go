package meter

import (
	"fmt"
	"slices"
)

// The names by which a rewritten module and its host know each other.
const (
	Module = "weir"       // the imported function's module
	Refuel = "refuel"     // the imported function, without parameters and results
	Fuel   = "weir_fuel"  // the exported global, a mutable i64 that begins at 0
	Depth  = "weir_depth" // the exported global of a module that can recurse, a mutable i64
)

// Unbounded as Options.Depth leaves recursion to the engine's own limit.
const Unbounded = 1<<32 - 1

// Rewrite vets a module and returns it with meters in it. Its error says what
// was found where, and which bound was passed.
func Rewrite(code []byte, o Options) (*Result, error) {
	m, err := decode(code, o.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("vetting the module: %w", err)
	}
	info, profiles, err := m.survey()
	if err != nil {
		return nil, fmt.Errorf("vetting the module: %w", err)
	}
	m.findFree(profiles)
	g := m.newGraph(profiles)
	calls := g.count()
	info.Recursive, info.Recursion = calls != nil, g.recursion()
	if m.o.Depth != Unbounded {
		m.counted = calls
	}
	out, err := m.encode()
	if err != nil {
		return nil, fmt.Errorf("metering the module: %w", err)
	}
	info.SizeAfter = len(out)
	return &Result{out, info}, nil
}

// survey scans each function a first time.
func (m *module) survey() (Info, []profile, error) {
	info := m.describe()
	profiles := make([]profile, len(m.bodies))
	var f function
	for i := range m.bodies {
		fn := m.importedFuncs + i
		if err := m.scan(uint32(fn), &f); err != nil {
			return info, nil, err
		}
		n := len(f.regions)
		if n > m.o.Regions {
			return info, nil, fmt.Errorf("function %d has %d stretches of code, more than the %d allowed", fn, n, m.o.Regions)
		}
		if err := m.effort.add(m.o.Effort, fn, &f, int(m.bodies[i].locals), 0); err != nil {
			return info, nil, err
		}
		p := &profiles[i]
		p.total, p.pure, p.loops, p.frame = f.total, f.pure, len(f.loops), frameSize(&m.bodies[i], &f)
		for _, c := range f.calls {
			switch {
			case !c.direct:
				p.indirect = append(p.indirect, c.target)
			case int(c.target) >= m.importedFuncs:
				p.calls = append(p.calls, c.target)
			}
		}
		if p.total > freeMost {
			slices.Sort(p.calls)
			p.calls = slices.Compact(p.calls)
		}
		slices.Sort(p.indirect)
		p.indirect = slices.Compact(p.indirect)
		info.Loops += p.loops
	}
	return info, profiles, nil
}

// fuelIndex is the index of the global that holds the fuel: behind all
// others, so that theirs stay.
func (m *module) fuelIndex() uint32  { return uint32(len(m.globals)) }
func (m *module) depthIndex() uint32 { return uint32(len(m.globals)) + 1 }
