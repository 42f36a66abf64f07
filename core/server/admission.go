package server

import (
	"context"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/wasm"
)

// Admission is what a configuration makes of one module.
type Admission struct {
	Limits  wasm.Limits // of a filter that says nothing of its own
	Filters []Candidate // those that are of the module, by name
}

// Candidate is a filter that was loaded and configured.
type Candidate struct {
	Name   string
	Limits wasm.Limits
	// Refused is why its module is not taken: it is another than the table says.
	// Failed is why it could not be loaded or configured.
	Refused, Failed error
}

// Admit loads and configures each filter of a configuration whose module is that
// file, whose content is code, and ends it again. Nothing is opened but files.
// The error is of the configuration.
func Admit(ctx context.Context, o Options, file string, code []byte) (*Admission, error) {
	cfg, err := o.load()
	if err != nil {
		return nil, err
	}
	wanted, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	s, err := begin(o, cfg)
	if err != nil {
		return nil, err
	}
	defer s.close()
	b := s.newBuilder(cfg)
	defer b.close()
	clusters := map[string]*cluster.Cluster{}
	b.makeClusters(clusters)
	s.caller.Use(clusters)
	b.readKeys()
	if len(b.problems) > 0 {
		return nil, b.problems
	}
	a := &Admission{Limits: b.filters.limits(&config.Filter{}, code)}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(cfg.Filters)) {
		if info, err := os.Stat(cfg.Filters[name].Module); err == nil && os.SameFile(info, wanted) {
			names = append(names, name)
		}
	}
	b.filters.loaded = s.loadModules(ctx, cfg, names)
	for _, name := range names {
		table := cfg.Filters[name]
		a.Filters = append(a.Filters, b.filters.try(ctx, name, &table, code))
	}
	return a, nil
}

// try makes one filter.
func (f *filters) try(ctx context.Context, name string, table *config.Filter, code []byte) Candidate {
	c := Candidate{Name: name, Limits: f.limits(table, code)}
	m, err := f.module(table)
	if err != nil {
		c.Refused = err
		return c
	}
	made, err := f.of(ctx, use{name, f.ofConnections(name)}, table, m)
	if err != nil {
		c.Failed = err
		return c
	}
	made.Close()
	return c
}

// ofConnections says whether a filter is one of connections: a TCP service names it.
func (f *filters) ofConnections(name string) bool {
	return slices.ContainsFunc(f.cfg.TCP, func(t config.TCP) bool { return slices.Contains(t.Filters, name) })
}

// limits are those of a filter of that code.
func (f *filters) limits(t *config.Filter, code []byte) wasm.Limits {
	const page = 64 << 10
	return wasm.Limits{
		MemoryPages: uint32(f.cfg.Wasm.MemoryOf(t, isGo(code)) / page),
		Budget:      time.Duration(f.cfg.Wasm.BudgetOf(t)),
		HostCalls:   f.cfg.Wasm.HostCalls,
	}
}
