package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMeshOfFive: five services with a sidecar each, one of three replicas that a
// provider tells, and a gateway, are asked all the time while their parts are ended
// in order, killed, frozen, slowed and cut off, one at a time. What is ended in order
// costs no request; of what dies others take the work over; no POST comes twice.
func TestMeshOfFive(t *testing.T) {
	f := newFive(t)
	authority := f.ca.serve()
	orders := &ledger{count: map[string]int{}}
	// Who is called comes before who calls.
	stock := f.single("stock", newApp(t, nil))
	mail := f.single("mail", newApp(t, nil))
	users := f.single("users", newApp(t, nil, "mail"))
	var replicas []*fiveMember
	var apps []*app
	told := &folder{path: t.TempDir()}
	for range 3 {
		a := newApp(t, orders, "stock")
		m := f.join("sidecar", "orders", a)
		apps, replicas = append(apps, a), append(replicas, m)
		told.endpoints = append(told.endpoints, m.ready.Listen["inbound"][0])
	}
	told.write(t)
	f.endpoints["orders"] = told.setting(t)
	shop := newApp(t, nil, "orders", "users")
	front := f.single("front", shop)
	gate := f.join("gateway", "gateway", nil, "gateway")

	c := &crowd{}
	c.ask(gate.ready.Listen["gateway"][0], 8)
	defer c.asking.Wait()
	defer c.over.Store(true)
	s := &storm{t, c}

	s.harmless("nothing", func() {})
	for name, m := range map[string]*fiveMember{"gateway": gate, "front": front, "users": users, "stock": stock, "mail": mail} {
		s.harmless(name+"'s proxy is restarted", m.restart)
	}
	for i, m := range replicas {
		s.harmless(fmt.Sprintf("the sidecar of replica %d is restarted", i), m.restart)
		s.harmless(fmt.Sprintf("the app of replica %d is restarted", i), apps[i].restart)
	}
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP} {
		s.harmless("the provider: "+sig.String(), func() {
			was := viewProvider(t, front.ready.Admin)
			if err := syscall.Kill(pidOfProvider(t, front.ready.Admin), sig); err != nil {
				t.Fatal(err)
			}
			eventuallyWithin(t, compiling, "another provider runs", func() bool {
				v := viewProvider(t, front.ready.Admin)
				return v.State == "running" && v.Starts > was.Starts
			})
		})
	}
	s.harmless("the authority is away", func() { _ = authority.cmd.Process.Kill() })

	s.harmful("a replica's app dies", manyGETs(t), func() { apps[0].kill() })
	s.harmful("and comes back", fewGETs, apps[0].start)
	s.harmful("a replica's app is slow", fewGETs, func() { apps[1].mood.Store(slow) })
	apps[1].mood.Store(well)
	s.harmful("a replica's app cuts connections", fewGETs, func() { apps[2].mood.Store(flaps) })
	apps[2].mood.Store(well)
	s.harmful("a replica's sidecar is frozen", fewGETs, func() { replicas[0].signal(syscall.SIGSTOP) })
	s.harmful("and goes on", fewGETs, func() { replicas[0].signal(syscall.SIGCONT) })
	s.harmful("a replica's sidecar dies", manyGETs(t), replicas[1].kill)
	s.harmful("a new one takes its place, by the authority that is back", fewGETs, func() {
		f.ca.serve()
		replicas[1].identify("orders")
		replicas[1].start()
	})

	c.over.Store(true)
	c.asking.Wait()
	if twice, all := orders.twice(); len(twice) > 0 || all == 0 {
		t.Errorf("of %d POSTs these came more than once: %q", all, twice)
	}
	good, bad := c.good[gets].Load(), c.bad[gets].Load()
	t.Logf("%d GETs, of which %d failed; %d POSTs, of which %d failed", good+bad, bad, c.good[posts].Load()+c.bad[posts].Load(), c.bad[posts].Load())
	if bad*10_000 > good+bad {
		t.Errorf("%d of %d GETs failed, more than 1 in 10,000", bad, good+bad)
	}
	if n := (&enrolled{process: front.process, admin: front.ready.Admin}).metric("weir_cluster_retries_total"); n == 0 {
		t.Error("nothing was tried again: the replicas were well all the time")
	}
}

// single starts a service that is alone.
func (f *five) single(name string, a *app) *fiveMember {
	m := f.join("sidecar", name, a, "inbound", "outbound")
	f.endpoints[name] = fmt.Sprintf("clusters.%s.endpoints = [%q]", name, m.ready.Listen["inbound"][0])
	return m
}

// storm does things to the mesh while it is asked.
type storm struct {
	t     *testing.T
	crowd *crowd
}

// How many requests of each kind succeed after each thing before the next.
const (
	fewGETs  = 120
	fewPOSTs = 4
)

// manyGETs succeed while one of the three replicas is dead; WEIR_MESH_REQUESTS gives more.
func manyGETs(t *testing.T) int64 {
	text, given := os.LookupEnv("WEIR_MESH_REQUESTS")
	if !given {
		return 5 * fewGETs
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("WEIR_MESH_REQUESTS: %v", err)
	}
	return n
}

func (s *storm) do(what string, gone int64, do func()) (failures []string) {
	s.t.Helper()
	began := time.Now()
	do()
	c := s.crowd
	from := [2]int64{c.good[gets].Load(), c.good[posts].Load()}
	eventuallyWithin(s.t, compiling, what+": requests go on", func() bool {
		return c.good[gets].Load() >= from[gets]+gone && c.good[posts].Load() >= from[posts]+fewPOSTs
	})
	s.t.Logf("%v %s", time.Since(began).Round(time.Millisecond), what)
	return c.told()
}

// harmless is what costs no request.
func (s *storm) harmless(what string, do func()) {
	s.t.Helper()
	if failures := s.do(what, fewGETs, do); len(failures) > 0 {
		s.t.Errorf("%s: %d requests failed:\n%s", what, len(failures), strings.Join(failures, "\n"))
	}
}

// harmful is what may cost a POST, which is not repeated.
func (s *storm) harmful(what string, gone int64, do func()) {
	s.t.Helper()
	if failures := s.do(what, gone, do); len(failures) > 0 {
		s.t.Logf("%s: %d requests failed, as %s", what, len(failures), failures[0])
	}
}

// folder is what the provider tells from.
type folder struct {
	path      string
	endpoints []string
}

func (f *folder) write(t *testing.T) {
	write(t, f.path, "orders", strings.Join(f.endpoints, " 1\n")+" 1\n")
}

// setting has a cluster ask the provider.
func (f *folder) setting(t *testing.T) string {
	program := filepath.Join(t.TempDir(), "example")
	if out, err := exec.Command("go", "build", "-o", program, "../../core/provider/kit/example").CombinedOutput(); err != nil {
		t.Fatalf("building the example: %v\n%s", err, out)
	}
	return fmt.Sprintf("clusters.orders.discover = { provider = \"folder\", service = \"orders\" }\nproviders.folder = { command = [%q], config = { folder = %q }, call_timeout = \"1s\", ping = \"100ms\" }", program, f.path)
}
