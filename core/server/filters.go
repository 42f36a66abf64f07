package server

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/wasm"
)

// Builtins are the filters that the binary brings along.
type Builtins interface {
	// Module is the Wasm module that holds all of them.
	Module() ([]byte, error)
	// Names are their root ids.
	Names() []string
}

// maxModule bounds a module's file, in bytes.
const maxModule = 64 << 20

// filters makes the filters of one snapshot, each once.
type filters struct {
	server *Server
	cfg    *config.Config
	made   map[string]filter.Filter
	read   map[string]module // by path, "" for that of the built-in ones
}

// module is a Wasm binary that was read, and its hash.
type module struct {
	code []byte
	hash wasm.Hash
}

// get makes the filter of that name, or finds it.
func (f *filters) get(ctx context.Context, name string) (filter.Filter, error) {
	if made := f.made[name]; made != nil {
		return made, nil
	}
	table := f.cfg.Filters[name]
	spec, err := f.spec(name, &table)
	if err != nil {
		return nil, err
	}
	made, err := f.server.filters.Filter(ctx, spec)
	if err != nil {
		return nil, err
	}
	f.made[name] = made
	return made, nil
}

// close ends all that were made.
func (f *filters) close() {
	for _, made := range f.made {
		made.Close()
	}
}

// spec is what the ABI needs to know of a filter's table.
func (f *filters) spec(name string, t *config.Filter) (proxywasm.Spec, error) {
	s := proxywasm.Spec{
		Name: name, RootID: t.RootID, VM: t.VM, Env: t.Env, Calls: t.Calls,
		Budget: time.Duration(f.cfg.Wasm.BudgetOf(t)), HostCalls: f.cfg.Wasm.HostCalls,
		LogLines: f.cfg.Wasm.LogLines, MetricSeries: f.cfg.Wasm.MetricSeries, SharedData: int64(f.cfg.Wasm.SharedData),
		MinTick: time.Duration(f.cfg.Wasm.MinTick), MaxCalls: f.cfg.Wasm.MaxCalls, Lanes: f.cfg.Wasm.Lanes,
		BufferOnPause: t.OnPause == "stop_iteration", Security: t.Security, OnError: onError(t.OnError),
	}
	var err error
	if s.Config, err = config.FilterConfigJSON(t.Config); err != nil {
		return s, fmt.Errorf("reading config: %w", err)
	}
	if s.VMConfig, err = config.FilterConfigJSON(t.VMConfig); err != nil {
		return s, fmt.Errorf("reading vm_config: %w", err)
	}
	m, err := f.module(t)
	if err != nil {
		return s, err
	}
	s.Code, s.Hash = m.code, m.hash
	if t.VM == "" && parsesBodies(t.Use) {
		s.VM = proxywasm.OwnVM
	}
	const page = 64 << 10
	s.MemoryPages = uint32(f.cfg.Wasm.MemoryOf(t, isGo(s.Code)) / page)
	return s, nil
}

// parsesBodies says whether a built-in filter is of those that read what
// clients send deeply enough to share their fate with no other filter.
func parsesBodies(builtin string) bool {
	switch builtin {
	case "transform", "validate", "waf":
		return true
	}
	return false
}

// isGo says whether a module was built with Go, whose collector needs more
// room: the toolchain leaves a section of this name.
func isGo(code []byte) bool {
	return strings.Contains(string(code[:min(len(code), 4<<10)]), "go:buildid") || strings.Contains(string(code[max(0, len(code)-64<<10):]), "go:buildid")
}

func onError(p config.OnError) filter.OnError {
	if p == config.OnErrorOpen {
		return filter.FailOpen
	}
	return filter.FailClosed
}

// module is a filter's. Each is read and hashed once: filters often share one,
// and it has megabytes.
func (f *filters) module(t *config.Filter) (module, error) {
	read := func() ([]byte, error) { return readModule(t.Module) }
	path := t.Module
	if t.Use != "" {
		all := f.server.opt.Builtins
		if !slices.Contains(all.Names(), t.Use) {
			return module{}, fmt.Errorf("use = %q: there is no built-in filter of that name; there are %s", t.Use, strings.Join(all.Names(), ", "))
		}
		read, path = all.Module, ""
	}
	m, ok := f.read[path]
	if !ok {
		code, err := read()
		if err != nil {
			return module{}, err
		}
		m = module{code, wasm.HashOf(code)}
		f.read[path] = m
	}
	if t.Use == "" && t.SHA256 != "" && !strings.EqualFold(m.hash.String(), t.SHA256) {
		return module{}, fmt.Errorf("checking module %q: its SHA-256 is %v; if that is the module you mean, put it into sha256", t.Module, m.hash)
	}
	return m, nil
}

func readModule(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading module %q: %w", path, err)
	case info.Size() > maxModule:
		return nil, fmt.Errorf("reading module %q: it has %d bytes, more than %d", path, info.Size(), maxModule)
	}
	code, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("reading module %q: %w", path, err)
	}
	return code, nil
}

// chains makes the chains of one snapshot; routes with equal filters share one.
type chains struct {
	filters *filters
	held    int64
	made    map[string]*chain.Chain
}

func (c *chains) get(names []string) *chain.Chain {
	key := strings.Join(names, "\x00")
	if made := c.made[key]; made != nil {
		return made
	}
	links := make([]chain.Link, 0, len(names))
	for _, name := range names {
		if made := c.filters.made[name]; made != nil {
			links = append(links, chain.Link{Filter: made, OnError: onError(c.filters.cfg.Filters[name].OnError)})
		}
	}
	made := chain.New(links, c.held)
	c.made[key] = made
	return made
}
