package guest

//lint:ignore ST1001 instructions are to be read, not their package
import . "github.com/weirproxy/weir/core/wasm/wasmtest"

// entry is the address of an entry of the table of contexts.
func entry(index Code) Code { return Seq(index, I32(entrySize), Mul32, I32(contextsAt), Add32) }

// finding are the functions that know contexts. The table is short: entries
// of streams that ended are taken out.
func (b *builder) finding() {
	// find(id) is the context's entry; without one, address 0, where there is
	// neither an id nor a program.
	b.own["find"] = b.FuncLocals("", "i:i", "i",
		GlobalGet(b.contexts), Set(1),
		Loop(Get(1), If(
			Get(1), I32(1), Sub32, Set(1),
			entry(Get(1)), Load32(entryID), Get(0), Eq32, If(entry(Get(1)), Return),
			Br(1))),
		I32(0))
	// create(id, parent) makes an entry: a stream has its parent's program.
	b.own["create"] = b.FuncLocals("", "ii", "ii",
		entry(GlobalGet(b.contexts)), Set(2), GlobalGet(b.contexts), I32(1), Add32, GlobalSet(b.contexts),
		Get(2), Get(0), Store32(entryID),
		Get(2), I32(0), Store32(entryProgram),
		Get(2), I32(0), Store32(entryNumber),
		Get(1), If(
			Get(1), b.call("find"), Load32(entryProgram), Tee(3), If(
				Get(2), Get(3), Store32(entryProgram),
				Get(3), Get(3), Load32(0), I32(1), Add32, Store32(0),
				Get(2), Get(3), Load32(0), Store32(entryNumber))))
	// adopt(id, program) gives a root its program.
	b.own["adopt"] = b.Func("", "ii", Get(0), b.call("find"), Get(1), Store32(entryProgram))
	// forget(id) takes an entry out: the last moves into its place.
	b.own["forget"] = b.FuncLocals("", "i", "i",
		Get(0), b.call("find"), Tee(1), Eqz32, If(Return),
		GlobalGet(b.contexts), I32(1), Sub32, GlobalSet(b.contexts),
		Get(1), entry(GlobalGet(b.contexts)), I32(entrySize), MemoryCopy)
	b.own["number"] = b.Func("", "i:i", Get(0), b.call("find"), Load32(entryNumber))
	// code(id) is where the context's code begins. Without one that is a place
	// full of zeros: no flags and no callbacks.
	b.own["code"] = b.FuncLocals("", "i:i", "i",
		Get(0), b.call("find"), Load32(entryProgram), Tee(1), If(Get(1), I32(blockCode), Add32, Return),
		I32(nothingAt))
}

// loading reads a program from a configuration: load(buffer, size) is its
// address, 0 for none.
func (b *builder) loading() {
	digit := func(v Code) Code { // '0' is 0x30, 'a' is 0x61
		return Seq(v, Tee(4), I32('a'), LtU32, Eqz32, If(Get(4), I32('a'-'0'-10), Sub32, Set(4)), Get(4), I32('0'), Sub32)
	}
	b.own["load"] = b.FuncLocals("", "ii:i", "iiii",
		Get(0), I32(0), Get(1), I32(cellData), I32(cellSize), Call(b.host["get_buffer_bytes"]), If(I32(0), Return),
		word(cellData), Set(2),
		GlobalGet(b.programs), I32(blockCode), Add32, Set(3),
		Get(1), I32(2), DivU32, Set(5),
		Loop(Get(5), If(
			Get(3), digit(Seq(Get(2), Load8(0))), I32(16), Mul32, digit(Seq(Get(2), Load8(1))), Add32, Store8(0),
			Get(2), I32(2), Add32, Set(2),
			Get(3), I32(1), Add32, Set(3),
			Get(5), I32(1), Sub32, Set(5), Br(1))),
		GlobalGet(b.programs),
		Get(3), I32(7), Add32, I32(-8), And32, GlobalSet(b.programs))
}
