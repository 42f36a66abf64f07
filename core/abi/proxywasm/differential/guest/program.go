package guest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
)

// Program is what the guest does in its callbacks. In those that are not named
// it does nothing.
type Program []Callback

// Callback is what is done in one of them.
type Callback struct {
	name  string
	steps []Step
}

// On is a callback, by its name without "proxy_on_". It answers 0, but for
// vm_start, configure and done, which answer 1, unless a step says otherwise.
func On(name string, steps ...Step) Callback { return Callback{name, steps} }

// Trace has each callback logged, with its arguments, before its steps. The
// contexts of streams are numbered from 1 in the order they are made; numbers
// that the host chose are left out.
func Trace() Callback { return Callback{name: "trace"} }

// String is the program as a configuration has it.
func (p Program) String() string {
	w := &writer{table: make([]uint32, 1+len(callbacks))}
	for _, c := range p {
		if c.name == "trace" {
			w.table[0] = flagTrace
			continue
		}
		n := slices.IndexFunc(callbacks, func(k callback) bool { return k.name == c.name })
		if n < 0 {
			panic(fmt.Sprintf("guest: no callback is called %q", c.name))
		}
		w.table[1+n] = w.here()
		w.steps(c.steps)
		w.word(opEnd)
	}
	return w.text()
}

// writer puts a program together: a table of where the callbacks' code begins,
// the code, and the texts in it. All are words of four bytes, but for texts.
type writer struct {
	table []uint32
	code  []uint32
	data  []byte
	texts []int // words of the code that hold an offset in data
}

func (w *writer) word(v ...uint32) { w.code = append(w.code, v...) }

// here is where the next word will be, in bytes from the program's begin.
func (w *writer) here() uint32 { return uint32(4 * (len(w.table) + len(w.code))) }

func (w *writer) steps(steps []Step) {
	for _, s := range steps {
		s(w)
	}
}

// string writes the offset and the length of a text.
func (w *writer) string(s string) {
	w.texts = append(w.texts, len(w.code))
	w.word(uint32(len(w.data)), uint32(len(s)))
	w.data = append(w.data, s...)
}

func (w *writer) text() string {
	begin := w.here()
	for _, at := range w.texts {
		w.code[at] += begin
	}
	var b []byte
	for _, v := range append(w.table, w.code...) {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return hex.EncodeToString(append(b, w.data...))
}
