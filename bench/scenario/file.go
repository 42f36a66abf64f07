// Package scenario reads what "weir bench run" measures: a load, and the proxies
// that take it in turns.
//
// Start at [Load].
package scenario

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/weirproxy/weir/bench/load"
	"github.com/weirproxy/weir/core/config"
)

// Scenario is a file.
type Scenario struct {
	// Name in the result.
	Name string `toml:"name" check:"is=name"`
	// What it shows, in a sentence.
	About string `toml:"about"`
	// Times each system is measured. Default 5.
	Rounds int `toml:"rounds" check:"min=1,max=1000"`
	// Length of one measurement. Default "3s".
	Duration config.Duration `toml:"duration" check:"min=10ms,max=5m"`
	// Load before each. Default "1s".
	Warm config.Duration `toml:"warm" check:"min=0s,max=5m"`
	// That all may take. Default "15m".
	Limit config.Duration `toml:"limit" check:"min=1s,max=24h"`
	// Connections of the load. Default 64.
	Connections int `toml:"connections" check:"min=1,max=10000"`
	// Requests a second of an open loop, whose latencies count from when a request was
	// to be sent. Default 0: a closed loop, as many as there can be.
	Rate int `toml:"rate" check:"min=0,max=1000000"`
	// What is sent.
	Request Request `toml:"request"`
	// Who takes it.
	Systems []System `toml:"systems"`
}

// Request is what is sent.
type Request struct {
	// Default "GET".
	Method string `toml:"method" check:"is=method"`
	// With the query. Default "/bench", which weir+5 asks for.
	Path string `toml:"path"`
	// Default "bench.example".
	Host string `toml:"host" check:"is=authority"`
	// Default: those that weir+5 asks for.
	Headers map[string]string `toml:"headers" check:"keys=header"`
	// Default none.
	Body string `toml:"body"`
	// That answers must have. Default 200.
	Status int `toml:"status" check:"min=200,max=599"`
}

// System is a proxy: a peer by its name alone, or Weir with one route of a
// configuration.
type System struct {
	// Of a peer, or what Weir is called in the result.
	Name string `toml:"name" check:"min=1"`
	// Weir's configuration, relative to this file. Default "": it is a peer.
	Config string `toml:"config"`
	// The route that is measured. Default: the only one.
	Route string `toml:"route"`
	// A filter of its chain that is left out. Default none.
	Without string `toml:"without"`
	// Routes before it that no request matches. Default 0.
	MoreRoutes int `toml:"more_routes" check:"min=0,max=100000"`
	// How often it reads its configuration again while it is measured. Default never.
	Reload config.Duration `toml:"reload" check:"optional,min=10ms,max=1h"`
	// Files without which it is left out, relative to this file: modules to be built.
	Needs []string `toml:"needs"`

	resolve func(path string) string
}

// maxSystems bounds a scenario: all of them run at the same time.
const maxSystems = 32

// Load reads a scenario. peers are the names of those that there are, headers
// what they ask for. All that is wrong is in the error.
func Load(path string, peers []string, headers []load.Field) (*Scenario, error) {
	s := &Scenario{
		Rounds: 5, Duration: config.Duration(3 * time.Second), Warm: config.Duration(time.Second), Limit: config.Duration(15 * time.Minute),
		Connections: 64, Request: Request{Method: http.MethodGet, Path: "/bench", Host: "bench.example", Status: http.StatusOK},
	}
	doc, err := config.OpenDocument(path, s)
	if err != nil {
		return nil, err
	}
	if s.Name == "" {
		doc.Add("name", "missing; name the scenario")
	}
	switch n := len(s.Systems); {
	case n == 0:
		doc.Add("systems", "missing; a scenario needs at least one [[systems]]")
	case n > maxSystems:
		doc.Add("systems", "has %d systems, at most %d run at a time", n, maxSystems)
	}
	if s.Request.Headers == nil {
		s.Request.Headers = map[string]string{}
		for _, h := range headers {
			s.Request.Headers[h.Name] = h.Value
		}
	}
	if _, err := s.Request.Wire(); err != nil {
		doc.Add("request", "cannot be sent: %v", err)
	}
	seen := map[string]bool{}
	for i := range s.Systems {
		s.Systems[i].check(doc, fmt.Sprintf("systems[%d]", i), peers)
		if name := s.Systems[i].Name; seen[name] {
			doc.Add(fmt.Sprintf("systems[%d].name", i), "%q is there twice", name)
		}
		seen[s.Systems[i].Name] = true
	}
	return s, doc.Err()
}

// check finds what is wrong with one, and resolves its paths.
func (s *System) check(doc *config.Document, key string, peers []string) {
	s.resolve = doc.Resolve
	if s.Name == "" {
		doc.Add(key+".name", "missing; name a peer, or give a config")
		return
	}
	if s.Config == "" {
		if !slices.Contains(peers, s.Name) {
			doc.Add(key+".name", "%q is no peer, so it needs a config; the peers are %q", s.Name, peers)
		}
		if s.Route != "" || s.Without != "" || s.MoreRoutes > 0 || s.Reload > 0 {
			doc.Add(key, "says what to do with a configuration, and has no config")
		}
		return
	}
	s.Config = doc.Resolve(s.Config)
}

// Lacks is a file that the system needs and that is not there, as it is written,
// "" if all are.
func (s *System) Lacks() string {
	for _, f := range s.Needs {
		if _, err := os.Stat(s.resolve(f)); err != nil {
			return f
		}
	}
	return ""
}

// Wire is the request as it is sent.
func (r *Request) Wire() (load.Request, error) {
	var fields []load.Field
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		fields = append(fields, load.Field{Name: name, Value: r.Headers[name]})
	}
	return load.NewRequest(r.Method, r.Path, r.Host, fields, r.Body)
}
