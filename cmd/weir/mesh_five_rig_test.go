package main_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// ofFive is the one file of the mesh of five; what differs comes by --set.
const ofFive = `version = 1
[sidecar]
app = "127.0.0.1:1"
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "1s"

[[routes]]
on = ["gateway"]
cluster = "front"
timeout = "60s"

[[routes]]
on = ["inbound"]
timeout = "60s"

[[routes]]
on = ["outbound"]
match.hosts = ["orders"]
filters = ["elsewhere"]
cluster = "orders"
timeout = "60s"

[filters.elsewhere]
use = "retrypolicy"
config = { attempts = 4, statuses = [502, 503, 504], per_try = "8s", budget = { percent = 100, per_second = 100 } }
`

// ofCluster is a service's cluster and the route to it.
func ofCluster(name string) string {
	route := ""
	if name == "users" || name == "stock" || name == "mail" {
		route = fmt.Sprintf("\n[[routes]]\non = [\"outbound\"]\nmatch.hosts = [%q]\ncluster = %q\ntimeout = \"60s\"\n", name, name)
	}
	return route + fmt.Sprintf(`
[clusters.%s]
protocol = "auto"
connect_timeout = "5s"
retry_budget = 1
tls = { mesh = true, peers = ["spiffe://a.test/%s"] }
outlier = { faults = 2, time = "2s", max_time = "2s" }
`, name, name)
}

// five is a mesh of five services, one of them of three replicas, and a gateway.
type five struct {
	t         *testing.T
	ca        *ca
	file      string
	endpoints map[string]string // by cluster: the setting that tells them
}

func newFive(t *testing.T) *five {
	f := &five{t: t, ca: newCA(t, "1h"), endpoints: map[string]string{}}
	text := ofFive
	for _, name := range []string{"front", "orders", "users", "stock", "mail"} {
		text += ofCluster(name)
		f.endpoints[name] = fmt.Sprintf("clusters.%s.endpoints = [%q]", name, nowhere)
	}
	f.file = write(t, "", "proxy.toml", text)
	return f
}

// fiveMember is one of its proxies. Who is alone has sockets that outlive its process, so
// that the next can take over; a replica opens its own, at addresses that are held for it.
type fiveMember struct {
	*process
	mesh    *five
	sockets []*os.File
	role    string
	set     []string
	ready   ready
}

// join starts a proxy of a service. Sides are those with a socket that is inherited.
func (f *five) join(role, name string, app *app, sides ...string) *fiveMember {
	m := &fiveMember{mesh: f, role: role}
	for _, side := range sides {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			f.t.Fatal(err)
		}
		socket, err := l.(*net.TCPListener).File()
		if err != nil {
			f.t.Fatal(err)
		}
		f.t.Cleanup(func() { _ = socket.Close() })
		_ = l.Close() // socket is another descriptor of it
		m.sockets = append(m.sockets, socket)
		m.listen(side, l.Addr().String())
	}
	if len(sides) == 0 {
		m.listen("inbound", coretest.Refusing(f.t))
		m.listen("outbound", coretest.Refusing(f.t))
	}
	if app != nil {
		m.set = append(m.set, fmt.Sprintf("sidecar.app = %q", app.addr))
	}
	for _, told := range f.endpoints {
		m.set = append(m.set, told)
	}
	m.identify(name)
	m.start()
	if app != nil {
		app.sidecar.Store(&m.ready.Listen["outbound"][0])
	}
	return m
}

func (m *fiveMember) listen(side, addr string) {
	line := fmt.Sprintf("sidecar.%s = %q", side, addr)
	if side == "gateway" {
		line = fmt.Sprintf("gateway.listen = [%q]", addr)
	}
	m.set = append(m.set, line)
}

// identify has it join the mesh by a token, as somebody new.
func (m *fiveMember) identify(name string) {
	dir := filepath.Join(m.mesh.t.TempDir(), "identity")
	if err := os.Mkdir(dir, 0o700); err != nil {
		m.mesh.t.Fatal(err)
	}
	token := write(m.mesh.t, dir, "token", m.mesh.ca.run("token", "--id", "spiffe://a.test/"+name))
	m.set = append(m.set, fmt.Sprintf(`identity = { id = "spiffe://a.test/%s", cert = %q, key = %q, bundle = %q, authority = { url = "https://%s", pin = %q, token = { file = %q } } }`,
		name, filepath.Join(dir, "svid.pem"), filepath.Join(dir, "svid.key"), filepath.Join(dir, "bundle.pem"), m.mesh.ca.addr, m.mesh.ca.pin, token))
}

func (m *fiveMember) start() {
	args := []string{"run", "-c", m.mesh.file, "--role", m.role}
	for _, line := range m.set {
		args = append(args, "--set", line)
	}
	s := setup{files: m.sockets}
	if len(m.sockets) > 0 { // its own process id is what a process is told as LISTEN_PID
		args = append([]string{"-c", fmt.Sprintf(`LISTEN_FDS=%d LISTEN_PID=$$ exec "$@"`, len(m.sockets)), "sh", built.weir}, args...)
		s.program = "sh"
	}
	m.process = s.start(m.mesh.t, args...)
	eventuallyWithin(m.mesh.t, compiling, "a proxy is ready", func() bool { return m.log.Has(`"msg":"ready"`) || m.ended() })
	m.ready = m.process.ready()
}

// restart puts another process in its place, in order: before the old one goes, where
// the sockets are handed on.
func (m *fiveMember) restart() {
	m.mesh.t.Helper()
	old := m.process
	if len(m.sockets) > 0 {
		m.start()
	}
	old.signal(syscall.SIGTERM)
	if code := old.waitFor(compiling); code != 0 {
		m.mesh.t.Errorf("a proxy that was told to end did so with %d", code)
	}
	if len(m.sockets) == 0 {
		m.start()
	}
}

// kill ends it at once.
func (m *fiveMember) kill() {
	m.signal(syscall.SIGKILL)
	<-m.exited
}
