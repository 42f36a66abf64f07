package kit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/weirproxy/weir/core/provider/contract"
)

// Serve is a provider's main: it does what Weir asks until Weir is gone, and
// then ends the process.
func Serve(configure Configure) {
	serve(func(ctx context.Context, config []byte) (served, error) {
		made, err := configure(ctx, config)
		return served{discovery: made}, err
	})
}

// ServeStore is Serve for a provider that keeps limits.
func ServeStore(configure ConfigureStore) {
	serve(func(ctx context.Context, config []byte) (served, error) {
		made, err := configure(ctx, config)
		return served{store: made}, err
	})
}

func serve(configure func(context.Context, []byte) (served, error)) {
	if os.Getenv(contract.Handshake.MagicCookieKey) == "" {
		fmt.Fprintf(os.Stderr, "%s is a provider for Weir, which starts it: name it in proxy.toml\n\n\t[providers.NAME]\n\tcommand = [%q]\n", os.Args[0], os.Args[0])
		os.Exit(2)
	}
	go endWithHost(os.Stdin)
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: contract.Handshake,
		Plugins:         plugin.PluginSet{contract.Name: &registrar{configure: configure}},
		GRPCServer:      plugin.DefaultGRPCServer,
		Logger:          hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr}),
	})
}

// endWithHost ends the process when Weir, however it ends, lets go of the pipe
// that is our standard input.
func endWithHost(pipe io.Reader) {
	_, _ = io.Copy(io.Discard, pipe)
	os.Exit(0)
}

// registrar is the provider as go-plugin wants it.
type registrar struct {
	plugin.NetRPCUnsupportedPlugin
	configure func(context.Context, []byte) (served, error)
}

var _ plugin.GRPCPlugin = (*registrar)(nil)

// GRPCServer implements plugin.GRPCPlugin.
func (r *registrar) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	p := &server{configure: r.configure}
	contract.RegisterProviderServer(s, p)
	contract.RegisterDiscoveryServer(s, p)
	contract.RegisterStoreServer(s, p)
	return nil
}

// GRPCClient implements plugin.GRPCPlugin, of which a provider is one half.
func (r *registrar) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, _ *grpc.ClientConn) (any, error) {
	return nil, fmt.Errorf("a provider is asked by Weir")
}

// Decode reads a provider's configuration. Keys that into does not have are
// errors, as everywhere in proxy.toml.
func Decode(config []byte, into any) error {
	if len(config) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(config))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("reading the provider's config: %w", err)
	}
	return nil
}
