package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/weirproxy/weir/core/identity/authority"
)

// domain is the mesh's trust domain.
const domain = "spiffe://example.org/"

// mesh is a small mesh on this machine: an authority, two services with a sidecar each,
// the gateway before them, and a receiver of their spans. All proxies are processes of
// their own, run from one file.
type mesh struct {
	file, folder string
	log          io.Writer
	above        []string // settings of the user's own, below ours
	authority    *authority.Authority
	common       []string // settings that all proxies get
	children     []*child
	failed       chan error // of what serves within this process
	closers      []func()
	addrs        meshAddrs
}

// meshAddrs are where what runs can be asked.
type meshAddrs struct {
	gateway, shop, stock string // the gateway, and the inbound listeners of the sidecars
	admin                string // the shop's sidecar's
	traces               string
}

// tryMesh runs a mesh until a signal comes, or a part of it ends.
func tryMesh(ctx context.Context, out, log io.Writer, file string, above []string) (err error) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	defer context.AfterFunc(ctx, stop)() // whoever asks a second time does not want to wait
	folder, err := os.MkdirTemp("", "weir-mesh-")
	if err != nil {
		return fmt.Errorf("making a folder for the mesh: %w", err)
	}
	m := &mesh{file: file, folder: folder, log: log, above: above, failed: make(chan error, 8)}
	defer func() { err = m.end(err) }()
	if err := m.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // it was told to end before it had begun
		}
		return err
	}
	fmt.Fprint(out, meshGuide(m.addrs))
	return m.wait(ctx)
}

// start starts everything, in the order in which the parts need each other.
func (m *mesh) start(ctx context.Context) error {
	if err := m.serveAuthority(); err != nil {
		return fmt.Errorf("starting the authority: %w", err)
	}
	traces := newTraces()
	addr, err := m.serve(traces)
	if err != nil {
		return err
	}
	m.addrs.traces = addr
	m.common = append(m.common, line("trace.endpoint", "http://"+addr+"/v1/traces"),
		line("admin.listen", "127.0.0.1:0"), line("timeouts.drain_delay", "0s"))

	app, err := m.serve(stock())
	if err != nil {
		return err
	}
	r, err := m.run(ctx, "stock", "sidecar", line("sidecar.app", app), line("sidecar.inbound", "127.0.0.1:0"), line("sidecar.outbound", ""))
	if err != nil {
		return err
	}
	m.addrs.stock = r.Listen["inbound"][0]
	m.common = append(m.common, endpoints("stock", m.addrs.stock))

	asks := &asker{}
	first, err := m.serve(shop("v1", asks))
	if err != nil {
		return err
	}
	next, err := m.serve(shop("v2", asks))
	if err != nil {
		return err
	}
	r, err = m.run(ctx, "shop", "sidecar", line("sidecar.app", first), endpoints("app-next", next),
		line("sidecar.inbound", "127.0.0.1:0"), line("sidecar.outbound", "127.0.0.1:0"))
	if err != nil {
		return err
	}
	asks.sidecar.Store(&r.Listen["outbound"][0])
	m.addrs.shop, m.addrs.admin = r.Listen["inbound"][0], r.Admin

	if r, err = m.run(ctx, "gateway", "gateway", endpoints("shop", m.addrs.shop)); err != nil {
		return err
	}
	m.addrs.gateway = reachable(r.Listen["gateway"][0])
	return nil
}

func endpoints(cluster, addr string) string {
	return fmt.Sprintf("clusters.%s.endpoints = [%s]", cluster, quoted(addr))
}

// serveAuthority makes an authority, which lives as long as the mesh.
func (m *mesh) serveAuthority() (err error) {
	m.authority, err = authority.Create(filepath.Join(m.folder, "ca"), authority.Options{
		TrustDomain: "example.org", Life: 24 * time.Hour, SVIDLife: time.Hour,
	}, time.Now())
	if err != nil {
		return err
	}
	pins, err := m.authority.Pins()
	if err != nil {
		return err
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := authority.NewServer(m.authority, []string{"127.0.0.1"}, slog.New(slog.DiscardHandler))
	m.closers = append(m.closers, func() { _ = s.Close() })
	go func() {
		if err := s.Serve(socket); err != nil {
			m.failed <- fmt.Errorf("serving the authority: %w", err)
		}
	}()
	m.common = append(m.common, line("identity.authority.url", "https://"+socket.Addr().String()), line("identity.authority.pin", pins[0]))
	for _, service := range []string{"shop", "stock"} {
		m.common = append(m.common, fmt.Sprintf("clusters.%s.tls = { mesh = true, peers = [%s] }", service, quoted(domain+service)))
	}
	return nil
}

// serve serves h on a free port of this machine.
func (m *mesh) serve(h http.Handler) (addr string, err error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("starting a service: %w", err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	m.closers = append(m.closers, func() { _ = s.Close() })
	go func() {
		if err := s.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			m.failed <- fmt.Errorf("serving a service: %w", err)
		}
	}()
	return socket.Addr().String(), nil
}

// run starts a proxy that is a member of the mesh, and waits until it takes requests.
func (m *mesh) run(ctx context.Context, name, role string, set ...string) (ready, error) {
	token, err := m.authority.Token(domain+name, 10*time.Minute, time.Now())
	if err != nil {
		return ready{}, err
	}
	of := func(file string) string { return filepath.Join(m.folder, name, file) }
	if err := os.Mkdir(filepath.Join(m.folder, name), 0o700); err != nil {
		return ready{}, err
	}
	if err := os.WriteFile(of("token"), []byte(token), 0o600); err != nil {
		return ready{}, err
	}
	set = slices.Concat(m.above, set, m.common)
	set = append(set, line("identity.id", domain+name), line("identity.cert", of("svid.pem")), line("identity.key", of("svid.key")),
		line("identity.bundle", of("bundle.pem")), fmt.Sprintf("identity.authority.token = { file = %s }", quoted(of("token"))),
		line("trace.service", name))
	c, err := runChild(m.log, name, m.file, role, set)
	if err != nil {
		return ready{}, err
	}
	m.children = append(m.children, c)
	return c.await(ctx)
}

// wait waits for a signal, or for the end of a part.
func (m *mesh) wait(ctx context.Context) error {
	ended := make(chan error, len(m.children))
	for _, c := range m.children {
		go func() {
			<-c.ended
			ended <- c.howEnded()
		}()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-m.failed:
		return err
	case err := <-ended:
		return err
	}
}

// end ends what was started, who sends requests before who takes them. err is why.
func (m *mesh) end(err error) error {
	for i := len(m.children) - 1; i >= 0; i-- {
		m.children[i].stop()
		if failed := m.children[i].err; failed != nil && !errors.Is(err, failed) {
			err = errors.Join(err, failed)
		}
	}
	for _, closes := range m.closers {
		closes()
	}
	return errors.Join(err, os.RemoveAll(m.folder))
}
