//go:build unix

package wasm

import "syscall"

// reserve takes address space only: neither memory nor commit charge.
func (m *linear) reserve(limit uint64) error {
	if limit == 0 {
		return nil
	}
	b, err := syscall.Mmap(-1, 0, int(limit), syscall.PROT_NONE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	m.reserved = b
	return err
}

// commit makes the first size bytes usable. Pages come zeroed, when touched.
func (m *linear) commit(size uint64) error {
	have := uint64(len(m.buf))
	if size <= have {
		return nil
	}
	return syscall.Mprotect(m.reserved[have:size], syscall.PROT_READ|syscall.PROT_WRITE)
}

func (m *linear) release() {
	if m.reserved == nil {
		return
	}
	// Unmapping a whole mapping of our own fails on a wrong argument only.
	if err := syscall.Munmap(m.reserved); err != nil {
		panic(err)
	}
	m.reserved = nil
}
