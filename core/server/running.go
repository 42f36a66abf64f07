package server

import (
	"context"
	"errors"
	"io"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/wasm"
)

// Running is what runs at one moment, for those who explain it. They change
// nothing of it.
type Running struct {
	Config   *config.Config
	Engine   *wasm.Engine
	Builtins Builtins
	Version  string
	Clusters map[string]*cluster.Cluster
}

var errNobodyExplains = errors.New("this process explains nothing")

// Explain answers a question about what runs, one at a time.
func (v views) Explain(ctx context.Context, question io.Reader) (answer any, err error) {
	if v.opt.Explain == nil {
		return nil, errNobodyExplains
	}
	v.explaining.Lock()
	defer v.explaining.Unlock()
	v.proxy.Snapshot(func(s *proxy.Snapshot) {
		answer, err = v.opt.Explain(ctx, Running{
			Config: v.cfg.Load(), Engine: v.engine, Builtins: v.opt.Builtins, Version: v.opt.Version, Clusters: s.Clusters,
		}, question)
	})
	return answer, err
}
