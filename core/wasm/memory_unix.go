//go:build unix

package wasm

import "golang.org/x/sys/unix"

// reserve takes address space only: neither memory nor commit charge.
func (m *linear) reserve(limit uint64) error {
	if limit == 0 {
		return nil
	}
	b, err := unix.Mmap(-1, 0, int(limit), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
	m.reserved = b
	return err
}

// commit makes the first size bytes usable. Pages come zeroed, when touched.
func (m *linear) commit(size uint64) error {
	have := uint64(len(m.buf))
	if size <= have {
		return nil
	}
	return unix.Mprotect(m.reserved[have:size], unix.PROT_READ|unix.PROT_WRITE)
}

func (m *linear) release() {
	if m.reserved == nil {
		return
	}
	// Unmapping a whole mapping of our own fails on a wrong argument only.
	if err := unix.Munmap(m.reserved); err != nil {
		panic(err)
	}
	m.reserved = nil
}
