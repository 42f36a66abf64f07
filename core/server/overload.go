package server

import (
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/overload"
)

// applyOverload lets the memory be watched as cfg says.
func (s *Server) applyOverload(cfg *config.Config) {
	o := &cfg.Overload
	set := overload.Settings{Thresholds: overload.Thresholds{o.Shrink, o.NoKeepAlive, o.Shed, o.NoAccept}}
	switch o.MemoryLimit {
	case config.MemoryAuto:
		set.Limit = overload.Auto
	case config.MemoryOff:
		set.Limit = overload.Off
	default:
		set.Limit = overload.Limit(o.Limit())
	}
	s.overload.Set(set)
}

// memory is for the metrics page.
func (s *Server) memory() observe.Memory {
	r := s.overload.Last()
	return observe.Memory{Used: r.Used, Limit: r.Limit, Level: int(s.overload.Level())}
}
