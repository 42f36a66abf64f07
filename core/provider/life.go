package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/weirproxy/weir/core/provider/contract"
)

// life is one process of a provider, from its start to its end.
type life struct {
	o      *Options
	child  *child // nil before there was one
	spare  func() bool
	client *plugin.Client
	conn   *grpc.ClientConn
	began  time.Time

	over   context.Context // done once nothing more is asked of it
	finish context.CancelFunc
}

// grace is how long a process may take to end after it was asked to.
const grace = 3 * time.Second

// begin starts a process and configures it. Whatever it does meanwhile, that is
// over within o.Start.
func begin(ctx context.Context, o *Options, out func() *output) (*life, error) {
	l := &life{o: o, began: time.Now(), spare: func() bool { return true }}
	l.over, l.finish = context.WithCancel(ctx)
	within, cancel := context.WithTimeout(ctx, o.Start)
	defer cancel()
	err := l.start(within, out)
	if err == nil {
		err = l.configure(within)
	}
	if l.spare() && err == nil {
		return l, nil
	}
	if within.Err() != nil && ctx.Err() == nil {
		err = errors.Join(fmt.Errorf("it was not there within %v, and was killed", o.Start), err)
	}
	return nil, errors.Join(err, l.fate())
}

// fate kills a process that did not begin well, and answers how it ended if that
// was before.
func (l *life) fate() error {
	defer l.kill()
	if l.child == nil {
		return nil
	}
	select {
	case <-l.child.exited: // its outputs ended, or its connection, just before
		return l.ended()
	case <-time.After(100 * time.Millisecond):
		return nil
	}
}

// ended is how the process did, once it has.
func (l *life) ended() error {
	if l.child.err != nil {
		return fmt.Errorf("its process ended: %w", l.child.err)
	}
	return errors.New("its process ended")
}

func (l *life) start(within context.Context, out func() *output) error {
	l.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  contract.Handshake,
		Plugins:          plugin.PluginSet{contract.Name: &dispenser{life: l}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		RunnerFunc: func(_ hclog.Logger, spec *exec.Cmd, folder string) (runner.Runner, error) {
			return l.run(within, spec, folder)
		},
		StartTimeout:        l.o.Start,
		Logger:              hclog.NewNullLogger(), // what goes wrong is told by errors
		Stderr:              out(),
		SyncStdout:          out(),
		SyncStderr:          out(),
		PluginLogBufferSize: maxLine,
		GRPCDialOptions:     dialOptions(),
	})
	protocol, err := l.client.Client()
	if err != nil {
		return err
	}
	_, err = protocol.Dispense(contract.Name)
	return err
}

// run makes the process. Neither Start nor Client of go-plugin can be told to
// end early, but both do when the process does.
func (l *life) run(within context.Context, spec *exec.Cmd, folder string) (runner.Runner, error) {
	c, err := newChild(l.o, spec.Env, folder)
	if err != nil {
		_ = os.RemoveAll(folder)
		return nil, err
	}
	l.child = c
	l.spare = context.AfterFunc(within, c.kill)
	return c, nil
}

// dispenser takes the connection that go-plugin makes.
type dispenser struct {
	plugin.NetRPCUnsupportedPlugin
	life *life
}

// GRPCServer implements plugin.GRPCPlugin, of which the host is one half.
func (d *dispenser) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return errors.ErrUnsupported }

// GRPCClient implements plugin.GRPCPlugin.
func (d *dispenser) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	d.life.conn = conn
	return conn, nil
}

func (l *life) configure(within context.Context) error {
	within, cancel := context.WithTimeout(within, l.o.Call)
	defer cancel()
	r, err := contract.NewProviderClient(l.conn).Configure(within, &contract.ConfigureRequest{Config: l.o.Config})
	if err != nil {
		return fmt.Errorf("configuring it: %w", said(err))
	}
	for _, name := range l.o.Serves {
		if !slices.Contains(r.Contracts, name) {
			return fmt.Errorf("configuring it: it has no %s, but %.200q", name, r.Contracts)
		}
	}
	return nil
}

// last answers when the process has ended, or does not answer any more.
func (l *life) last(ctx context.Context) error {
	t := time.NewTicker(l.o.Ping)
	defer t.Stop()
	silent := 0
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.child.exited:
			return l.ended()
		case <-t.C:
		}
		err := l.ping(ctx)
		if err == nil {
			silent = 0
		} else if silent++; silent == 2 {
			return fmt.Errorf("it did not say twice that it lives, and is killed: %w", said(err))
		}
	}
}

func (l *life) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.o.Call)
	defer cancel()
	_, err := grpc_health_v1.NewHealthClient(l.conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: plugin.GRPCServiceName})
	return err
}

// end asks the process to end, and kills it if it does not.
func (l *life) end() {
	l.finish()
	t := time.AfterFunc(grace, l.child.kill)
	defer t.Stop()
	l.client.Kill()
}

// kill ends a process that is not to be talked to any more.
func (l *life) kill() {
	l.finish()
	if l.child == nil {
		return
	}
	l.child.kill()
	l.client.Kill()
	_ = os.RemoveAll(l.child.folder) // go-plugin's Kill does not where the start failed
}
