package server_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/discovery/dns/dnstest"
)

// discovered is a configuration whose cluster asks for its endpoints. Nothing is
// tried twice.
func discovered(discover string, rest ...string) string {
	toml := coretest.Gateway("127.0.0.1:1", append(rest, "retries.max = 0", "[trust]\nreason = true\n")...)
	return strings.Replace(toml, `endpoints = ["127.0.0.1:1"]`, "discover = { "+discover+" }", 1)
}

// tell writes a file of endpoints in one step.
func tell(t *testing.T, path string, ups ...*coretest.Upstream) {
	t.Helper()
	addrs := []string{}
	for _, u := range ups {
		addrs = append(addrs, u.Addr)
	}
	data, err := json.Marshal(addrs)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".next", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".next", path); err != nil {
		t.Fatal(err)
	}
}

// TestEndpointsFlipUnderLoad takes endpoints away and brings them back while
// requests run: none may fail, though none is tried twice.
func TestEndpointsFlipUnderLoad(t *testing.T) {
	ups := []*coretest.Upstream{named(t, "a"), named(t, "b"), named(t, "c")}
	path := filepath.Join(t.TempDir(), "e.json")
	tell(t, path, ups...)
	p := coretest.Proxy(t, discovered(fmt.Sprintf("file = %q", path)))
	var stop atomic.Bool
	var served sync.Map // name → its requests
	for _, name := range []string{"a", "b", "c"} {
		served.Store(name, new(atomic.Int64))
	}
	count := func(name string) int64 {
		n, _ := served.Load(name)
		return n.(*atomic.Int64).Load()
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			c := coretest.Dial(t, p.Addr("gateway"))
			for !stop.Load() {
				if _, err := c.Write([]byte("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")); err != nil {
					t.Errorf("sending: %v", err)
					return
				}
				r, err := c.TryRead("POST")
				if err != nil || r.Status != 200 {
					t.Errorf("%+v %v", r, err)
					return
				}
				n, _ := served.Load(r.Body)
				n.(*atomic.Int64).Add(1)
			}
		})
	}
	for i := range 12 {
		out := i % 3
		tell(t, path, slices.Delete(slices.Clone(ups), out, out+1)...)
		coretest.Eventually(t, "the other two are used", func() bool {
			return clusterOf(t, p).has(ups[(out+1)%3].Addr, ups[(out+2)%3].Addr) || t.Failed()
		})
		gone, others := string("abc"[out]), []string{string("abc"[(out+1)%3]), string("abc"[(out+2)%3])}
		settled := count(gone) + 4 // requests that were under way
		before := []int64{count(others[0]), count(others[1])}
		coretest.Eventually(t, "requests go on", func() bool {
			return count(others[0]) > before[0]+8 && count(others[1]) > before[1]+8 || t.Failed()
		})
		if n := count(gone); n > settled {
			t.Errorf("%s got %d requests after it was gone", gone, n-settled+4)
		}
	}
	stop.Store(true)
	all.Wait()
}

// clusterView is what the admin's door shows of the cluster "up".
type clusterView struct {
	Endpoints []struct {
		Address string
		Weight  int
		Latency float64 `json:"latency_seconds"`
	}
	Discovery *struct{ Service, Changed, Error string }
}

func clusterOf(t *testing.T, p *coretest.Running) (v clusterView) {
	t.Helper()
	var all []clusterView
	if err := json.Unmarshal([]byte(p.Admin("GET", "/clusters").Body), &all); err != nil || len(all) != 1 {
		t.Fatal(err, all)
	}
	return all[0]
}

// has says whether the cluster's endpoints are these.
func (v clusterView) has(addrs ...string) bool {
	var got []string
	for _, e := range v.Endpoints {
		got = append(got, e.Address)
	}
	slices.Sort(got)
	slices.Sort(addrs)
	return slices.Equal(got, addrs)
}

// TestBadFileChangesNothing, and the admin's door says what is wrong with it.
func TestBadFileChangesNothing(t *testing.T) {
	up := named(t, "up")
	path := filepath.Join(t.TempDir(), "e.json")
	p := coretest.Proxy(t, discovered(fmt.Sprintf(`file = %q, wait = "1ms"`, path)))
	at := p.Addr("gateway")
	if r := coretest.Get(t, at, "/"); r.Status != 503 || r.Header.Get("X-Weir-Reason") != "undiscovered" {
		t.Fatalf("before there is a file: %+v", r)
	}
	coretest.Eventually(t, "the door says that there is no file", func() bool { return strings.Contains(clusterOf(t, p).Discovery.Error, "no such file") })
	if v := clusterOf(t, p); !v.has() || v.Discovery.Changed != "" || v.Discovery.Service != path {
		t.Errorf("%+v %+v", v, v.Discovery)
	}
	tell(t, path, up)
	coretest.Eventually(t, "the endpoint is there", func() bool { return coretest.Get(t, at, "/").Status == 200 })
	if v := clusterOf(t, p); !v.has(up.Addr) || v.Discovery.Changed == "" || v.Discovery.Error != "" || v.Endpoints[0].Weight != 1 {
		t.Errorf("%+v %+v", v, v.Discovery)
	}
	if err := os.WriteFile(path, []byte(`["127.0.0.1:1", "nowhere"]`), 0o600); err != nil {
		t.Fatal(err)
	}
	coretest.Eventually(t, "the door says what is wrong", func() bool { return strings.Contains(clusterOf(t, p).Discovery.Error, `"nowhere" has no port`) })
	coretest.Eventually(t, "the log says so too", func() bool { return p.Log.Has("what was known stays in use", "nowhere") })
	if r := coretest.Get(t, at, "/"); r.Body != "up" {
		t.Errorf("%+v", r)
	}
	tell(t, path)
	coretest.Eventually(t, "there is none", func() bool {
		r := coretest.Get(t, at, "/")
		return r.Status == 503 && r.Header.Get("X-Weir-Reason") == "no_endpoint"
	})
}

// names is a DNS server that has SRV records of services.
func names(t *testing.T, ups ...*coretest.Upstream) *dnstest.Server {
	s := dnstest.New(t)
	s.Set("host.test.", "A 127.0.0.1")
	register(s, ups...)
	return s
}

func register(s *dnstest.Server, ups ...*coretest.Upstream) {
	var records []string
	for _, u := range ups {
		_, port, _ := net.SplitHostPort(u.Addr)
		records = append(records, "SRV 1 3 "+port+" host.test.")
	}
	s.Set("_up._tcp.test.", records...)
}

func srv(s *dnstest.Server, more string) string {
	return fmt.Sprintf(`srv = "_up._tcp.test", server = %q, refresh = "20ms"%s`, s.Addr, more)
}

// TestStartWaitsForDNS: who is ready knows its endpoints. Changes are followed.
func TestStartWaitsForDNS(t *testing.T) {
	a, b := named(t, "a"), named(t, "b")
	s := names(t, a)
	s.Break("_up._tcp.test.", "SRV", dnstest.Fail)
	go func() {
		for s.Asked("_up._tcp.test.", "SRV") < 4 {
			coretest.Eventually(t, "it is asked", func() bool { return s.Asked("_up._tcp.test.", "SRV") >= 4 })
		}
		s.Break("_up._tcp.test.", "SRV", dnstest.None)
	}()
	p := coretest.Proxy(t, discovered(srv(s, `, wait = "1m"`)))
	if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Body != "a" {
		t.Errorf("the first request: %+v", r)
	}
	if v := clusterOf(t, p); v.Endpoints[0].Weight != 3 {
		t.Errorf("%+v", v)
	}
	register(s, a, b)
	coretest.Eventually(t, "both are used", func() bool { return serving(t, p) == "a b" })
	register(s, b)
	coretest.Eventually(t, "one is used", func() bool { return serving(t, p) == "b" })
}

// TestReloadKeepsWhatIsKnown: though nobody answers any more, another version of
// the cluster, and another cluster that asks the same, know their endpoints.
func TestReloadKeepsWhatIsKnown(t *testing.T) {
	s := names(t, named(t, "a"))
	toml := discovered(srv(s, ""))
	p := coretest.Proxy(t, toml)
	s.Break("_up._tcp.test.", "SRV", dnstest.Fail)
	coretest.Eventually(t, "the trouble is told", func() bool { return clusterOf(t, p).Discovery.Error != "" })
	for _, next := range []string{toml + "max_age = \"5m\"\n", strings.ReplaceAll(toml, "\"up\"", "\"more\"") + "[clusters.more]\ndiscover = { " + srv(s, "") + " }\n"} {
		p.Write(next)
		if r := p.Admin("POST", "/reload"); r.Status != 200 {
			t.Fatalf("%+v", r)
		}
		if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Body != "a" {
			t.Errorf("%+v", r)
		}
	}
}

// TestReloadWaitsForEndpoints: a cluster that comes with a reload is not used
// before it knows its endpoints.
func TestReloadWaitsForEndpoints(t *testing.T) {
	s := names(t, named(t, "b"))
	p := coretest.Proxy(t, coretest.Gateway(named(t, "a").Addr))
	p.Write(discovered(srv(s, "")))
	if r := p.Admin("POST", "/reload"); r.Status != 200 {
		t.Fatalf("%+v", r)
	}
	if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Body != "b" {
		t.Errorf("%+v", r)
	}
}
