package server

import (
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/tcp"
)

// accessLog is where the lines of streams go, nil when they go nowhere.
type accessLog struct{ log *observe.AccessLog }

func (s *Server) openAccessLog(cfg *config.Config) error {
	if cfg.Log.Access == "off" || cfg.Log.Access == "" {
		return nil
	}
	log, err := observe.OpenAccessLog(observe.AccessLogOptions{Path: cfg.Log.Access, Log: s.log})
	if err != nil {
		return cfg.Problem("log.access", err.Error())
	}
	s.access.log = log
	return nil
}

func (a *accessLog) close() {
	if a.log != nil {
		_ = a.log.Close() // it has told the log
	}
}

// Reopen opens the access log's file anew, after it was moved away.
func (s *Server) Reopen() error {
	if s.access.log == nil {
		return nil
	}
	return s.access.log.Reopen()
}

// Stream counts a stream at its end, and logs it: proxy.Recorder.
func (s *Server) Stream(r *proxy.Record) {
	info := r.Stream.Info()
	status := 0
	if head := r.Stream.Response(); head != nil {
		status = head.Status
	}
	kind := fault.Unknown
	if r.Err != nil {
		kind = fault.KindOf(r.Err)
	}
	if r.Route != nil {
		r.Side.Metrics.Request()
		r.Route.Metrics.Done(status, r.Took)
		r.Route.Metrics.Call(r.GRPC)
		s.countMesh(r, info, status)
	} else {
		r.Side.Metrics.BadHead(kind)
	}
	if s.access.log != nil {
		e := observe.Entry{Info: info, Request: r.Stream.Request(), Status: status, GRPC: r.GRPC, Duration: r.Took, Properties: r.Stream}
		e.FailedBy, e.Reason = failure(r, status)
		s.access.log.Write(&e)
	}
}

// Connection counts a connection of a TCP service at its end, and logs it:
// tcp.Recorder.
func (s *Server) Connection(r *tcp.Record) {
	m := r.Service.Metrics
	m.Bytes(r.Info.ResponseBytes, r.Info.RequestBytes)
	if r.Err == nil {
		m.Done(r.Took)
	} else {
		m.Failed(fault.KindOf(r.Err), r.Took)
	}
	if s.access.log == nil {
		return
	}
	e := observe.Entry{Info: r.Info, Request: &stream.RequestHead{}, Duration: r.Took}
	if r.Stream != nil {
		e.Properties = r.Stream
	}
	if r.Err != nil {
		e.FailedBy, e.Reason = failureOf(fault.KindOf(r.Err))
	}
	s.access.log.Write(&e)
}
