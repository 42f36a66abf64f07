package coding

import (
	"errors"
	"sync"
	"sync/atomic"
)

// Encoders makes encoders. All methods may be called from any goroutine.
type Encoders struct {
	most  atomic.Int64 // bytes
	used  atomic.Int64
	pools [Zstd + 1][Smallest + 1]sync.Pool // of *Encoder
}

// New makes Encoders. memory bounds what those in use hold together, in bytes.
func New(memory int64) *Encoders {
	s := &Encoders{}
	s.SetMemory(memory)
	return s
}

// SetMemory changes the bound. Encoders in use stay.
func (s *Encoders) SetMemory(memory int64) { s.most.Store(memory) }

// Used is what the encoders in use hold, in bytes.
func (s *Encoders) Used() int64 { return s.used.Load() }

// The errors of Get.
var (
	ErrUnknown = errors.New("no such coding or level")
	ErrFull    = errors.New("the memory for encoders is in use")
)

// Get is an encoder for one body, to be closed.
func (s *Encoders) Get(c Coding, level int) (*Encoder, error) {
	if !Valid(c, level) {
		return nil, ErrUnknown
	}
	k := &kinds[c][level]
	if s.used.Add(k.memory) > s.most.Load() {
		s.used.Add(-k.memory)
		return nil, ErrFull
	}
	pool := &s.pools[c][level]
	e, _ := pool.Get().(*Encoder)
	if e == nil {
		e = &Encoder{engine: k.make(), home: s, kind: k, pool: pool}
	}
	e.cost = perBody
	e.engine.Reset(&e.out)
	return e, nil
}

// perBody is about what getting an encoder ready costs, in nanoseconds.
const perBody = 10_000

// put takes an encoder back. Get has it forget the body, and what lies idle may
// be collected.
func (s *Encoders) put(e *Encoder) {
	s.used.Add(-e.kind.memory)
	e.pool.Put(e)
}

// kind is what encoders of a coding and a level are.
type kind struct {
	make    func() engine
	memory  int64 // bytes that one holds at most, its output aside
	perByte int64 // nanoseconds, measured on text
}

// kinds are by coding and level. Several levels may be the same: the scale is
// one for all codings.
var kinds = [Zstd + 1][Smallest + 1]kind{
	Gzip:   gzipKinds(),
	Brotli: brotliKinds(),
	Zstd:   zstdKinds(),
}
