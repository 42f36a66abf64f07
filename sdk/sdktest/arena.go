package sdktest

// arena is the memory for one callback's answers.
type arena struct {
	block []byte
	full  [][]byte // earlier blocks of this callback
}

// keep copies b: what a guest gets is never the host's own memory.
func (a *arena) keep(b []byte) []byte {
	if cap(a.block)-len(a.block) < len(b) {
		if len(a.block) > 0 {
			a.full = append(a.full, a.block)
		}
		a.block = make([]byte, 0, max(1024, 2*cap(a.block), len(b)))
	}
	at := len(a.block)
	a.block = append(a.block, b...)
	return a.block[at:len(a.block):len(a.block)]
}

// spoil overwrites what was handed out: the callback is over.
func (a *arena) spoil() {
	for _, b := range a.full {
		spoil(b)
	}
	spoil(a.block)
	a.full = nil
	a.block = a.block[:0]
}

func spoil(b []byte) {
	for i := range b {
		b[i] = 0xdd
	}
}
