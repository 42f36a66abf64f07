package meter

import "slices"

// Native stack is bounded by counting bytes of it in a global, Depth. Only
// calls by which a function may come back to itself can use stack without
// bound, and of those not each needs to be counted: it is enough that every
// way around passes a counted one. A counted call takes from the global what
// its callee and everything below it can use before the next counted call,
// traps when that is not there, and gives it back when the callee returns. A
// function with a large frame takes that itself, so that one such in a table
// does not make every call_indirect dear.
//
// So the bound holds whatever is called; it is the sizes of the frames that
// are estimates, from what wazero makes of real modules. The engine's own
// limit stands behind them.

// uncounted is how much stack a way of calls in a recursion may use before
// one is counted, bytes, and from which size on a frame is large. With more of
// it fewer calls are counted, and each of them takes more than it needs.
const uncounted = 512

// frameSize estimates a function's native frame, bytes.
func frameSize(b *body, f *function) int {
	return 48 + int(b.localBytes) + 4*len(f.regions)
}

// graph is the module's calls. Its nodes are the module's own functions and,
// behind them, the function types that are called through a table.
type graph struct {
	m        *module
	profiles []profile
	taken    map[uint32][]int32 // by type: own functions that may be in a table
	canon    []uint32           // by type: the first equal type
	group    []int32            // by node: its strongly connected component
	loops    []bool             // by component: a call in it can come back
	below    []int32            // by own function: stack it may use uncounted
}

// counted says which calls are counted. A nil one counts none.
type counted struct {
	group  []int32
	below  []int32
	canon  []uint32
	types  int              // where the nodes of types begin
	byType map[uint32]int32 // what a call_indirect of a type takes
	calls  map[[2]int32]bool
	frames []int32 // by own function: what it takes itself
}

// frame is what a function takes itself.
func (c *counted) frame(fn int) int32 {
	if c == nil {
		return 0
	}
	return c.frames[fn]
}

// call is what a direct call between two of the module's own functions takes.
func (c *counted) call(from, to int) int32 {
	if c == nil || to < 0 || !c.calls[[2]int32{int32(from), int32(to)}] {
		return 0
	}
	return c.below[to]
}

// indirect is what a call through a table takes.
func (c *counted) indirect(from int, typ uint32) int32 {
	if c == nil || c.group[from] != c.group[c.types+int(c.canon[typ])] {
		return 0
	}
	return c.byType[typ]
}

func (m *module) newGraph(profiles []profile) *graph {
	g := &graph{m: m, profiles: profiles, taken: map[uint32][]int32{}, canon: make([]uint32, len(m.types))}
	first := map[string]uint32{}
	for i, t := range m.types {
		key := string(t.params) + "\x00" + string(t.results)
		if _, ok := first[key]; !ok {
			first[key] = uint32(i)
		}
		g.canon[i] = first[key]
	}
	for i := range profiles {
		if m.reachedBy(i, byTable) {
			t := g.canon[m.funcs[i+m.importedFuncs]]
			g.taken[t] = append(g.taken[t], int32(i))
		}
	}
	return g
}

// successors calls visit for each node a node calls.
func (g *graph) successors(node int32, visit func(int32)) {
	own := int32(len(g.profiles))
	if node >= own {
		for _, f := range g.taken[uint32(node-own)] {
			visit(f)
		}
		return
	}
	p := &g.profiles[node]
	for _, c := range p.calls {
		visit(int32(int(c) - g.m.importedFuncs))
	}
	for _, t := range p.indirect {
		visit(own + int32(g.canon[t]))
	}
}

// components finds the strongly connected components by Tarjan's algorithm,
// without recursion: the longest way through a module's calls may be long.
func (g *graph) components() {
	n := len(g.profiles) + len(g.m.types)
	g.group = make([]int32, n)
	index, low := make([]int32, n), make([]int32, n)
	onStack := make([]bool, n)
	var stack []int32
	type visit struct {
		node int32
		next []int32
	}
	var open []visit
	count := int32(0)
	push := func(v int32) {
		count++
		index[v], low[v], onStack[v] = count, count, true
		stack = append(stack, v)
		var next []int32
		g.successors(v, func(w int32) { next = append(next, w) })
		open = append(open, visit{v, next})
	}
	for root := range int32(n) {
		if index[root] == 0 {
			push(root)
		}
		for len(open) > 0 {
			top := &open[len(open)-1]
			v := top.node
			if len(top.next) > 0 {
				w := top.next[0]
				top.next = top.next[1:]
				switch {
				case index[w] == 0:
					push(w)
				case onStack[w]:
					low[v] = min(low[v], index[w])
				}
				continue
			}
			open = open[:len(open)-1]
			if len(open) > 0 {
				u := open[len(open)-1].node
				low[u] = min(low[u], low[v])
			}
			if low[v] == index[v] {
				g.closeComponent(v, &stack, onStack)
			}
		}
	}
}

// closeComponent takes a component off the stack.
func (g *graph) closeComponent(root int32, stack *[]int32, onStack []bool) {
	id, size := int32(len(g.loops)), 0
	for {
		s := *stack
		w := s[len(s)-1]
		*stack = s[:len(s)-1]
		onStack[w] = false
		g.group[w] = id
		size++
		if w == root {
			break
		}
	}
	again := size > 1
	g.successors(root, func(w int32) { again = again || w == root })
	g.loops = append(g.loops, again)
}

// recursion is what components found.
func (g *graph) recursion() (r Recursion) {
	for i := range g.profiles {
		if !g.loops[g.group[i]] {
			continue
		}
		if r.Functions++; r.Functions == 1 || g.profiles[i].frame < r.Frame {
			r.Frame = g.profiles[i].frame
		}
	}
	return r
}

// count decides which calls are counted and what they take.
func (g *graph) count() *counted {
	g.components()
	if !slices.Contains(g.loops, true) {
		return nil
	}
	c := &counted{group: g.group, canon: g.canon, types: len(g.profiles), byType: map[uint32]int32{}, calls: map[[2]int32]bool{}, frames: make([]int32, len(g.profiles))}
	g.measure(c)
	c.below = g.below
	for t, fs := range g.taken {
		node := int32(len(g.profiles)) + int32(t)
		for _, f := range fs {
			if g.group[f] == g.group[node] {
				c.byType[t] = max(c.byType[t], g.below[f])
			}
		}
	}
	for t, first := range g.canon {
		if w, ok := c.byType[first]; ok {
			c.byType[uint32(t)] = w
		}
	}
	return c
}

// measure finds how much stack each function may use before a counted call,
// callees first, and counts each call back to a function that is not measured
// yet, and each that would make the way longer than uncounted.
func (g *graph) measure(c *counted) {
	const unseen, open = -1, -2
	n := int32(len(g.profiles))
	g.below = make([]int32, n)
	for i := range g.below {
		g.below[i] = unseen
	}
	type visit struct{ node, next, most int32 }
	var stack []visit
	for root := range n {
		if g.below[root] != unseen {
			continue
		}
		g.below[root] = open
		stack = append(stack, visit{node: root})
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			p := &g.profiles[top.node]
			frame := int32(p.frame)
			if frame > uncounted && g.loops[g.group[top.node]] {
				c.frames[top.node], frame = frame, 0
			}
			if int(top.next) == len(p.calls) {
				g.below[top.node] = frame + top.most
				stack = stack[:len(stack)-1]
				continue
			}
			callee := int32(int(p.calls[top.next]) - g.m.importedFuncs)
			switch {
			case g.group[callee] != g.group[top.node]:
				top.next++ // never comes back
			case g.below[callee] == unseen:
				g.below[callee] = open
				stack = append(stack, visit{node: callee})
			default:
				top.next++
				if g.below[callee] == open || frame+g.below[callee] > uncounted {
					c.calls[[2]int32{top.node, callee}] = true
				} else {
					top.most = max(top.most, g.below[callee])
				}
			}
		}
	}
}
