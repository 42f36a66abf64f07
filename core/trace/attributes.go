package trace

import (
	"bytes"
	"net/netip"
	"strconv"

	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace/otlp"
)

// Names of attributes, by the semantic conventions of OpenTelemetry for HTTP
// (stable) and ours.
const (
	requestMethod   = "http.request.method"
	originalMethod  = "http.request.method_original"
	resendCount     = "http.request.resend_count"
	requestSize     = "http.request.body.size"
	responseSize    = "http.response.body.size"
	statusCode      = "http.response.status_code"
	errorType       = "error.type"
	urlScheme       = "url.scheme"
	urlPath         = "url.path"
	urlQuery        = "url.query"
	urlFull         = "url.full"
	userAgent       = "user_agent.original"
	serverAddress   = "server.address"
	serverPort      = "server.port"
	clientAddress   = "client.address"
	peerAddress     = "network.peer.address"
	peerPort        = "network.peer.port"
	protocolVersion = "network.protocol.version"
	rpcSystem       = "rpc.system"
	rpcStatus       = "rpc.grpc.status_code"

	weirRoute       = "weir.route"
	weirCluster     = "weir.cluster"
	weirListener    = "weir.listener"
	weirDetails     = "weir.details"
	weirFilter      = "weir.filter"
	weirCPU         = "weir.filter.cpu_ns"
	weirVerdict     = "weir.filter.verdict"
	weirSource      = "weir.source.identity"
	weirDestination = "weir.destination.identity"
)

// method is a request's as few words have it: clients may make up any.
func method(m []byte) string {
	switch string(m) {
	case "GET":
		return "GET"
	case "HEAD":
		return "HEAD"
	case "POST":
		return "POST"
	case "PUT":
		return "PUT"
	case "DELETE":
		return "DELETE"
	case "CONNECT":
		return "CONNECT"
	case "OPTIONS":
		return "OPTIONS"
	case "TRACE":
		return "TRACE"
	case "PATCH":
		return "PATCH"
	}
	return ""
}

// otherMethod is what any further method counts as.
const otherMethod = "_OTHER"

// named gives a span the name "METHOD target".
func named(s *otlp.Span, m []byte, target string) {
	name := method(m)
	if name == "" {
		name = "HTTP"
	}
	if target == "" {
		s.Name(name)
		return
	}
	s.Name(name, " ", target)
}

func addMethod(s *otlp.Span, m []byte) {
	if name := method(m); name != "" {
		s.Text(requestMethod, name)
		return
	}
	s.Text(requestMethod, otherMethod)
	s.Bytes(originalMethod, m)
}

// addHost adds the parts of "host:port".
func addHost[T string | []byte](s *otlp.Span, authority T) {
	host, port := splitPort(authority)
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	otlp.AddText(s, serverAddress, host)
	if port > 0 {
		s.Int(serverPort, port)
	}
}

// splitPort parts a port from a host, 0 where there is none that could be one.
func splitPort[T string | []byte](authority T) (host T, port int64) {
	for i := len(authority) - 1; i > 0; i-- {
		c := authority[i]
		if c == ':' && i < len(authority)-1 && len(authority)-i <= 6 {
			for _, d := range []byte(authority[i+1:]) {
				port = 10*port + int64(d-'0')
			}
			if port <= 65535 {
				return authority[:i], port
			}
		}
		if c < '0' || c > '9' {
			break
		}
	}
	return authority, 0
}

func addPeer(s *otlp.Span, a netip.AddrPort) {
	if a.IsValid() {
		s.Addr(peerAddress, a.Addr())
		s.Int(peerPort, int64(a.Port()))
	}
}

func addVersion(s *otlp.Span, v stream.Version) {
	switch v {
	case stream.HTTP10:
		s.Text(protocolVersion, "1.0")
	case stream.HTTP11:
		s.Text(protocolVersion, "1.1")
	case stream.HTTP2:
		s.Text(protocolVersion, "2")
	}
}

// addEnd adds how an exchange ended, and whether it has failed. A server has not where
// its client is to blame.
func addEnd(s *otlp.Span, side otlp.Kind, o *Outcome) {
	if o.Status > 0 {
		s.Int(statusCode, int64(o.Status))
	}
	if o.GRPC != grpc.None {
		s.Text(rpcSystem, "grpc")
		s.Int(rpcStatus, int64(o.GRPC))
	}
	least, calls := 400, clientErrors
	if side == otlp.Server {
		least, calls = 500, serverErrors
	}
	why := ""
	switch {
	case o.Faulted:
		why = o.Kind.String()
		s.Text(errorType, why)
	case o.Status >= least:
		var b [4]byte
		s.Bytes(errorType, strconv.AppendInt(b[:0], int64(o.Status), 10))
	case calls.Has(o.GRPC):
		s.Text(errorType, o.GRPC.String())
	}
	if o.Status >= least || o.Faulted && o.Status == 0 || calls.Has(o.GRPC) {
		s.Failed(why)
	}
}

// clientErrors are the statuses of calls that have failed for who made them, serverErrors
// for who answered (OpenTelemetry's semantic conventions for gRPC).
var (
	clientErrors = grpc.Set(1<<grpc.NumCodes - 1 - 1<<grpc.OK)
	serverErrors = grpc.Set(0).With(grpc.Unknown).With(grpc.DeadlineExceeded).With(grpc.Unimplemented).
			With(grpc.Internal).With(grpc.Unavailable).With(grpc.DataLoss)
)

// pathOf parts a request's target.
func pathOf(target []byte) (path, query []byte) {
	path, query, _ = bytes.Cut(target, []byte("?"))
	return path, query
}

// appendURL appends an absolute URL without its query, which may hold secrets.
func appendURL(dst []byte, secured bool, authority, target []byte) []byte {
	path, _ := pathOf(target)
	if secured {
		dst = append(dst, "https://"...)
	} else {
		dst = append(dst, "http://"...)
	}
	return append(append(dst, authority...), path...)
}
