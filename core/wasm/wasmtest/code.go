package wasmtest

import (
	"encoding/binary"
)

// Code is encoded instructions.
type Code []byte

// Seq is one after the other.
func Seq(parts ...Code) Code {
	var c Code
	for _, p := range parts {
		c = append(c, p...)
	}
	return c
}

// Constants.
func I32(v int32) Code { return Seq(Code{0x41}, signed(int64(v))) }
func I64(v int64) Code { return Seq(Code{0x42}, signed(v)) }

// Locals and globals.
func Get(local uint32) Code        { return op(0x20, local) }
func Set(local uint32) Code        { return op(0x21, local) }
func Tee(local uint32) Code        { return op(0x22, local) }
func GlobalGet(global uint32) Code { return op(0x23, global) }
func GlobalSet(global uint32) Code { return op(0x24, global) }

// Calls.
func Call(function uint32) Code    { return op(0x10, function) }
func CallIndirect(typ uint32) Code { return Seq(op(0x11, typ), Code{0}) }
func Block(body ...Code) Code      { return Seq(Code{0x02, 0x40}, Seq(body...), Code{0x0b}) }
func Loop(body ...Code) Code       { return Seq(Code{0x03, 0x40}, Seq(body...), Code{0x0b}) }
func If(body ...Code) Code         { return Seq(Code{0x04, 0x40}, Seq(body...), Code{0x0b}) }
func Br(depth uint32) Code         { return op(0x0c, depth) }
func BrIf(depth uint32) Code       { return op(0x0d, depth) }
func Load8(offset uint32) Code     { return Seq(Code{0x2d, 0}, unsigned(uint64(offset))) }
func Load32(offset uint32) Code    { return Seq(Code{0x28, 2}, unsigned(uint64(offset))) }
func Load64(offset uint32) Code    { return Seq(Code{0x29, 3}, unsigned(uint64(offset))) }
func Store8(offset uint32) Code    { return Seq(Code{0x3a, 0}, unsigned(uint64(offset))) }
func Store32(offset uint32) Code   { return Seq(Code{0x36, 2}, unsigned(uint64(offset))) }
func Store64(offset uint32) Code   { return Seq(Code{0x37, 3}, unsigned(uint64(offset))) }

// Instructions without operands.
var (
	Unreachable = Code{0x00}
	Return      = Code{0x0f}
	Drop        = Code{0x1a}
	MemorySize  = Code{0x3f, 0}
	MemoryGrow  = Code{0x40, 0}
	MemoryFill  = Code{0xfc, 0x0b, 0}
	MemoryCopy  = Code{0xfc, 0x0a, 0, 0}

	Eqz32  = Code{0x45}
	Eq32   = Code{0x46}
	Ne32   = Code{0x47}
	LtU32  = Code{0x49}
	Add32  = Code{0x6a}
	Sub32  = Code{0x6b}
	Mul32  = Code{0x6c}
	DivU32 = Code{0x6e}
	And32  = Code{0x71}
	Or32   = Code{0x72}

	Add64  = Code{0x7c}
	Sub64  = Code{0x7d}
	Wrap   = Code{0xa7} // i64 to i32
	Extend = Code{0xad} // i32 to i64, unsigned
)

func op(code byte, operand uint32) Code {
	return Seq(Code{code}, unsigned(uint64(operand)))
}

// unsigned is LEB128.
func unsigned(v uint64) Code { return binary.AppendUvarint(nil, v) }

// signed is signed LEB128.
func signed(v int64) Code {
	var c Code
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			return append(c, b)
		}
		c = append(c, b|0x80)
	}
}

func text(s string) Code { return Seq(unsigned(uint64(len(s))), Code(s)) }

// sized has its length before it.
func sized(c Code) Code { return Seq(unsigned(uint64(len(c))), c) }

func limits(least, most uint32) Code {
	if most == 0 {
		return Seq(Code{0}, unsigned(uint64(least)))
	}
	return Seq(Code{1}, unsigned(uint64(least)), unsigned(uint64(most)))
}

// section is a list under its number, nothing when empty.
func section(id byte, items []Code) Code {
	if len(items) == 0 {
		return nil
	}
	return Seq(Code{id}, sized(Seq(unsigned(uint64(len(items))), Seq(items...))))
}

func one(c Code) []Code {
	if c == nil {
		return nil
	}
	return []Code{c}
}
