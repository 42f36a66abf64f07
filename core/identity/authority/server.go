package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
)

// Server is the door of an authority.
type Server struct {
	authority *Authority
	names     []string // that the door is asked for by
	log       *slog.Logger
	limits    limits
	http      http.Server

	mu    sync.Mutex
	shown *tls.Certificate
	by    *Root // who signed it
}

// NewServer makes the door of a, which clients know by names: hosts or addresses.
func NewServer(a *Authority, names []string, log *slog.Logger) *Server {
	s := &Server{authority: a, names: names, log: log, limits: newLimits()}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+SVIDPath, s.limited(s.svid))
	mux.HandleFunc("GET "+BundlePath, s.limited(s.bundle))
	var protocols http.Protocols
	protocols.SetHTTP1(true) // one request at a time
	s.http = http.Server{
		Protocols: &protocols,
		Handler:   mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		IdleTimeout: 30 * time.Second, MaxHeaderBytes: 8 << 10, ErrorLog: plainLog(log),
		TLSConfig: &tls.Config{
			MinVersion: tls.VersionTLS13, ClientAuth: tls.RequestClientCert, SessionTicketsDisabled: true,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.certificate(time.Now()) },
		},
	}
	return s
}

// plainLog takes what net/http has to say: handshakes that fail, above all.
func plainLog(to *slog.Logger) *log.Logger { return slog.NewLogLogger(to.Handler(), slog.LevelDebug) }

// Serve answers until Close.
func (s *Server) Serve(l net.Listener) error {
	now := time.Now()
	_, _ = s.authority.forget(func(g *grant) bool { return !now.Before(g.Expires) })
	s.authority.outlived(now)
	if err := s.http.ServeTLS(newCrowd(l), "", ""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close ends Serve.
func (s *Server) Close() error { return s.http.Close() }

// ownLife is how long the door's certificate lives; a new one is made after half of it.
const ownLife = 24 * time.Hour

// certificate is the door's own. Its root comes with it: by that one's pin a member
// trusts us that has no bundle yet.
func (s *Server) certificate(now time.Time) (*tls.Certificate, error) {
	r, err := s.authority.current()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	root := r.signer()
	if s.shown != nil && s.by.Cert.Equal(root.Cert) && s.shown.Leaf.NotAfter.Sub(now) > ownLife/2 {
		return s.shown, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	leaf, err := root.issueServer(key.Public(), s.names, ownLife, now)
	if err != nil {
		return nil, err
	}
	if left := root.Cert.NotAfter.Sub(now); left < root.Cert.NotAfter.Sub(root.Cert.NotBefore)/10 {
		s.log.Warn("the root that signs ends soon, and all identities with it: begin to rotate to a new one", "ends", root.Cert.NotAfter)
	}
	s.shown, s.by = &tls.Certificate{Certificate: [][]byte{leaf.Raw, root.Cert.Raw}, PrivateKey: key, Leaf: leaf}, root
	return s.shown, nil
}

// limited answers who does not ask too often.
func (s *Server) limited(next func(w http.ResponseWriter, r *http.Request, from netip.Addr)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		at, _ := netip.ParseAddrPort(r.RemoteAddr)
		if wait := s.limits.admit(at.Addr()); wait > 0 {
			later(w, wait)
			return
		}
		next(w, r, at.Addr())
	}
}

func (s *Server) bundle(w http.ResponseWriter, _ *http.Request, _ netip.Addr) {
	b, err := s.authority.Bundle()
	if err != nil {
		s.broken(w, err)
		return
	}
	answer(w, http.StatusOK, Answer{Bundle: string(b)})
}

func (s *Server) svid(w http.ResponseWriter, r *http.Request, from netip.Addr) {
	wrong := func(status int, text string) {
		s.limits.fail(from)
		s.log.Warn("an identity was refused", "client", r.RemoteAddr, "status", status, "err", text)
		refuse(w, status, text)
	}
	var q Request
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostRequest))
	d.DisallowUnknownFields()
	if err := d.Decode(&q); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			wrong(http.StatusRequestEntityTooLarge, "the request has more than 16 KiB")
			return
		}
		wrong(http.StatusBadRequest, "the request is not the JSON of {csr, token}")
		return
	}
	if _, err := d.Token(); err != io.EOF {
		wrong(http.StatusBadRequest, "the request is not the JSON of {csr, token}")
		return
	}
	now := time.Now()
	roots, err := s.authority.current()
	if err != nil {
		s.broken(w, err)
		return
	}
	id, use, err := s.who(&q, r.TLS, roots, now)
	if own, ok := errors.AsType[*ownFault](err); ok {
		s.broken(w, own)
		return
	} else if err != nil {
		wrong(http.StatusUnauthorized, err.Error())
		return
	}
	key, err := keyOf(q.CSR, id)
	if err != nil {
		wrong(http.StatusBadRequest, err.Error())
		return
	}
	issued, err := roots.issue(key, id, roots.svidLife, now)
	if err != nil {
		s.broken(w, err)
		return
	}
	if err := use(); err != nil { // last: no fault of ours uses a token up
		wrong(http.StatusUnauthorized, err.Error())
		return
	}
	s.log.Info("identity issued", "id", id.String(), "client", r.RemoteAddr, "by", map[bool]string{true: "token", false: "identity"}[q.Token != ""])
	answer(w, http.StatusOK, Answer{Chain: string(issued.Chain), Bundle: string(issued.Bundle)})
}

var errRevoked = errors.New("the identity that is shown was revoked: send a join token")

// ownFault is why who asks cannot be known.
type ownFault struct{ error }

var errNobody = errors.New("who asks is not known: send a join token, or show the identity that is to be renewed")

// who asks: by a token, else by the identity that is shown. use uses a token up.
func (s *Server) who(q *Request, state *tls.ConnectionState, r *roots, now time.Time) (id spiffeid.ID, use func() error, err error) {
	if q.Token != "" {
		return s.authority.granted(strings.TrimSpace(q.Token), r, now)
	}
	if len(state.PeerCertificates) == 0 {
		return id, nil, errNobody
	}
	id, err = r.holder(state.PeerCertificates, now)
	if err != nil {
		s.log.Debug("an identity that is shown is not believed", "err", err)
		return id, nil, errors.New("the identity that is shown is not one of ours, or has expired: send a join token")
	}
	switch revoked, err := s.authority.revoked(id, state.PeerCertificates[0]); {
	case err != nil:
		return id, nil, &ownFault{err}
	case revoked:
		s.log.Warn("a revoked identity asks to be renewed", "id", id.String())
		return id, nil, errRevoked
	}
	return id, func() error { return nil }, nil
}

// broken answers what is our own fault.
func (s *Server) broken(w http.ResponseWriter, err error) {
	s.log.Error("no identity can be issued", "err", err)
	refuse(w, http.StatusInternalServerError, "the authority cannot issue; its log says why")
}

func refuse(w http.ResponseWriter, status int, text string) { answer(w, status, Refusal{text}) }

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
