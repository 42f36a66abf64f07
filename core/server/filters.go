package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/abi"
	"github.com/weirproxy/weir/core/abi/httpwasm"
	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/source"
	"github.com/weirproxy/weir/core/wasm"
	"github.com/weirproxy/weir/core/wasm/signature"
)

// Builtins are the filters that the binary brings along.
type Builtins interface {
	// Module is the Wasm module that holds all of them.
	Module() ([]byte, error)
	// Names are their root ids.
	Names() []string
	// Clusters are the keys of a filter's config that name a cluster, and whether the
	// filter calls it.
	Clusters(filter string) map[string]bool
}

// filters makes the filters of one snapshot, each once.
type filters struct {
	server *Server
	cfg    *config.Config
	made   map[use]filter.Filter
	loaded *source.Loaded
	own    module            // of the built-in filters, once one is asked for
	keys   []signature.Named // that modules are signed by
}

// use is a filter where it is named: by requests, or by the connections of a TCP
// service. One that both name is made twice.
type use struct {
	name        string
	connections bool
}

// module is a Wasm binary that was read, its hash and the ABI it speaks.
type module struct {
	code []byte
	hash wasm.Hash
	abi  abi.ABI
}

// get makes a filter, or finds it.
func (f *filters) get(ctx context.Context, u use) (filter.Filter, error) {
	if made := f.made[u]; made != nil {
		return made, nil
	}
	table := f.cfg.Filters[u.name]
	made, err := f.make(ctx, u, &table)
	if err != nil {
		return nil, err
	}
	f.made[u] = made
	return made, nil
}

// make has the host of the module's ABI make the filter.
func (f *filters) make(ctx context.Context, u use, t *config.Filter) (filter.Filter, error) {
	m, err := f.module(t)
	if err != nil {
		return nil, err
	}
	return f.of(ctx, u, t, m)
}

var errHTTPWasm = errors.New("the module is of http-wasm, which knows requests alone: name it in the filters of a route, not in those of [[tcp]]")

// of makes a filter of that module.
func (f *filters) of(ctx context.Context, u use, t *config.Filter, m module) (filter.Filter, error) {
	if m.abi == abi.HTTPWasm {
		if u.connections {
			return nil, errHTTPWasm
		}
		spec, err := f.httpWasm(u.name, t, m)
		if err != nil {
			return nil, err
		}
		return f.server.httpFilters.Filter(ctx, spec)
	}
	spec, err := f.proxyWasm(u.name, t, m)
	if err != nil {
		return nil, err
	}
	spec.Connections = u.connections
	made, err := f.server.filters.Filter(ctx, spec)
	if err != nil || !t.Security || t.OnPause != stopIteration || made.Phases()&(filter.PhaseRequestBody|filter.PhaseResponseBody) != 0 {
		return made, err
	}
	made.Close()
	return nil, errUnseenBody
}

// stopIteration is the on_pause by which filters see the body behind a head they hold.
const stopIteration = "stop_iteration"

var errUnseenBody = errors.New(`on_pause is "stop_iteration", but the module has no callback for bodies, and what a security filter holds waits for the filter's own answer; leave on_pause out`)

// close ends all that were made.
func (f *filters) close() {
	for _, made := range f.made {
		made.Close()
	}
}

// httpWasm is what the host of http-wasm needs to know of a filter's table.
func (f *filters) httpWasm(name string, t *config.Filter, m module) (s httpwasm.Spec, err error) {
	for key, given := range map[string]bool{"root_id": t.RootID != "", "vm": t.VM != "", "vm_config": t.VMConfig != nil, "calls": len(t.Calls) > 0} {
		if given {
			return s, fmt.Errorf("%s is given, but the module is of http-wasm, which knows nothing of the kind; leave it out", key)
		}
	}
	s = httpwasm.Spec{
		Name: name, Code: m.code, Hash: m.hash, Env: t.Env, LogLines: f.cfg.Wasm.LogLines,
		Instances: f.cfg.Wasm.InstancesOf(t), Wait: time.Duration(f.cfg.Wasm.InstanceWait),
		Security: t.Security, OnError: onError(t.OnError),
	}
	l := f.limits(t, m.code)
	s.MemoryPages, s.Budget, s.HostCalls = l.MemoryPages, l.Budget, l.HostCalls
	if s.Config, err = config.FilterConfigJSON(t.Config); err != nil {
		return s, fmt.Errorf("reading config: %w", err)
	}
	return s, nil
}

// proxyWasm is what the host of proxy-wasm needs to know of a filter's table.
func (f *filters) proxyWasm(name string, t *config.Filter, m module) (proxywasm.Spec, error) {
	s := proxywasm.Spec{
		Name: name, RootID: t.RootID, VM: t.VM, Env: t.Env, Calls: t.Calls,
		LogLines: f.cfg.Wasm.LogLines, MetricSeries: f.cfg.Wasm.MetricSeries, SharedData: int64(f.cfg.Wasm.SharedData),
		MinTick: time.Duration(f.cfg.Wasm.MinTick), MaxCalls: f.cfg.Wasm.MaxCalls, Lanes: f.cfg.Wasm.Lanes,
		BufferOnPause: t.OnPause == stopIteration || parsesBodies(t.Use), Security: t.Security, OnError: onError(t.OnError),
	}
	var err error
	if s.Config, err = config.FilterConfigJSON(t.Config); err != nil {
		return s, fmt.Errorf("reading config: %w", err)
	}
	if s.VMConfig, err = config.FilterConfigJSON(t.VMConfig); err != nil {
		return s, fmt.Errorf("reading vm_config: %w", err)
	}
	s.Code, s.Hash = m.code, m.hash
	if t.VM == "" && parsesBodies(t.Use) {
		s.VM = proxywasm.OwnVM
	}
	l := f.limits(t, s.Code)
	s.MemoryPages, s.Budget, s.HostCalls = l.MemoryPages, l.Budget, l.HostCalls
	return s, nil
}

// parsesBodies says whether a built-in filter is of those that read what
// clients send deeply enough to share their fate with no other filter. They hold
// heads until they have seen the body.
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

// module is a filter's: one of the built-in ones, or what was loaded for it.
func (f *filters) module(t *config.Filter) (module, error) {
	if t.Use != "" {
		return f.builtin(t.Use)
	}
	m := f.loaded.Module(requestOf(t))
	switch {
	case m.Err != nil:
		return module{}, m.Err
	case t.SHA256 != "" && !strings.EqualFold(m.Sum.String(), t.SHA256):
		return module{}, fmt.Errorf("checking module %q: its SHA-256 is %v; if that is the module you mean, put it into sha256", m.Name(), m.Sum)
	}
	if err := f.checkSigned(t, m.Code); err != nil {
		return module{}, err
	}
	kind, err := abi.Of(m.Code)
	if err != nil {
		return module{}, fmt.Errorf("loading module %q: %w", m.Name(), err)
	}
	return module{m.Code, wasm.Hash(m.Sum), kind}, nil
}

// builtin is the module of all built-in filters. It is read and hashed once: it
// has megabytes.
func (f *filters) builtin(name string) (module, error) {
	all := f.server.opt.Builtins
	if !slices.Contains(all.Names(), name) {
		return module{}, fmt.Errorf("use = %q: there is no built-in filter of that name%s", name, config.DidYouMean(name, all.Names()))
	}
	if f.own.code == nil {
		var err error
		if f.own, err = f.server.takeOwn(); err != nil {
			return module{}, err
		}
	}
	return f.own, nil
}
