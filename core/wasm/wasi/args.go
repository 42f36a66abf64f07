package wasi

// argsSizesGet answers that there are none.
func argsSizesGet(g Guest, a []uint64) errno {
	if !g.WriteU32(uint32(a[0]), 0) || !g.WriteU32(uint32(a[1]), 0) {
		return fault
	}
	return ok
}

// environSizesGet writes how many variables there are, and their bytes.
func environSizesGet(g Guest, a []uint64) errno {
	env := g.Environ()
	size := 0
	for _, v := range env {
		size += len(v) + 1
	}
	if !g.WriteU32(uint32(a[0]), uint32(len(env))) || !g.WriteU32(uint32(a[1]), uint32(size)) {
		return fault
	}
	return ok
}

// environGet writes the variables, each ended by a zero byte, and a list of
// pointers to them.
func environGet(g Guest, a []uint64) errno {
	list, at := uint32(a[0]), uint32(a[1])
	for i, v := range g.Environ() {
		n := uint32(len(v))
		text, within := g.Read(at, n+1)
		if !within || !g.WriteU32(list+4*uint32(i), at) {
			return fault
		}
		copy(text, v)
		text[n] = 0
		at += n + 1
		g.Charge(int64(n))
	}
	return ok
}
