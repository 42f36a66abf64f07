package meter

import "fmt"

// What a function is charged is decided by regions. A region is a stretch of
// code that is left only at its end, or early for good; so its whole cost is
// charged where it begins. Each region but the first has a dominator: a
// region every path to it has passed, in the same pass of the same loop. A
// region that is cheap beside its dominator is charged there, whether it will
// be reached or not: the fuel is a little high and the code much shorter.
//
// Fuel is looked at on entry to a function and of each pass of a loop, and
// wherever a path has gone checkEvery without.
type region struct {
	at    int   // where in the body it begins
	dom   int32 // its dominator, or -1
	loop  int32 // the innermost loop around it, or -1
	own   int   // cost of its own instructions
	debt  int   // what is charged at its beginning
	paid  int   // what its dominator is charged instead
	spare int   // what may be charged here for regions that may not be reached
	arm   int32 // the other arm of an if, for the first one, or 0
	check bool  // fuel is looked at
	fixed bool  // must be charged here
	head  bool  // it begins with a pass of its loop
}

// loop is one loop instruction of a function.
type loop struct {
	at    int  // where its instruction begins
	takes bool // it takes values from the stack
}

const (
	// checkEvery is the longest way between two looks at the fuel.
	checkEvery = 8192 * perUnit
	// afterCall is the longest way from a call's return to the next look:
	// when a deep recursion returns, each frame may go as far.
	afterCall = 256 * perUnit
	// spareLeast is what any region may be charged for others.
	spareLeast = 4 * perUnit
)

// frame is a block, loop or if that is open.
type frame struct {
	op       int
	region   int32 // the region it was opened in
	loop     int32
	arity    int // values that a branch to it hands over
	base     int // height of the operand stack below what it takes
	takes    int // from the stack
	leaves   int
	alive    bool  // its beginning can be reached
	targeted bool  // its end can be reached by a branch
	dist     int   // the longest way to its end without a look
	then     int32 // an if's first region
}

// function is what a scan finds out about one function.
type function struct {
	regions []region
	loops   []loop
	frames  []frame
	calls   []call
	total   int  // cost of all its instructions
	blocks  int  // basic blocks that its instructions become beside its regions
	moved   int  // values handed over by its calls and branches
	deep    int  // the operand stack's greatest height
	held    int  // the sum of its heights where basic blocks begin
	sets    int  // instructions that set a local
	pure    bool // no loop and nothing but direct calls
	bulk    bool // needs locals for the operands of a bulk operation
}

// call is a call instruction that can be reached.
type call struct {
	target uint32 // a function, or for call_indirect a type
	direct bool
}

// scanner walks a function's instructions and forms its regions.
type scanner struct {
	m    *module
	f    *function
	fn   uint32
	r    *reader
	cur  int32
	loop int32
	live bool
	high int // the operand stack, where code is live
	dist int
	prev instruction
}

func (m *module) scan(fn uint32, f *function) error {
	b := &m.bodies[int(fn)-m.importedFuncs]
	f.regions, f.loops, f.frames, f.calls = f.regions[:0], f.loops[:0], f.frames[:0], f.calls[:0]
	f.total, f.blocks, f.moved, f.deep, f.held, f.sets, f.pure, f.bulk = 0, 0, 0, 0, 0, 0, true, false
	s := &scanner{m: m, f: f, fn: fn, cur: -1, loop: -1, live: true,
		r: &reader{b: b.code, i: b.started, base: b.offset}}
	results := len(m.types[m.funcs[fn]].results)
	f.frames = append(f.frames, frame{op: opBlock, region: -1, loop: -1, alive: true, arity: results, leaves: results})
	s.open(b.started, -1, true, true)
	var in instruction
	for len(f.frames) > 0 && s.r.err == nil {
		if m.next(s.r, &in); s.r.err != nil {
			break
		}
		if in.op >= opLocalGet && in.op <= opLocalTee && in.a >= b.locals {
			s.r.failf("local %d does not exist, there are %d", in.a, b.locals)
		}
		s.step(&in)
		s.prev = in
	}
	if s.r.err == nil && s.r.left() > 0 {
		s.r.failf("%d bytes behind the last end", s.r.left())
	}
	if s.r.err != nil {
		return fmt.Errorf("function %d: %w", fn, s.r.err)
	}
	f.settle()
	return nil
}

// open begins a region.
func (s *scanner) open(at int, dom int32, check, fixed bool) {
	if check {
		s.dist = 0
	}
	s.cur = int32(len(s.f.regions))
	s.f.regions = append(s.f.regions, region{at: at, dom: dom, loop: s.loop, check: check, fixed: fixed})
	s.f.held += s.high
}

// spend adds an instruction's cost to the region. One that would go too far
// without a look begins a region of its own.
func (s *scanner) spend(at, c int) {
	if s.dist+c > checkEvery && s.dist > 0 {
		s.open(at, s.cur, true, true)
	}
	s.dist += c
	s.f.regions[s.cur].own += c
	s.f.total += c
}

func (s *scanner) step(in *instruction) {
	if s.live {
		s.account(in)
		s.push(effect(in.op))
	}
	switch in.op {
	case opBlock, opLoop, opIf:
		s.enter(in)
	case opElse:
		s.otherwise(in)
	case opEnd:
		s.leave(in)
	case opBr:
		s.branch(in.a)
		s.live = false
	case opBrIf:
		if s.branch(in.a); s.live {
			s.open(in.end, s.cur, false, false)
		}
	case opBrTable:
		t := &reader{b: s.r.b, i: int(in.b), base: s.r.base}
		if s.live {
			s.more(int(in.a))
		}
		for range in.a {
			s.branch(t.u32())
		}
		s.live = false
	case opReturn, opUnreachable:
		s.live = false
	}
}

// account charges an instruction and notes what it calls.
func (s *scanner) account(in *instruction) {
	c := cost(in.op)
	switch in.op {
	case opCall:
		s.f.calls = append(s.f.calls, call{in.a, true})
		s.call(s.m.types[s.m.funcs[in.a]])
		if int(in.a) < s.m.importedFuncs {
			c = costHost
			s.f.pure = false
		}
		if n, free := s.m.freeCost(in.a); free {
			c += n
			break
		}
		s.spend(in.start, c)
		s.mayRefuel()
		return
	case opCallIndirect:
		s.f.calls = append(s.f.calls, call{in.a, false})
		s.call(s.m.types[in.a])
		s.f.pure = false
		s.spend(in.start, c+s.m.indirectCost)
		s.mayRefuel()
		return
	case opLoop:
		s.f.pure = false
	case opLocalSet, opLocalTee:
		s.f.sets++
	}
	if isBulk(in.op) {
		n, small := smallBulk(&s.prev, in)
		s.more(bulkBlocks(in.op, small))
		s.spend(in.start, c+n)
		switch {
		case small:
		case isMemoryBulk(in.op):
			s.f.pure, s.f.bulk = false, true
			s.dist += piece * perUnit >> bulkShift
		default:
			s.f.pure = false
			s.mayRefuel()
		}
		return
	}
	s.spend(in.start, c)
}

// mayRefuel notes that what the instruction calls has gone some way since its
// last look at the fuel.
func (s *scanner) mayRefuel() {
	s.dist = max(s.dist, checkEvery-afterCall)
}

func (s *scanner) enter(in *instruction) {
	if len(s.f.frames) > s.m.o.Nesting {
		s.r.failf("blocks are nested deeper than the %d allowed", s.m.o.Nesting)
		return
	}
	f := frame{op: in.op, region: s.cur, loop: s.loop, alive: s.live, arity: int(in.b),
		base: max(s.high-int(in.a), 0), takes: int(in.a), leaves: int(in.b)}
	if in.op == opLoop {
		f.arity = int(in.a)
	}
	s.f.frames = append(s.f.frames, f)
	if !s.live {
		return
	}
	switch in.op {
	case opIf:
		f := &s.f.frames[len(s.f.frames)-1]
		s.open(in.end, s.cur, false, false)
		f.dist, f.then = s.dist, s.cur
	case opLoop:
		dom := s.cur
		s.f.loops = append(s.f.loops, loop{at: in.start, takes: in.a > 0})
		s.loop = int32(len(s.f.loops) - 1)
		s.open(in.end, dom, true, true)
		s.f.regions[s.cur].head = true
		s.absorb(dom)
	}
}

// absorb lets a loop that a function begins with pay for what stands before
// it, once a pass: one charge less for each call.
func (s *scanner) absorb(dom int32) {
	first := &s.f.regions[0]
	if dom != 0 || len(s.f.regions) != 2 || first.own > spareLeast {
		return
	}
	s.f.regions[1].own += first.own
	first.own, first.check, first.spare = 0, false, -1
}

func (s *scanner) otherwise(in *instruction) {
	f := &s.f.frames[len(s.f.frames)-1]
	if f.op != opIf {
		s.r.failf("else without if")
		return
	}
	f.op = opElse
	then := s.dist
	s.live, f.targeted, s.dist = f.alive, f.targeted || s.live, f.dist
	f.dist = max(f.dist, then)
	s.high = f.base + f.takes
	if s.live {
		s.open(in.end, f.region, false, false)
		s.f.regions[f.then].arm = s.cur
	}
}

func (s *scanner) leave(in *instruction) {
	f := s.f.frames[len(s.f.frames)-1]
	s.f.frames = s.f.frames[:len(s.f.frames)-1]
	if s.live {
		s.f.moved += f.arity
	}
	joined := f.targeted || f.op == opElse || f.op == opIf
	switch f.op {
	case opIf:
		f.targeted = f.targeted || f.alive // the arm that is not there
	case opLoop:
		s.loop, joined = f.loop, s.live
	}
	if f.targeted {
		s.dist = max(f.dist, s.dist)
		s.live = true
	}
	if f.alive {
		s.high = f.base
		s.push(f.leaves)
	}
	if s.live && joined && len(s.f.frames) > 0 {
		s.open(in.end, f.region, false, false)
	}
}

// branch notes that a label can be reached from here.
func (s *scanner) branch(label uint32) {
	n := len(s.f.frames)
	if uint64(label) >= uint64(n) {
		s.r.failf("branch out of %d blocks where %d are open", label+1, n)
		return
	}
	f := &s.f.frames[n-1-int(label)]
	if s.live {
		s.f.moved += f.arity
	}
	if s.live && f.op != opLoop {
		f.targeted = true
		f.dist = max(f.dist, s.dist)
	}
}

// settle decides what is charged where.
func (f *function) settle() {
	for i := range f.regions {
		r := &f.regions[i]
		r.debt = r.own
		if r.spare >= 0 {
			r.spare = max(r.own, spareLeast)
		}
	}
	for i := len(f.regions) - 1; i > 0; i-- {
		r := &f.regions[i]
		if r.fixed || r.debt == 0 {
			continue
		}
		d, paid := &f.regions[r.dom], 0
		if r.arm > 0 {
			paid = f.regions[r.arm].paid
		}
		if more := max(0, r.debt-paid); d.spare >= more {
			d.spare -= more
			d.debt += more
			r.paid, r.debt = r.debt, 0
		}
	}
}

// units is what a region charges. It is rounded to the nearest, but never to
// nothing: a pass of any loop costs something.
func (r *region) units() int64 {
	if r.debt == 0 && !(r.check && r.loop >= 0) {
		return 0
	}
	return int64(max(1, (r.debt+perUnit/2)/perUnit))
}
