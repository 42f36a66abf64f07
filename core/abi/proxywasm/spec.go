package proxywasm

import (
	"fmt"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/abi/loaded"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/wasm"
)

// Spec is one configured filter.
type Spec struct {
	Name   string // its key in the configuration
	RootID string
	// VM names what shares an instance: filters of one module with an equal VM
	// do. OwnVM is a VM of the filter's own, which Security implies.
	VM   string
	Code []byte    // the module
	Hash wasm.Hash // Code's SHA-256; zero: it is reckoned

	Config   []byte            // on_configure's
	VMConfig []byte            // on_vm_start's
	Env      map[string]string // of the guest
	Calls    []string          // clusters that it may call

	// Connections makes it a filter of TCP connections, by its callbacks of those;
	// else it is one of requests.
	Connections bool

	// Limits; 0 means the default.
	MemoryPages  uint32        // of one instance, 64 KiB each
	Budget       time.Duration // of one callback
	HostCalls    int           // of one callback
	LogLines     int           // per second; default 100
	MetricSeries int           // default 200
	SharedData   int64         // bytes, of the VM; the store's default
	MinTick      time.Duration // shortest timer period; default 100 ms
	MaxCalls     int           // in flight per stream; default 8
	Lanes        int           // instances

	// BufferOnPause makes a PAUSE at the headers hold the head alone: body
	// callbacks go on, and the first that continues releases it.
	BufferOnPause bool
	Security      bool
	OnError       filter.OnError
}

// onPause is what BufferOnPause is called in a configuration.
func (s *Spec) onPause() string {
	if s.BufferOnPause {
		return "stop_iteration"
	}
	return "stop_all"
}

// OwnVM as Spec.VM is a VM that no other filter shares.
const OwnVM = "own"

func (s *Spec) withDefaults() {
	if s.Hash == (wasm.Hash{}) {
		s.Hash = wasm.HashOf(s.Code)
	}
	if s.Security && s.VM == "" {
		s.VM = OwnVM
	}
	if s.LogLines <= 0 {
		s.LogLines = 100
	}
	if s.MetricSeries <= 0 {
		s.MetricSeries = 200
	}
	if s.MinTick <= 0 {
		s.MinTick = 100 * time.Millisecond
	}
	if s.MaxCalls <= 0 {
		s.MaxCalls = 8
	}
}

// check says what is wrong with a spec.
func (s *Spec) check() error { return loaded.Check(s.Name, s.Code, s.Security, s.OnError) }

// vmKey tells apart what cannot share a VM.
func (s *Spec) vmKey() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %q %q", s.Hash, s.VM, s.VMConfig)
	if s.VM == OwnVM {
		fmt.Fprintf(&b, " of %q", s.Name)
	}
	loaded.WriteEnv(&b, s.Env)
	fmt.Fprintf(&b, " %d %d %d %d", s.MemoryPages, s.Budget, s.HostCalls, s.Lanes)
	return b.String()
}

// key tells apart filters that are not the same.
func (s *Spec) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%q %q %q %q", s.vmKey(), s.Name, s.RootID, s.Config, s.Calls)
	fmt.Fprintf(&b, " %d %d %d %d %d", s.LogLines, s.MetricSeries, s.SharedData, s.MinTick, s.MaxCalls)
	fmt.Fprintf(&b, " %t %t %d %t", s.BufferOnPause, s.Security, s.OnError, s.Connections)
	return b.String()
}

// vmID is what the filter is told its VM is called.
func (s *Spec) vmID() string {
	if s.VM == OwnVM {
		return s.Name
	}
	return s.VM
}

// namespace is where its shared data lies. It survives a new version of the
// module where the configuration gives it a name that does.
func (s *Spec) namespace() string {
	switch s.VM {
	case OwnVM:
		return "filter:" + s.Name
	case "":
		return "module:" + s.Hash.String()
	}
	return vmNamespace(s.VM)
}

func vmNamespace(vm string) string { return "vm:" + vm }
