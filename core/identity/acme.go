package identity

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"github.com/weirproxy/weir/core/private"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// ACMEOptions are how certificates are got from an authority (RFC 8555).
type ACMEOptions struct {
	Directory string // URL
	Email     string // that the authority may write to, or ""
	Hosts     []string
	Folder    string // where the account and the certificates are kept
	Roots     string // file of PEM certificates that the directory is trusted by; "": the system's
	Log       *slog.Logger
}

// ACME gets certificates for hosts, and renews them when two thirds of their
// life have passed. It does so beside the handshakes: none waits for the
// authority. What was got last is shown for as long as there is nothing better.
type ACME struct {
	opt     ACMEOptions
	manager *autocert.Manager
	tokens  http.Handler
	pairs   sync.Map // *Pair by host
	end     context.CancelFunc
	ended   context.Context
	running atomic.Bool
}

// NewACME opens the folder. It asks for nothing before Run.
func NewACME(o ACMEOptions) (*ACME, []Problem) {
	folder, err := private.Folder(o.Folder, "private keys are kept there")
	if err != nil {
		return nil, []Problem{{"acme.cache", err}}
	}
	a := &ACME{opt: o}
	a.ended, a.end = context.WithCancel(context.Background())
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = sock.Dialer(net.Dialer{Timeout: 30 * time.Second}).DialContext
	if o.Roots != "" {
		_, pool, err := readRoots(o.Roots)
		if err != nil {
			return nil, []Problem{{"acme.roots", err}}
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	a.manager = &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(folder), HostPolicy: autocert.HostWhitelist(o.Hosts...), Email: o.Email,
		Client: &acme.Client{DirectoryURL: o.Directory, HTTPClient: &http.Client{Transport: &teller{transport, a}, Timeout: time.Minute}, UserAgent: "weir"},
	}
	a.tokens = a.manager.HTTPHandler(http.NotFoundHandler())
	return a, nil
}

// Equal says whether o asks for the same.
func (a *ACME) Equal(o ACMEOptions) bool {
	return a.opt.Directory == o.Directory && a.opt.Email == o.Email && slices.Equal(a.opt.Hosts, o.Hosts) &&
		a.opt.Folder == o.Folder && a.opt.Roots == o.Roots
}

// Run gets what is not there yet, in the background, until Close. Listeners must
// serve by then: the authority looks whether the hosts are ours.
func (a *ACME) Run() {
	if a.running.Swap(true) {
		return
	}
	for _, host := range a.opt.Hosts {
		go a.obtain(host)
	}
}

// Close ends it. Certificates that are in use stay.
func (a *ACME) Close() { a.end() }

// How long to wait before the authority is asked again: for the first time, and
// at most.
const (
	askAgain = time.Minute
	askMost  = time.Hour
)

func (a *ACME) obtain(host string) {
	for wait := askAgain; ; wait = min(2*wait, askMost) {
		err := a.look(host)
		if err == nil || a.ended.Err() != nil {
			return
		}
		a.opt.Log.Error("no certificate from the ACME directory", "host", host, "directory", a.opt.Directory, "err", err, "again_in", wait)
		select {
		case <-time.After(wait):
		case <-a.ended.Done():
			return
		}
	}
}

// look takes up the certificate of a host, which it asks the authority for if
// none is there.
func (a *ACME) look(host string) error {
	c, err := a.manager.GetCertificate(&tls.ClientHelloInfo{ServerName: host, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}})
	if err != nil {
		return err
	}
	before := a.pair(host)
	if before != nil && bytes.Equal(before.Leaf.Raw, c.Leaf.Raw) {
		return nil
	}
	a.pairs.Store(host, &Pair{Files: Files{Cert: "acme:" + host}, Certificate: *c, Told: &stream.Certificate{X509: c.Leaf}})
	a.opt.Log.Info("certificate from the ACME directory", "host", host, "ends", c.Leaf.NotAfter, "renewed", before != nil)
	return nil
}

// Refresh takes up what was renewed.
func (a *ACME) Refresh() {
	for _, p := range a.Pairs() {
		if err := a.look(strings.TrimPrefix(p.Cert, "acme:")); err != nil {
			a.opt.Log.Error("a certificate of the ACME directory cannot be had again: the last stays in use", "certificate", p.Cert, "err", err)
		}
	}
}

// Pairs are the certificates that were got, in the order of the hosts.
func (a *ACME) Pairs() (all []*Pair) {
	for _, host := range a.opt.Hosts {
		if p := a.pair(host); p != nil {
			all = append(all, p)
		}
	}
	return all
}

func (a *ACME) pair(host string) *Pair {
	p, ok := a.pairs.Load(strings.ToLower(strings.TrimSuffix(host, ".")))
	if !ok {
		return nil
	}
	return p.(*Pair)
}

// proves says whether a client is the authority that looks whether a host is
// ours (RFC 8737).
func proves(h *tls.ClientHelloInfo) bool {
	return len(h.SupportedProtos) == 1 && h.SupportedProtos[0] == acme.ALPNProto
}

// ChallengePath begins the paths that an authority asks for to see whether a
// host is ours (RFC 8555, section 8.3).
const ChallengePath = "/.well-known/acme-challenge/"

// Answer is what such a path holds; ok is false for one that is nobody's.
func (a *ACME) Answer(host, path string) (body []byte, ok bool) {
	var w answer
	a.tokens.ServeHTTP(&w, &http.Request{Method: http.MethodGet, Host: withoutPort(host), URL: &url.URL{Path: path}})
	return w.body, w.status == 0
}

// answer is a response that is looked at.
type answer struct {
	status int
	body   []byte
}

func (w *answer) Header() http.Header    { return http.Header{} }
func (w *answer) WriteHeader(status int) { w.status = status }
func (w *answer) Write(p []byte) (int, error) {
	w.body = append(w.body, p...)
	return len(p), nil
}

// teller asks the directory, and tells the log of what fails: renewals have
// nobody to answer to.
type teller struct {
	http.RoundTripper
	acme *ACME
}

var errEnded = errors.New("the configuration asks for other certificates now")

func (t *teller) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.acme.ended.Err() != nil {
		return nil, errEnded
	}
	resp, err := t.RoundTripper.RoundTrip(r)
	switch {
	case err != nil:
		t.acme.opt.Log.Warn("the ACME directory cannot be asked: the last certificates stay in use", "url", r.URL.String(), "err", err)
	case resp.StatusCode >= 500:
		t.acme.opt.Log.Warn("the ACME directory fails: the last certificates stay in use", "url", r.URL.String(), "status", fmt.Sprint(resp.StatusCode))
	}
	return resp, err
}
