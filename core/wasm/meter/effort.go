package meter

import (
	"fmt"
	"math"
)

// What compiling a module may take is bounded before it is tried: nothing
// stops a compiler that has begun. wazero's takes time by the square of a
// function's basic blocks: 0.2 s for 2,500 of them, 4 s for 10,000, 570 s for
// 100,000. Blocks are made by branches, and by some instructions that do not
// look like it: a fill is a loop, each target of a br_table a jump of its own,
// and so is our look at what stack is left before a counted call. Beside that
// each value that a call or a branch hands over is held in memory for all of
// the function's compilation, and two bytes can hand over two thousand. A value
// on the operand stack is carried through each block that begins meanwhile:
// 4,000 of them through 8,000 blocks take 12 s. In straight code they are looked
// at in turn for the place of one, in time by the square of their number.
const (
	// mostEffort bounds the sum over all functions of their blocks by the square,
	// an eighth of that more for each local that is set somewhere: its value may
	// be another in each block. A Go guest of 3.4 MB comes to a tenth. A single
	// function may come to a quarter.
	mostEffort = 1_000_000_000
	// mostMoved bounds the values that calls and branches of a module hand over,
	// mostMovedOnce those of one function. Large guests come to a tenth.
	mostMoved     = 2_000_000
	mostMovedOnce = 200_000
	// mostOperands bounds a function's operand stack, and perHeld is what a value
	// on it comes to for each block that begins. Compilers keep some ten there.
	mostOperands = 10_000
	perHeld      = 64
)

// effort is what compiling is going to take, as far as it is known.
type effort struct{ spent, moved int }

// add counts one function. most is what the module may come to, a function to a
// quarter of it. more are the blocks that metering adds.
func (e *effort) add(most, fn int, f *function, locals, more int) error {
	if most == math.MaxInt {
		return nil // it is only looked at
	}
	if f.moved > mostMovedOnce {
		return fmt.Errorf("function %d has calls and branches that hand over %d values, more than the %d allowed", fn, f.moved, mostMovedOnce)
	}
	if e.moved += f.moved; e.moved > mostMoved {
		return fmt.Errorf("functions 0 to %d have calls and branches that hand over %d values, more than the %d allowed", fn, e.moved, mostMoved)
	}
	if f.deep > mostOperands {
		return fmt.Errorf("function %d has %d values on its operand stack at once, more than the %d allowed: keep them in memory", fn, f.deep, mostOperands)
	}
	operands := f.held*perHeld + f.deep*f.deep
	if operands > most/4 {
		return fmt.Errorf("function %d branches with up to %d values on its operand stack, too many to be compiled in good time: keep them in memory", fn, f.deep)
	}
	n := len(f.regions) + f.blocks + more
	once := n*n*(8+min(f.sets, locals))/8 + operands
	if once > most/4 {
		return fmt.Errorf("function %d has too many branches and locals to be compiled in good time", fn)
	}
	if e.spent += once; e.spent > most {
		return fmt.Errorf("functions 0 to %d have too many branches and locals to be compiled in good time", fn)
	}
	return nil
}

// Blocks that wazero or the meter makes of instructions.
const (
	blocksOfFill  = 3 // before its loop, the loop, behind it
	blocksOfCheck = 2 // an if, and what follows it
)

// bulkBlocks are those of a bulk operation.
func bulkBlocks(op int, small bool) int {
	n := 0
	if op == opMemoryFill {
		n = blocksOfFill
	}
	if isMemoryBulk(op) && !small {
		n += blocksOfCheck // a long one goes to a helper
	}
	return n
}
