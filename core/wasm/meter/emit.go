package meter

// Function indices of the rewritten module.
const refuelIndex = 0

// shifted is a function's index in the rewritten module.
func shifted(i uint32) uint32 { return i + 1 }

// emitter writes one function's new body.
type emitter struct {
	m       *module
	f       *function
	fn      uint32
	code    []byte
	out     []byte
	free    bool
	frame   int32  // stack the function takes itself
	checks  int    // of the stack that is left
	depth   uint32 // blocks open in the new body
	scratch uint32 // first of the locals added
	frames  []label
}

// label is a block, loop or if of the original that is open.
type label struct {
	depth uint32 // its own depth in the new body
	apart bool   // it is a loop whose refuel stands outside
}

// rewriteBody returns the body of a function with its charges in it, its
// length in front.
func (m *module) rewriteBody(dst []byte, fn uint32, f *function) ([]byte, error) {
	if err := m.scan(fn, f); err != nil {
		return nil, err
	}
	b := &m.bodies[int(fn)-m.importedFuncs]
	e := &emitter{m: m, f: f, fn: fn, code: b.code, scratch: b.locals, out: m.scratch[:0]}
	e.locals(b)
	_, e.free = m.freeCost(fn)
	e.enter()
	r := &reader{b: b.code, i: b.started, base: b.offset}
	region, loop := 0, 0
	var prev, in instruction
	for r.left() > 0 {
		if m.next(r, &in); r.err != nil {
			return nil, r.err
		}
		for ; region < len(f.regions) && f.regions[region].at <= in.start; region++ {
			e.charge(&f.regions[region])
		}
		apart := false
		if loop < len(f.loops) && f.loops[loop].at == in.start {
			apart = !f.loops[loop].takes
			loop++
		}
		e.instruction(&in, &prev, apart)
		prev = in
	}
	m.scratch = e.out
	if err := m.effort.add(m.o.Effort, int(fn), f, int(b.locals), e.checks*blocksOfCheck); err != nil {
		return nil, err
	}
	return append(appendU32(dst, uint32(len(e.out))), e.out...), nil
}

// locals copies the declarations and adds those bulk operations need.
func (e *emitter) locals(b *body) {
	if !e.f.bulk {
		e.out = append(e.out, b.code[:b.started]...)
		return
	}
	r := &reader{b: b.code}
	e.out = appendU32(e.out, r.u32()+1)
	e.out = append(e.out, b.code[r.i:b.started]...)
	e.op(3, typeI32)
}

func (e *emitter) op(ops ...byte)          { e.out = append(e.out, ops...) }
func (e *emitter) index(op byte, i uint32) { e.out = appendU32(append(e.out, op), i) }
func (e *emitter) global(op byte)          { e.index(op, e.m.fuelIndex()) }
func (e *emitter) i64(v int64)             { e.out = appendS64(append(e.out, opI64Const), v) }

// charge takes a region's debt from the fuel and, where it is due, asks for
// more.
func (e *emitter) charge(r *region) {
	if e.free || r.debt == 0 && !r.check {
		return
	}
	units := r.units()
	if units > 0 {
		e.global(opGlobalGet)
		e.i64(units)
		e.op(opI64Sub)
		e.global(opGlobalSet)
	}
	switch {
	case !r.check:
	case r.head && !e.f.loops[r.loop].takes:
		e.low()
		e.op(opBrIf, 1)
	default:
		e.low()
		e.op(opIf, blockEmpty)
		e.index(opCall, refuelIndex)
		e.op(opEnd)
	}
}

// low leaves on the stack whether the fuel is below zero.
func (e *emitter) low() {
	e.global(opGlobalGet)
	e.i64(0)
	e.op(opI64LtS)
}

// instruction copies one, with its function index and its labels adjusted,
// or puts a call of a helper in its place.
func (e *emitter) instruction(in, prev *instruction, apart bool) {
	switch in.op {
	case opReturn:
		if e.frame > 0 {
			e.index(opBr, e.relabel(uint32(len(e.frames)-1)))
			return
		}
	case opCall:
		w := e.m.counted.call(e.own(), int(in.a)-e.m.importedFuncs)
		e.descend(w)
		e.index(opCall, shifted(in.a))
		e.ascend(w)
		return
	case opCallIndirect:
		w := e.m.counted.indirect(e.own(), in.a)
		e.descend(w)
		e.out = append(e.out, e.code[in.start:in.end]...)
		e.ascend(w)
		return
	case opRefFunc:
		e.index(opRefFunc, shifted(in.a))
		return
	case opMemoryGrow, opTableInit, opTableCopy, opTableGrow, opTableFill:
		e.index(opCall, e.m.helper(in))
		return
	case opMemoryInit, opMemoryCopy, opMemoryFill:
		if _, small := smallBulk(prev, in); !small && e.f.bulk {
			e.memoryBulk(in)
			return
		}
	case opBr, opBrIf:
		e.index(byte(in.op), e.relabel(in.a))
		return
	case opBrTable:
		e.index(opBrTable, in.a-1)
		t := &reader{b: e.code, i: int(in.b)}
		for range in.a {
			e.out = appendU32(e.out, e.relabel(t.u32()))
		}
		return
	case opBlock, opLoop, opIf:
		if apart {
			e.before(e.code[in.start+1 : in.end])
		}
		e.depth++
		e.frames = append(e.frames, label{e.depth, apart})
	case opEnd:
		e.op(opEnd)
		e.depth--
		l := e.frames[len(e.frames)-1]
		e.frames = e.frames[:len(e.frames)-1]
		switch {
		case l.apart:
			e.behind()
		case len(e.frames) == 0 && e.frame > 0:
			e.ascend(e.frame)
			e.op(opEnd)
		}
		return
	}
	e.out = append(e.out, e.code[in.start:in.end]...)
}

// memoryBulk puts a short operation in line, with what it costs, and calls
// the helper for a long one.
func (e *emitter) memoryBulk(in *instruction) {
	to, from, n := e.scratch, e.scratch+1, e.scratch+2
	for _, l := range []uint32{n, from, to} {
		e.index(opLocalSet, l)
	}
	operands := func() {
		for _, l := range []uint32{to, from, n} {
			e.index(opLocalGet, l)
		}
	}
	e.index(opLocalGet, n)
	e.out = appendS64(append(e.out, opI32Const), piece)
	e.op(opI32LeU, opIf, blockEmpty)
	e.global(opGlobalGet)
	e.index(opLocalGet, n)
	e.op(opI64ExtendU)
	e.i64(bulkShift)
	e.op(opI64ShrU, opI64Sub)
	e.global(opGlobalSet)
	operands()
	e.out = append(e.out, e.code[in.start:in.end]...)
	e.op(opElse)
	operands()
	e.index(opCall, e.m.helper(in))
	e.op(opEnd)
}

// relabel counts a branch's way out anew.
func (e *emitter) relabel(n uint32) uint32 {
	return e.depth - e.frames[len(e.frames)-1-int(n)].depth
}

// before opens what stands around a loop that takes nothing from the stack.
// A call in a loop makes wazero store every variable of the loop in each
// pass, whether the call is reached or not. So the loop is left for refuel and
// entered again:
//
//	block $after
//	  loop $again
//	    block $refuel
//	      br_if $refuel (fuel < 0)
//	      loop
//	        charge; br_if $refuel (fuel < 0); ...
//	      end
//	      br $after
//	    end
//	    call refuel
//	    br $again
//	  end
//	end
//
// The first branch is there for the engine: it gives the variables a second
// origin, and they get other places around the call than in the loop.
func (e *emitter) before(blockType []byte) {
	e.op(opBlock)
	e.op(blockType...)
	e.op(opLoop, blockEmpty, opBlock, blockEmpty)
	e.low()
	e.op(opBrIf, 0)
	e.depth += 3
}

func (e *emitter) behind() {
	e.op(opBr, 2, opEnd)
	e.index(opCall, refuelIndex)
	e.op(opBr, 0, opEnd, opUnreachable, opEnd)
	e.depth -= 3
}

func (e *emitter) own() int { return int(e.fn) - e.m.importedFuncs }

// enter begins the body. A function that takes its own frame does so here; a
// block around it makes one way out, where it is given back.
func (e *emitter) enter() {
	e.frame = e.m.counted.frame(e.own())
	if e.frame > 0 {
		e.descend(e.frame)
		e.depth = 1
		results := e.m.types[e.m.funcs[e.fn]].results
		switch len(results) {
		case 0:
			e.op(opBlock, blockEmpty)
		case 1:
			e.op(opBlock, results[0])
		default:
			e.out = appendS64(append(e.out, opBlock), int64(e.m.typeIndex(funcType{results: results})))
		}
	}
	e.frames = append(e.frames, label{depth: e.depth})
}

// descend takes stack from the global, for a counted call or a large frame.
func (e *emitter) descend(stack int32) {
	if stack == 0 {
		return
	}
	e.checks++
	e.index(opGlobalGet, e.m.depthIndex())
	e.i64(int64(stack))
	e.op(opI64Sub)
	e.index(opGlobalSet, e.m.depthIndex())
	e.index(opGlobalGet, e.m.depthIndex())
	e.i64(0)
	e.op(opI64LtS, opIf, blockEmpty, opUnreachable, opEnd)
}

// ascend gives it back.
func (e *emitter) ascend(stack int32) {
	if stack == 0 {
		return
	}
	e.index(opGlobalGet, e.m.depthIndex())
	e.i64(int64(stack))
	e.op(opI64Add)
	e.index(opGlobalSet, e.m.depthIndex())
}
