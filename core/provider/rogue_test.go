package provider_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weirproxy/weir/core/provider/contract"
)

// TestMain is the tests, or, where a provider was started, a rogue.
func TestMain(m *testing.M) {
	if os.Getenv(contract.Handshake.MagicCookieKey) == "" {
		os.Exit(m.Run())
	}
	before, ok := starts[os.Getenv("ROGUE")]
	if ok {
		before()
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: contract.Handshake,
		Plugins:         plugin.PluginSet{contract.Name: &rogue{}},
		GRPCServer:      plugin.DefaultGRPCServer,
		Logger:          hclog.NewNullLogger(),
	})
}

// starts are what a rogue does before it serves, by the variable ROGUE.
var starts = map[string]func(){
	"exits":    func() { os.Exit(3) },
	"hangs":    func() { select {} },
	"garbage":  func() { fmt.Println("hello") },
	"one line": func() { fmt.Println(strings.Repeat("x", 1<<20)); select {} },
	"netrpc":   func() { fmt.Println("1|1|unix|" + os.Getenv("PLUGIN_UNIX_SOCKET_DIR") + "/x|netrpc|"); select {} },
	"old":      func() { fmt.Println("1|0|unix|/tmp/x|grpc|"); select {} },
	// Somebody else's socket is not connected to.
	"elsewhere": func() { fmt.Println("1|1|tcp|127.0.0.1:1|grpc|"); select {} },
	"no TLS": func() {
		_ = os.Unsetenv("PLUGIN_CLIENT_CERT")
	},
	// It leaves a process behind that holds its outputs.
	"leaves a child": func() {
		cmd := exec.Command("sleep", "1000")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		fmt.Fprintf(os.Stderr, "child %d .\n", cmd.Process.Pid)
	},
	"shouts": func() {
		go func() {
			for {
				fmt.Fprintln(os.Stderr, strings.Repeat("\x1b[31mshout\n", 1000)+strings.Repeat("long", 1<<20))
			}
		}()
	},
}

// rogue is a provider that does not keep to the contract. A service's name says
// what it does; the name's words after the first are arguments.
type rogue struct {
	plugin.NetRPCUnsupportedPlugin
	contract.UnimplementedProviderServer
	contract.UnimplementedDiscoveryServer
}

func (r *rogue) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, nil
}

func (r *rogue) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	contract.RegisterProviderServer(s, r)
	contract.RegisterDiscoveryServer(s, r)
	return nil
}

func (r *rogue) Configure(_ context.Context, c *contract.ConfigureRequest) (*contract.ConfigureResponse, error) {
	switch string(c.Config) {
	case "refuse":
		return nil, status.Error(codes.InvalidArgument, "the key \"adress\" is unknown")
	case "hang":
		select {}
	case "other":
		return &contract.ConfigureResponse{Contracts: []string{"Weather"}}, nil
	case "huge":
		return nil, status.Error(codes.Internal, strings.Repeat("x", 1<<20))
	}
	return &contract.ConfigureResponse{Contracts: []string{contract.Discovers}}, nil
}

// good is what a rogue says before it goes wrong.
func good(version uint64) *contract.Snapshot {
	return &contract.Snapshot{Version: version, Endpoints: []*contract.Endpoint{{Address: "10.0.0.1:80", Weight: 1}}}
}

// first lets a rogue tell the truth once in its life, to a service.
var first = make(chan bool, 1)

func (r *rogue) Watch(req *contract.WatchRequest, to contract.Discovery_WatchServer) error {
	name, argument, _ := strings.Cut(req.Service, " ")
	select {
	case first <- true:
		if err := to.Send(good(10)); err != nil {
			return err
		}
	default:
		if name != "good" && name != "env" {
			break
		}
		if err := to.Send(good(10)); err != nil {
			return err
		}
	}
	for _, s := range lies(name, argument) {
		if err := to.Send(s); err != nil {
			return err
		}
	}
	switch name {
	case "flood":
		for v := uint64(11); ; v++ {
			s := good(v)
			s.Endpoints[0].Weight = uint32(v)
			if err := to.Send(s); err != nil {
				return err
			}
		}
	case "error":
		return status.Error(codes.Unavailable, "the registry is away")
	case "ends":
		return nil
	case "dies":
		time.AfterFunc(time.Millisecond, func() { os.Exit(1) })
	}
	<-to.Context().Done()
	return nil
}
