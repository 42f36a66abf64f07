package wasi

import "encoding/binary"

// The descriptors that can be written to.
const (
	stdout = 1
	stderr = 2
)

// maxIOVecs is how many pieces one write may have.
const maxIOVecs = 1024

// fdWrite takes the pieces of a write as output.
func fdWrite(g Guest, a []uint64) errno {
	fd, vecs, count, result := uint32(a[0]), uint32(a[1]), uint32(a[2]), uint32(a[3])
	if fd != stdout && fd != stderr {
		return badf
	}
	if count > maxIOVecs {
		return inval
	}
	list, within := g.Read(vecs, 8*count)
	if !within {
		return fault
	}
	written := uint32(0)
	for ; len(list) > 0; list = list[8:] {
		b, within := g.Read(binary.LittleEndian.Uint32(list), binary.LittleEndian.Uint32(list[4:]))
		if !within {
			return fault
		}
		g.Charge(int64(len(b)))
		g.Print(int(fd), b)
		written += uint32(len(b))
	}
	if !g.WriteU32(result, written) {
		return fault
	}
	return ok
}

// rightToWrite is what a descriptor's state says that it can do.
const rightToWrite = 1 << 6

// fdFdstatGet describes a descriptor: a stream that can be written to.
func fdFdstatGet(g Guest, a []uint64) errno {
	if fd := uint32(a[0]); fd != stdout && fd != stderr {
		return badf
	}
	stat := uint32(a[1])
	if _, within := g.Read(stat, 24); !within {
		return fault
	}
	g.WriteU64(stat, 0)
	g.WriteU64(stat+8, rightToWrite)
	g.WriteU64(stat+16, 0)
	return ok
}
