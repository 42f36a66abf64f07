package guest

import (
	"fmt"
	"slices"
)

// Step is something the guest does in a callback.
type Step func(w *writer)

// Value is an argument whose value is known when the guest runs, or a place
// for a result.
type Value struct{ kind, a, b uint32 }

// Places for what a host function answers, which is then logged.
var (
	Text  = Value{kind: kindText}  // bytes, as text; of long ones the size and a hash
	Hex   = Value{kind: kindHex}   // bytes, in hexadecimal
	Pairs = Value{kind: kindPairs} // a map as it is serialised, in hexadecimal behind "map:"
	Word  = Value{kind: kindWord}  // 4 bytes, as a number
	Long  = Value{kind: kindLong}  // 8 bytes, in hexadecimal
)

var (
	// Last are the bytes that a host function answered last.
	Last = Value{kind: kindLast}
	// Hidden is Word for a number that the host chose: it is not logged.
	Hidden = Value{kind: kindHidden}
	// LastSize is how many they were.
	LastSize = Value{kind: kindLastSize}
	// LastWord is the number that one answered last.
	LastWord = Value{kind: kindLastWord}
	// Status is what the last call answered.
	Status = Value{kind: kindStatus}
)

// Cells is how many there are.
const Cells = 16

// Cell is a number that outlives the callback: of its filter, in its VM.
func Cell(n uint32) Value {
	if n >= Cells {
		panic("guest: no such cell")
	}
	return Value{kind: kindCell, a: n}
}

// Param is a parameter of the callback.
func Param(n uint32) Value { return Value{kind: kindParam, a: n} }

// Ask calls a host function, by its name without "proxy_", and logs its status
// and results. Arguments are numbers, strings (which become an address and a
// length), int64 where the function takes one, and Values.
func Ask(name string, args ...any) Step { return callStep(name, 0, args) }

// Quiet is Ask without a line in the log.
func Quiet(name string, args ...any) Step { return callStep(name, flagQuiet, args) }

func callStep(name string, flags uint32, args []any) Step {
	n := slices.IndexFunc(functions, func(f function) bool { return f.name == name })
	if n < 0 {
		panic(fmt.Sprintf("guest: no host function is called %q", name))
	}
	params := 0
	for _, a := range args {
		params += width(a)
	}
	if params != len(functions[n].params) {
		panic(fmt.Sprintf("guest: %s takes %d parameters, not %d", name, len(functions[n].params), params))
	}
	return func(w *writer) {
		w.word(opCall, uint32(n), flags, uint32(len(args)))
		for _, a := range args {
			w.argument(a)
		}
	}
}

// width is how many parameters an argument becomes.
func width(a any) int {
	switch a := a.(type) {
	case string:
		return 2
	case Value:
		if a == Text || a == Hex || a == Pairs || a == Last {
			return 2
		}
	}
	return 1
}

func (w *writer) argument(a any) {
	switch a := a.(type) {
	case string:
		w.word(kindString)
		w.string(a)
	case int:
		w.word(kindConst, uint32(a), uint32(int64(a)>>32))
	case int64:
		w.word(kindConst, uint32(a), uint32(a>>32))
	case Value:
		w.word(a.kind, a.a, a.b)
	default:
		panic(fmt.Sprintf("guest: an argument of type %T", a))
	}
}

// Say logs a text.
func Say(t string) Step {
	return func(w *writer) { w.word(opSay); w.string(t) }
}

// Show logs a text and, behind it, a number.
func Show(t string, v Value) Step {
	return func(w *writer) { w.word(opShow); w.string(t); w.argument(v) }
}

// Ret ends the callback with a result, a number or a Value.
func Ret(v any) Step {
	return func(w *writer) { w.word(opRet); w.argument(v) }
}

// Trap ends the instance.
func Trap() Step { return func(w *writer) { w.word(opTrap) } }

// Save keeps a number in a cell.
func Save(cell uint32, v any) Step {
	return func(w *writer) { w.word(opSave, Cell(cell).a); w.argument(v) }
}

// Count adds one to a cell.
func Count(cell uint32) Step { return func(w *writer) { w.word(opCount, Cell(cell).a) } }

// When does the steps where a value is n.
func When(v Value, n int, steps ...Step) Step { return branch(v, n, 1, steps) }

// Unless does the steps where a value is not n.
func Unless(v Value, n int, steps ...Step) Step { return branch(v, n, 0, steps) }

func branch(v Value, n int, equal uint32, steps []Step) Step {
	return func(w *writer) {
		w.word(opWhen)
		w.argument(v)
		w.word(uint32(n), equal, 0)
		begin := len(w.code)
		w.steps(steps)
		w.code[begin-1] = uint32(4 * (len(w.code) - begin))
	}
}

// Both does two steps.
func Both(first, second Step) Step { return func(w *writer) { first(w); second(w) } }
