package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/hashicorp/consul/api"

	"github.com/weirproxy/weir/core/coretest"
)

const managementToken = "6f6e6c79-2066-6f72-2074-686973207465"

// agent is a real Consul, which is asked at a socket of its own. Without a token
// it tells nothing.
type agent struct {
	t      *testing.T
	socket string
	log    coretest.Log
	cmd    *exec.Cmd
	api    *api.Client
}

// consul is the program, which ".ci/deps.sh consul" builds. WEIR_CONSUL=required
// makes its absence a failure.
func consul(t *testing.T) string {
	t.Helper()
	program, err := filepath.Abs("../../.deps/bin/consul")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("WEIR_CONSUL") == "required" {
			t.Fatal("no Consul here: .ci/deps.sh consul")
		}
		t.Skip("no Consul here: .ci/deps.sh consul")
	}
	return program
}

func startAgent(t *testing.T, program string) *agent {
	t.Helper()
	// A socket's path is short by nature, a test's folder may be not.
	dir, err := os.MkdirTemp("", "consul")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	a := &agent{t: t, socket: filepath.Join(dir, "s")}
	ports := freePorts(t, 2)
	a.cmd = exec.Command(program, "agent", "-dev", "-bind", "127.0.0.1", "-http-port", "1", "-dns-port", "-1", "-grpc-port", "-1", "-grpc-tls-port", "-1",
		"-serf-wan-port", "-1", "-serf-lan-port", ports[0], "-server-port", ports[1],
		"-hcl", fmt.Sprintf(`addresses { http = "unix://%s" }`, a.socket),
		"-hcl", fmt.Sprintf(`acl { enabled = true default_policy = "deny" tokens { initial_management = %[1]q agent = %[1]q } }`, managementToken))
	a.cmd.Stdout, a.cmd.Stderr = &a.log, &a.log
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = a.cmd.Process.Kill()
		_ = a.cmd.Wait()
		if t.Failed() {
			t.Logf("Consul's log:\n%s", &a.log)
		}
	})
	a.api, err = api.NewClient(&api.Config{Address: "unix://" + a.socket, Token: managementToken})
	if err != nil {
		t.Fatal(err)
	}
	coretest.Eventually(t, "Consul has a leader, and its tokens", func() bool {
		_, _, err := a.api.ACL().TokenReadSelf(nil)
		return err == nil
	})
	return a
}

// freePorts are ports that are held for Consul, which has to be told what to take.
func freePorts(t *testing.T, n int) (ports []string) {
	for range n {
		_, port, _ := net.SplitHostPort(coretest.Refusing(t))
		ports = append(ports, port)
	}
	return ports
}

// register puts an instance of orders into the catalog, which is well or not.
func (a *agent) register(id, addr string, weight int, status string) {
	a.t.Helper()
	host, digits, _ := net.SplitHostPort(addr)
	port, _ := strconv.Atoi(digits)
	err := a.api.Agent().ServiceRegister(&api.AgentServiceRegistration{
		ID: id, Name: "orders", Address: host, Port: port, Tags: []string{"v2", "blue"}, Meta: map[string]string{"zone": "z1"},
		Weights: &api.AgentWeights{Passing: weight, Warning: 1},
		Check:   &api.AgentServiceCheck{CheckID: id, TTL: "1h", Status: status},
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *agent) signal(s syscall.Signal) {
	a.t.Helper()
	if err := a.cmd.Process.Signal(s); err != nil {
		a.t.Fatal(err)
	}
}

var programs = coretest.Programs{Folders: map[string]string{"weir": "../weir", "weir-consul": "."}}

func TestMain(m *testing.M) { os.Exit(programs.Main(m)) }

// weir is the program, run with the provider.
type weir struct{ *coretest.Process }

func startWeir(t *testing.T, config string) weir {
	t.Helper()
	return weir{programs.Run(t, fmt.Sprintf(`version = 1
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
[[routes]]
match = { path_prefix = "/" }
cluster = "orders"
[clusters.orders]
balance = "round_robin"
discover = { provider = "consul", service = "orders", wait = "1s" }
[providers.consul]
command = [%q]
%s
`, programs.Path(t, "weir-consul"), config), map[string]string{"token": managementToken + "\n"})}
}

// get is what a request is answered.
func (w weir) get() string {
	r, err := http.Get("http://" + w.Listens["gateway"][0] + "/")
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		return fmt.Sprint(r.Status, err)
	}
	return string(body)
}

func (w weir) view(path string) string { return w.Admin("GET", path).Body }

func says(t *testing.T, text string) string {
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })).Addr
}
