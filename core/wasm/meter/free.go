package meter

// A function without loops whose calls all go to such functions costs little
// and always as much. Its callers pay for it, and it has no charge of its
// own. What the table or the host can reach as well must be cheaper: for
// them each call_indirect pays the dearest of the module, and the host's
// calls are few.
const (
	freeMost      = 24 * perUnit
	freeMostTaken = 6 * perUnit
)

// freeCost is what a call of a function costs beside the call itself, when
// the function does not charge for itself.
func (m *module) freeCost(fn uint32) (int, bool) {
	if int(fn) < m.importedFuncs || m.free == nil {
		return 0, false
	}
	c := m.free[int(fn)-m.importedFuncs]
	return int(c), c >= 0
}

// findFree decides which functions are free, callees first. The profiles are
// those of the first scan.
func (m *module) findFree(profiles []profile) {
	const unseen, open = -2, -3
	free := make([]int32, len(profiles))
	for i := range free {
		free[i] = unseen
	}
	var visit func(i int) int32
	visit = func(i int) int32 {
		if free[i] != unseen {
			return free[i]
		}
		free[i] = open
		p, limit := &profiles[i], freeMost
		if m.reachedBy(i, byHost|byTable) {
			limit = freeMostTaken
		}
		total := p.total
		ok := p.pure && total <= limit
		for _, callee := range p.calls {
			if !ok {
				break
			}
			c := visit(int(callee) - m.importedFuncs)
			total += int(c)
			ok = c >= 0 && total <= limit
		}
		free[i] = -1
		if ok {
			free[i] = int32(total)
			if limit == freeMostTaken {
				m.indirectCost = max(m.indirectCost, total)
			}
		}
		return free[i]
	}
	for i := range profiles {
		visit(i)
	}
	m.free = free
}

// profile is what the first scan keeps of a function.
type profile struct {
	total    int
	pure     bool
	loops    int
	frame    int      // estimated native frame, bytes
	calls    []uint32 // functions of the module called, each once
	indirect []uint32 // types called through a table, each once
}
