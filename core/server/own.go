package server

import (
	"github.com/weirproxy/weir/core/abi"
	"github.com/weirproxy/weir/core/wasm"
)

// ownModule answers with the module of all built-in filters.
type ownModule func() (module, error)

// readOwn begins to read it, and to reckon its hash, beside what else a start does: it
// has megabytes.
func readOwn(all Builtins) ownModule {
	type result struct {
		module
		err error
	}
	read := make(chan result, 1)
	go func() {
		m, err := loadOwn(all)
		read <- result{m, err}
	}()
	return func() (module, error) {
		r := <-read
		return r.module, r.err
	}
}

// takeOwn is the module as a start has read it, or read now. It is not kept here.
func (s *Server) takeOwn() (module, error) {
	if read := s.own; read != nil {
		s.own = nil
		return read()
	}
	return loadOwn(s.opt.Builtins)
}

func loadOwn(all Builtins) (module, error) {
	code, err := all.Module()
	if err != nil {
		return module{}, err
	}
	return module{code: code, hash: wasm.HashOf(code), abi: abi.ProxyWasm}, nil
}
