package guest

//lint:ignore ST1001 instructions are to be read, not their package
import . "github.com/weirproxy/weir/core/wasm/wasmtest"

// Locals of run. The first two are its parameters.
const (
	offset  = iota // of the callback in the program's table
	fallen         // the answer when no step gives one
	base           // of the program's code
	pc             // of the next word
	op             // this instruction
	from           // where a call's arguments begin
	left           // arguments yet to come
	to             // where the next argument is kept
	outcome        // of a call
	quiet
)

// fetch pushes the next word; peek one that follows it.
func fetch() Code         { return Seq(Get(pc), Load32(0), advance(4)) }
func peek(at uint32) Code { return Seq(Get(pc), Load32(at)) }
func advance(n int32) Code {
	return Seq(Get(pc), I32(n), Add32, Set(pc))
}

// interpreter writes run(offset, answer): it does what the program says of a
// callback whose parameters are kept, and answers its result.
func (b *builder) interpreter() {
	b.invoker()
	b.values()
	case_ := func(code int32, body ...Code) Code {
		return Seq(Get(op), I32(code), Eq32, If(Seq(body...), Br(1)))
	}
	// The text that an instruction begins with.
	label := Seq(Get(base), fetch(), Add32, fetch(), b.call("put"))
	value := Seq(peek(0), peek(4), b.call("value"), advance(12))
	cell := func(index Code) Code { return Seq(index, b.call("cell")) }
	b.own["run"] = b.FuncLocals("", "ii:i", "iiiiiiii",
		word(params), b.call("code"), Tee(base), Get(offset), Add32, Load32(0), Tee(pc), Eqz32, If(Get(fallen), Return),
		Get(pc), Get(base), Add32, Set(pc),
		Loop(
			fetch(), Set(op),
			Get(op), I32(opEnd), Eq32, If(Get(fallen), Return),
			case_(opCall, b.hostCall()),
			case_(opSay, label, b.call("flush")),
			case_(opShow, label, value, b.call("dec"), b.call("flush")),
			Get(op), I32(opRet), Eq32, If(value, Return),
			Get(op), I32(opTrap), Eq32, If(Unreachable),
			case_(opSave, cell(fetch()), Set(to), Get(to), value, Store32(0)),
			case_(opCount, cell(fetch()), Set(to), Get(to), Get(to), Load32(0), I32(1), Add32, Store32(0)),
			case_(opWhen,
				value, fetch(), Eq32, fetch(), Eq32, Set(outcome), fetch(), Set(to),
				Get(outcome), Eqz32, If(Get(pc), Get(to), Add32, Set(pc))),
			Unreachable),
		Unreachable)
}

// values write value(kind, a), a number, and cell(index), an address.
func (b *builder) values() {
	b.own["cell"] = b.Func("", "i:i",
		word(params), b.call("code"), I32(blockCode-blockCells), Sub32, Get(0), I32(4), Mul32, Add32)
	is := func(kind int32, v Code) Code { return Seq(Get(0), I32(kind), Eq32, If(v, Return)) }
	b.own["value"] = b.Func("", "ii:i",
		is(kindCell, Seq(Get(1), b.call("cell"), Load32(0))),
		is(kindParam, Seq(Get(1), I32(4), Mul32, Load32(params))),
		is(kindLastSize, word(lastSize)),
		is(kindLastWord, word(lastWord)),
		is(kindStatus, word(lastStatus)),
		Get(1))
}

// invoker writes invoke(function): it calls a host function with the arguments
// that are kept.
func (b *builder) invoker() {
	var code Code
	for n, f := range functions {
		call := Seq(Get(0), I32(int32(n)), Eq32)
		var push Code
		for k, kind := range f.params {
			load := Load32(uint32(arguments + 8*k))
			if kind == 'I' {
				load = Load64(uint32(arguments + 8*k))
			}
			push = Seq(push, I32(0), load)
		}
		code = Seq(code, call, If(push, Call(b.host[f.name]), Return))
	}
	b.own["invoke"] = b.Func("", "i:i", code, Unreachable)
	b.own["label"] = b.Func("", "i", b.labels())
}

// labels puts a function's name into the line.
func (b *builder) labels() Code {
	var code Code
	for n, f := range functions {
		code = Seq(code, Get(0), I32(int32(n)), Eq32, If(b.say(f.name+"="), Return))
	}
	return code
}

// hostCall does opCall: it keeps the arguments, calls, and logs the outcome.
func (b *builder) hostCall() Code {
	keep := func(low, high Code) Code { // one parameter
		return Seq(Get(to), low, Store32(0), Get(to), high, Store32(4), Get(to), I32(8), Add32, Set(to))
	}
	plain := func(v Code) Code { return keep(v, I32(0)) }
	is := func(kind int32, body Code) Code { return Seq(peek(0), I32(kind), Eq32, If(body)) }
	isBytes := Seq(peek(0), I32(kindText), Sub32, I32(kindPairs-kindText+1), LtU32)
	number := Seq(peek(0), I32(kindCell), LtU32, Eqz32, peek(0), I32(kindLast), Ne32, And32)
	each := func(body ...Code) Code { // for each argument
		return Seq(
			Get(from), Load32(0), Set(left), Get(from), I32(4), Add32, Set(pc),
			Loop(Get(left), If(Seq(body...), advance(12), Get(left), I32(1), Sub32, Set(left), Br(1))))
	}
	zero := func(at int32) Code { return Seq(I32(at), I64(0), Store64(0)) }
	return Seq(
		fetch(), Set(op), fetch(), Set(quiet), Get(pc), Set(from),
		I32(arguments), Set(to),
		each(
			is(kindConst, keep(peek(4), peek(8))),
			is(kindString, Seq(plain(Seq(Get(base), peek(4), Add32)), plain(peek(8)))),
			isBytes, If(plain(I32(cellData)), plain(I32(cellSize))),
			is(kindWord, plain(I32(cellWord))),
			is(kindHidden, plain(I32(cellWord))),
			is(kindLong, plain(I32(cellLong))),
			is(kindLast, Seq(plain(word(lastData)), plain(word(lastSize)))),
			number, If(plain(Seq(peek(0), peek(4), b.call("value"))))),
		zero(cellData), zero(cellWord), zero(cellLong),
		Get(op), b.call("invoke"), Set(outcome),
		I32(lastStatus), Get(outcome), Store32(0),
		Get(quiet), Eqz32, If(Get(op), b.call("label"), Get(outcome), b.call("dec")),
		each(
			isBytes, If(I32(lastData), I32(cellData), Load64(0), Store64(0)),
			is(kindWord, Seq(I32(lastWord), word(cellWord), Store32(0))),
			is(kindHidden, Seq(I32(lastWord), word(cellWord), Store32(0))),
			Get(quiet), Eqz32, If(
				is(kindText, Seq(I32(' '), b.call("putc"), word(cellData), word(cellSize), b.call("put"))),
				is(kindHex, Seq(I32(' '), b.call("putc"), word(cellData), word(cellSize), b.call("hex"))),
				is(kindPairs, Seq(b.say(" map:"), word(cellData), word(cellSize), b.call("hex"))),
				is(kindWord, Seq(I32(' '), b.call("putc"), word(cellWord), b.call("dec"))),
				is(kindLong, Seq(I32(' '), b.call("putc"), I32(cellLong), I32(8), b.call("hex"))))),
		Get(quiet), Eqz32, If(b.call("flush")))
}
