//go:build !unix

package wasm

// reserve is a plain allocation where there is no mmap: the system gives pages
// when they are touched.
func (m *linear) reserve(limit uint64) error {
	m.reserved = make([]byte, limit)
	return nil
}

func (m *linear) commit(uint64) error { return nil }

func (m *linear) release() { m.reserved = nil }
