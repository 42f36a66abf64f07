package guest

//lint:ignore ST1001 instructions are to be read, not their package
import . "github.com/weirproxy/weir/core/wasm/wasmtest"

// A text of more bytes than longText is logged as its size and a hash of it.
const longText = 300

// lines are the functions that write the line which is logged next. What could
// garble a log is written as "\0a".
func (b *builder) lines() {
	end := Seq(I32(lineAt), GlobalGet(b.line), Add32)
	b.own["putc"] = b.Func("", "i",
		end, Get(0), Store8(0), GlobalGet(b.line), I32(1), Add32, GlobalSet(b.line))
	b.own["nibble"] = b.Func("", "i", Get(0), I32(hexDigits), Add32, Load8(0), b.call("putc"))
	b.own["byte"] = b.Func("", "i",
		Get(0), I32(16), DivU32, b.call("nibble"), Get(0), I32(15), And32, b.call("nibble"))
	dec := b.NextFunc()
	b.own["dec"] = b.Func("", "i",
		I32(9), Get(0), LtU32, If(Get(0), I32(10), DivU32, Call(dec)),
		Get(0), Get(0), I32(10), DivU32, I32(10), Mul32, Sub32, I32('0'), Add32, b.call("putc"))
	next := Seq(Get(0), I32(1), Add32, Set(0), Get(1), I32(1), Sub32, Set(1))
	b.own["hex"] = b.Func("", "ii", Loop(Get(1), If(Get(0), Load8(0), b.call("byte"), next, Br(1))))
	// put(data, size): printable bytes as they are.
	b.own["put"] = b.FuncLocals("", "ii", "ii",
		Get(1), I32(longText), LtU32, Eqz32, If(
			I32('<'), b.call("putc"), Get(1), b.call("dec"), I32(':'), b.call("putc"),
			Loop(Get(1), If(Get(3), I32(31), Mul32, Get(0), Load8(0), Add32, Set(3), next, Br(1))),
			Get(3), b.call("dec"), I32('>'), b.call("putc"), Return),
		Loop(Get(1), If(
			Get(0), Load8(0), Tee(2), I32(' '), Sub32, I32('~'-' '+1), LtU32, Eqz32,
			If(I32('\\'), b.call("putc"), Get(2), b.call("byte")),
			Get(2), I32(' '), Sub32, I32('~'-' '+1), LtU32, If(Get(2), b.call("putc")),
			next, Br(1))))
	b.own["flush"] = b.Func("", "",
		I32(2), I32(lineAt), GlobalGet(b.line), Call(b.host["log"]), Drop, I32(0), GlobalSet(b.line))
}
