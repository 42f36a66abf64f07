package config

import (
	"os"
	"path/filepath"
	"runtime"
	"time"
)

const (
	second = Duration(time.Second)
	minute = Duration(time.Minute)
	milli  = Duration(time.Millisecond)
	kib    = Size(1 << 10)
)

// Default is the configuration of a role for which a file says nothing. An
// edge trusts nobody: it takes less and waits shorter than a sidecar, which
// talks to its own service and to peers. For gateway+sidecar, Limits and
// Timeouts are the edge's.
func Default(role Role) *Config {
	c := defaultsOf(role.Sides()[0])
	c.Role = role
	c.completeMTLS()
	if role == RoleGatewaySidecar {
		mesh := defaultsOf(SideInbound)
		c.SidecarLimits, c.SidecarTimeouts = &mesh.Limits, &mesh.Timeouts
	}
	return c
}

// defaultsOf are the defaults with the limits and timeouts of a side.
func defaultsOf(s Side) *Config {
	host, err := os.Hostname()
	if err != nil {
		host = "weir"
	}
	return &Config{
		Version: 1,
		Node:    Node{ID: host},
		Gateway: Gateway{Listen: []string{":8080"}, TLS: GatewayTLS{MinVersion: "1.2", ClientAuth: "none", Tickets: 8 * 60 * minute}},
		Sidecar: Sidecar{Inbound: ":15006", Outbound: "127.0.0.1:15001", Unknown: "refuse", Intercept: Intercept{Mode: InterceptOff, Backend: "nftables", Mark: 15001}},
		Admin:   Admin{Listen: "127.0.0.1:9901"},
		Log:     Log{Level: "info", Format: "auto", Access: "off"},
		Store:   Store{Members: 1},
		Trace:   Trace{Queue: 8192 * kib, Batch: 256 * kib, Interval: second, Timeout: 10 * second},
		Limits: Limits{
			HeadBytes:        pick(s, 32*kib, 64*kib),
			HeadCount:        pick(s, 100, 128),
			Underscores:      pick(s, "drop", "allow"),
			RequestLine:      pick(s, 8*kib, 16*kib),
			ResponseHead:     64 * kib,
			Connections:      defaultConnections(),
			InFlight:         10000,
			Queue:            1000,
			Streams:          100,
			QueueWait:        second,
			StreamBuffer:     32 * kib,
			FilterBody:       1024 * kib,
			DrainUnread:      64 * kib,
			InterimResponses: 16,
		},
		Timeouts: Timeouts{
			Head:        10 * second,
			BodyIdle:    pick(s, 30*second, 60*second),
			BodyMinRate: pick[Size](s, 240, 0),
			WriteIdle:   pick(s, 30*second, 60*second),
			Detect:      100 * milli,
			KeepAlive:   pick(s, 60*second, 300*second),
			Tunnel:      60 * minute,
			Pause:       30 * second,
			Drain:       30 * second,
			DrainDelay:  5 * second,
		},
		Errors:   Errors{Negotiate: true},
		Overload: Overload{MemoryLimit: MemoryAuto, Shrink: 0.85, NoKeepAlive: 0.92, Shed: 0.95, NoAccept: 0.98},
		Paths: Paths{
			DotSegments:    PathNormalize,
			DoubleSlashes:  PathNormalize,
			EscapedSlashes: PathReject,
			Backslashes:    PathReject,
		},
		Wasm: Wasm{
			Lanes:        min(2*runtime.GOMAXPROCS(0), 1024),
			Instances:    128,
			InstanceWait: second,
			Cache:        defaultCache("wasm"),
			Budget:       10 * milli,
			HostCalls:    10000,
			LogLines:     100,
			MetricSeries: 200,
			SharedData:   1024 * kib,
			Encoders:     65536 * kib,
			MinTick:      10 * milli,
			MaxCalls:     8,
		},
		Modules: Modules{Folder: defaultCache("modules"), Size: 1 << 30, Timeout: minute, Refresh: Off},
	}
}

// pick is the edge's or the sidecar's value.
func pick[T any](s Side, edge, sidecar T) T {
	if s.mesh() {
		return sidecar
	}
	return edge
}

func (f *Filter) preset(Side) {
	f.OnError = OnErrorClosed
	f.OnPause = "stop_all"
}

func (r *Route) preset(s Side) {
	r.Timeout = pick(s, 30*second, 15*second)
	r.Idle = 5 * minute
	r.Priority = "normal"
	r.MaxBody = unset
	r.Upgrades = []string{"websocket"}
	r.Retries = Retries{Max: pick(s, 1, 2), Buffer: 64 * kib, BackOff: 25 * milli}
}

func (w *WeightedCluster) preset(Side) { w.Weight = 1 }

func (c *Cluster) preset(s Side) {
	*c = Cluster{
		Balance:        "p2c",
		Protocol:       "http1",
		Streams:        100,
		Ping:           15 * second,
		Connections:    1024,
		Pending:        1024,
		PendingWait:    second,
		ConnectTimeout: pick(s, 3*second, second),
		IdleTimeout:    pick(s, 4*second, 3*second),
		MaxAge:         10 * minute,
		RetryBudget:    0.2,
		ProxyProtocol:  "off",
		PanicThreshold: 0.5,
	}
}

// defaultCache is a folder in the user's cache, "off" for a user without one.
func defaultCache(name string) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "off"
	}
	return filepath.Join(dir, "weir", name)
}

// maxConnections bounds the default of limits.connections.
const maxConnections = 50000

// defaultConnections is half of the files the process may have open: each
// client's connection may need one more upstream.
func defaultConnections() int {
	return max(1, min(maxConnections, fileLimit()/2))
}
