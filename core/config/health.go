package config

import "slices"

// Health are the checks that each endpoint of a cluster is put to.
type Health struct {
	// What is asked: "http" a GET request, "tcp" a connection, "grpc" a call of grpc.health.v1.Health, over HTTP/2; by TLS where the cluster has it. Default "http".
	Kind string `toml:"kind" check:"oneof=http|tcp|grpc"`
	// From one check to the next. Default "5s".
	Interval Duration `toml:"interval" check:"min=10ms,max=24h"`
	// Of one check, with the connection it may need. Default "1s".
	Timeout Duration `toml:"timeout" check:"min=1ms,max=5m"`
	// Share of the interval by which it varies, 0 to 0.9. Default 0.1.
	Jitter float64 `toml:"jitter" check:"min=0,max=0.9"`
	// Successes in a row that bring an endpoint back. Default 2.
	HealthyAfter int `toml:"healthy_after" check:"min=1,max=1000"`
	// Failures in a row that take it out; the first check takes it out alone. Default 3.
	UnhealthyAfter int `toml:"unhealthy_after" check:"min=1,max=1000"`
	// Of http: the path. Default "/".
	Path string `toml:"path" check:"min=1,is=path"`
	// Of http and grpc: the authority. Default: the cluster's host, or else the endpoint's address.
	Host string `toml:"host" check:"is=authority"`
	// Of http: the statuses that mean health. Default: 200 to 299.
	Statuses []int `toml:"statuses" check:"min=200,max=599"`
	// Of tcp: what is sent first. Default nothing.
	Send string `toml:"send"`
	// Of tcp: what must be in the first 4 KiB of the answer. Default: to connect is enough.
	Expect string `toml:"expect"`
	// Of grpc: the service asked for. Default "": the server as a whole.
	Service string `toml:"service" check:"is=printable"`
}

// Outlier leaves an endpoint whose requests fail out for a while.
type Outlier struct {
	// Requests in a row that fail by the endpoint's fault, or with 5xx. Default 5.
	Faults int `toml:"faults" check:"min=1,max=1000000"`
	// How long it is out; the second time twice as long, and so on. Default "30s".
	Time Duration `toml:"time" check:"min=10ms,max=24h"`
	// Longest time. Default "5m".
	MaxTime Duration `toml:"max_time" check:"min=10ms,max=24h"`
	// Share of the endpoints that may be out at once, 0 to 1; of two or more, one always may. Default 0.5.
	MaxShare float64 `toml:"max_share" check:"min=0,max=1"`
}

func (h *Health) preset(Side) {
	*h = Health{Kind: "http", Interval: 5 * second, Timeout: second, Jitter: 0.1, HealthyAfter: 2, UnhealthyAfter: 3, Path: "/"}
}

func (o *Outlier) preset(Side) {
	*o = Outlier{Faults: 5, Time: 30 * second, MaxTime: 5 * minute, MaxShare: 0.5}
}

// check finds keys that have no meaning for the kind of check.
func (h *Health) check(r *report, key string) {
	for _, k := range []struct {
		name  string
		given bool
		kinds []string
	}{
		{"path", h.Path != "/", []string{"http"}},
		{"host", h.Host != "", []string{"http", "grpc"}},
		{"statuses", h.Statuses != nil, []string{"http"}},
		{"send", h.Send != "", []string{"tcp"}},
		{"expect", h.Expect != "", []string{"tcp"}},
		{"service", h.Service != "", []string{"grpc"}},
	} {
		known := slices.Contains([]string{"http", "tcp", "grpc"}, h.Kind)
		if known && k.given && !slices.Contains(k.kinds, h.Kind) {
			r.add(within(key, k.name), "has no meaning for kind = %q; it is for %s", h.Kind, list(k.kinds))
		}
	}
	if h.Statuses != nil && len(h.Statuses) == 0 {
		r.add(within(key, "statuses"), "is empty: no answer means health; leave it out for 200 to 299")
	}
	const longest = 4096
	for name, text := range map[string]string{"send": h.Send, "expect": h.Expect} {
		if len(text) > longest {
			r.add(within(key, name), "has %d bytes, more than %d", len(text), longest)
		}
	}
}

func (o *Outlier) check(r *report, key string) {
	if o.MaxTime < o.Time {
		r.add(within(key, "max_time"), "%v is shorter than time = %q", o.MaxTime, o.Time)
	}
}
