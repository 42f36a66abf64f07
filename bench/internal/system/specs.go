package system

import (
	"bytes"
	"embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"text/template"

	"github.com/weirproxy/weir/bench/internal/proc"
)

//go:embed templates
var files embed.FS

// Parsed when they are asked for: the binary that has this package seldom measures.
var templates = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(files, "templates/*")) })

// addresses are where a system listens, and where the origin does.
type addresses struct {
	Addr, Upstream string
	Admin          string // of the admin's door; "" where nobody asks it
}

// view is what a template sees.
type view struct {
	addresses
	Name       string // of the process
	Dir, Cache string
	Module     string   // the guest's file
	Headers    []header // filters made of it
	Burns      bool     // it is one that uses CPU, on a route of its own
	Collects   bool     // it is the one in Go
	Builtin    string   // tables of Weir's own filters
	Edge       bool     // a gateway's chain with its log
	Login      login    // what it goes by
	Pages      string   // the origin that may ask
	Chain      []string // names of filters, in order
	TLS        bool     // clients speak it
	Cert, Key  string   // files, where clients speak TLS
	member
	HTTP2   bool // clients speak it, in clear
	Streams int  // that a client may have at once
}

func (a addresses) part(addr string, port bool) (string, error) {
	h, p, err := net.SplitHostPort(addr)
	if port {
		return p, err
	}
	return h, err
}

// Host and the rest serve templates that want an address in two parts.
func (a addresses) Host() (string, error)         { return a.part(a.Addr, false) }
func (a addresses) Port() (string, error)         { return a.part(a.Addr, true) }
func (a addresses) UpstreamHost() (string, error) { return a.part(a.Upstream, false) }
func (a addresses) UpstreamPort() (string, error) { return a.part(a.Upstream, true) }

// render writes a system's configuration and gives the file's path.
func (s *Setup) render(sys System, a addresses, name string) (string, error) {
	v := view{
		addresses: a, Name: sys.Name, Dir: s.Dir, Cache: s.Cache(), Module: s.module(sys.guest),
		Headers: headersOf(sys.copies), Chain: sys.chain, Burns: sys.guest == burn, Collects: sys.guest == collect,
		Edge: sys.edge || sys.builtin == edge.tables, Login: account, Pages: pages, member: s.member(sys.hop),
	}
	v.Cert, v.Key = s.files(sys)
	v.TLS = sys.key != "" || v.Behind
	v.HTTP2, v.Streams = sys.Streams > 0, max(sys.Streams, 100)
	var b bytes.Buffer
	for _, file := range []string{sys.builtin, name} {
		v.Builtin = b.String()
		b.Reset()
		if file == "" {
			continue
		}
		if err := templates().ExecuteTemplate(&b, file, v); err != nil {
			return "", fmt.Errorf("writing the configuration of %q: %w", sys.Name, err)
		}
	}
	path := filepath.Join(s.Dir, sys.Name+"-"+name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		return "", fmt.Errorf("writing the configuration of %q: %w", sys.Name, err)
	}
	return path, nil
}

func nginxSpec(s *Setup, sys System, a addresses) (proc.Spec, error) {
	file, err := s.render(sys, a, "nginx.conf")
	return proc.Spec{Path: s.tools[nginx], Args: []string{"-p", s.Dir, "-c", file}}, err
}

func haproxySpec(s *Setup, sys System, a addresses) (proc.Spec, error) {
	file, err := s.render(sys, a, "haproxy.cfg")
	return proc.Spec{Path: s.tools[haproxy], Args: []string{"-db", "-f", file}}, err
}

func envoySpec(s *Setup, sys System, a addresses) (proc.Spec, error) {
	file, err := s.render(sys, a, "envoy.yaml")
	return proc.Spec{
		Path: s.tools[envoy],
		Args: []string{"-c", file, "--concurrency", "2", "--disable-hot-restart", "-l", "error"},
	}, err
}

func weirSpec(s *Setup, sys System, a addresses) (proc.Spec, error) {
	file, err := s.render(sys, a, "weir.toml")
	return proc.Spec{Path: s.tools[weir], Args: []string{"run", "-c", file}, Env: append(twoThreads, sys.env...)}, err
}

func loopSpec(s *Setup, _ System, a addresses) (proc.Spec, error) {
	return proc.Spec{
		Path: s.Self, Args: s.self("loop", "--listen", a.Addr, "--upstream", a.Upstream), Env: twoThreads,
	}, nil
}

// twoThreads gives a Go program what the peers are given by their own
// configuration.
var twoThreads = []string{"GOMAXPROCS=2"}
