package wasm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/wasm/meter"
)

// Limits bound each instance of a module. Zero values stand for the defaults.
type Limits struct {
	// MemoryPages is the most memory an instance may have, in 64 KiB. Default
	// 512 (32 MiB), for Go guests 1024: their collector needs the room.
	MemoryPages uint32
	// Budget is the fuel and host work of one callback, in about the time they
	// take. Default 10 ms.
	Budget time.Duration
	// HostCalls is how many host functions one callback may call. Default 10000.
	HostCalls int
}

// The defaults of Limits.
const (
	DefaultMemoryPages   = 512
	DefaultGoMemoryPages = 1024
	DefaultHostCalls     = 10000
)

// maxMemoryPages is all that Wasm can address.
const maxMemoryPages = 1 << 16

func (l Limits) check() error {
	switch {
	case l.MemoryPages > maxMemoryPages:
		return fmt.Errorf("memory limit of %d pages: Wasm has at most %d", l.MemoryPages, maxMemoryPages)
	case l.Budget < 0:
		return fmt.Errorf("budget %v: must not be negative", l.Budget)
	case l.HostCalls < 0:
		return fmt.Errorf("limit of %d host calls: must not be negative", l.HostCalls)
	}
	return nil
}

// withDefaults are the limits that hold for a module that may have so many
// pages of memory.
func (l Limits) withDefaults(pages uint32) Limits {
	l.MemoryPages = pages
	if l.Budget == 0 {
		l.Budget = DefaultBudget
	}
	if l.HostCalls == 0 {
		l.HostCalls = DefaultHostCalls
	}
	return l
}

// Source is a module to load.
type Source struct {
	Name    string // in errors
	Code    []byte // a Wasm binary
	Hash    Hash   // its SHA-256; zero: it is reckoned
	Limits  Limits
	Resolve Resolver // finds what it imports beside WASI; nil: nothing
}

// Hash is the SHA-256 of a module's binary.
type Hash [32]byte

// HashOf is the hash of a binary.
func HashOf(code []byte) Hash { return sha256.Sum256(code) }

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// contentKey is what compiled code depends on.
type contentKey struct {
	hash  Hash
	pages uint32 // as asked for: 0 is the default
}

// shared is compiled code, used by all Modules of equal content and memory
// limit, and the runtime that its instances live in. It has one to itself
// because wazero's cache is a runtime's, and an entry of ours is a module's.
type shared struct {
	key     contentKey
	cache   wazero.CompilationCache // nil without
	runtime wazero.Runtime
	code    wazero.CompiledModule
	info    meter.Info
	pages   uint32
	refs    int // guarded by Engine.mu
}

// Module is a compiled module with its imports resolved: what a [VM] is made
// of. Each Load gives one, to be closed. The code behind it is shared.
type Module struct {
	engine *Engine
	name   string
	shared *shared
	limits Limits
	hosts  *hosts

	mu   sync.Mutex
	refs int // the loader's, and each VM's
}

// Name is the Source's.
func (m *Module) Name() string { return m.name }

// Hash is the content's, as it was given.
func (m *Module) Hash() Hash { return m.shared.key.hash }

// Info is what the meter found.
func (m *Module) Info() meter.Info { return m.shared.info }

// Limits are those that hold, defaults filled in.
func (m *Module) Limits() Limits { return m.limits }

// Export is the type of an exported function.
func (m *Module) Export(name string) (params, results []api.ValueType, ok bool) {
	d, ok := m.shared.code.ExportedFunctions()[name]
	if !ok {
		return nil, nil, false
	}
	return d.ParamTypes(), d.ResultTypes(), true
}

// retain keeps the module for one more user.
func (m *Module) retain() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refs == 0 {
		return fmt.Errorf("module %q is closed", m.name)
	}
	m.refs++
	return nil
}

// Close gives the module back. VMs made of it go on, and keep it until they
// are closed.
func (m *Module) Close() {
	m.mu.Lock()
	m.refs--
	last := m.refs == 0
	m.mu.Unlock()
	if last {
		m.hosts.close(context.Background())
		m.engine.release(m.shared)
	}
}
