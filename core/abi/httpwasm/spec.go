package httpwasm

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
	Name string    // its key in the configuration
	Code []byte    // the module
	Hash wasm.Hash // Code's SHA-256; zero: it is reckoned

	Config []byte            // get_config's
	Env    map[string]string // of the guest

	// Limits; 0 means the default.
	MemoryPages uint32        // of one instance, 64 KiB each
	Budget      time.Duration // of one callback
	HostCalls   int           // of one callback
	LogLines    int           // per second; default 100
	Instances   int           // at most, one for each stream under way; default 128
	// Wait is how long a stream waits for an instance when all are in use, before
	// it is answered 503. 0: it does not.
	Wait time.Duration

	Security bool
	OnError  filter.OnError
}

// defaultInstances are enough for 1,280 requests a second to an upstream that
// takes 100 ms, and at 4 MiB for a guest built with Go half a GiB.
const defaultInstances = 128

func (s *Spec) withDefaults() {
	if s.Hash == (wasm.Hash{}) {
		s.Hash = wasm.HashOf(s.Code)
	}
	if s.LogLines <= 0 {
		s.LogLines = 100
	}
	if s.Instances <= 0 {
		s.Instances = defaultInstances
	}
}

// check says what is wrong with a spec.
func (s *Spec) check() error { return loaded.Check(s.Name, s.Code, s.Security, s.OnError) }

// key tells apart filters that are not the same.
func (s *Spec) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %v %q", s.Name, s.Hash, s.Config)
	loaded.WriteEnv(&b, s.Env)
	fmt.Fprintf(&b, " %d %d %d %d %d %d", s.MemoryPages, s.Budget, s.HostCalls, s.LogLines, s.Instances, s.Wait)
	return b.String()
}
