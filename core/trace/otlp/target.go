package otlp

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/weirproxy/weir/core/sock"
)

// Options say where spans go, and how many may wait.
type Options struct {
	Endpoint string            // URL that is posted to
	Headers  map[string]string // sent with each request; values are secrets
	Roots    string            // file of PEM certificates to trust; "" for the system's
	Queue    int               // bytes of spans that may wait
	Batch    int               // bytes of spans from which they are sent at once
	Interval time.Duration     // that spans wait at most
	Timeout  time.Duration     // of one request
	Resource map[string]string // who we are: attributes of all spans
	Version  string            // of this proxy
}

// Target is a receiver, ready to be sent to.
type Target struct {
	o        Options
	client   *http.Client
	resource []byte // field "resource" of a message ResourceSpans
	scope    []byte // field "scope" of a message ScopeSpans
}

// maxAnswerHead and maxAnswer bound what is read of an answer, in bytes.
const (
	maxAnswerHead = 64 << 10
	maxAnswer     = 64 << 10
)

// NewTarget makes one. It opens no connection.
func NewTarget(o Options) (*Target, error) {
	t := &Target{o: o}
	transport := &http.Transport{
		DialContext:            sock.Dialer(net.Dialer{Timeout: o.Timeout}).DialContext,
		TLSHandshakeTimeout:    o.Timeout,
		MaxIdleConns:           1,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxAnswerHead,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		// Proxy is nil: a sidecar's environment may name the sidecar itself.
	}
	if o.Roots != "" {
		pem, err := os.ReadFile(o.Roots)
		if err != nil {
			return nil, fmt.Errorf("reading roots: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reading roots: %q holds no certificate in PEM", o.Roots)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	t.client = &http.Client{
		Transport: transport,
		Timeout:   o.Timeout,
		// The headers' secrets are for the endpoint alone.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.resource = resource(o.Resource)
	t.scope = scope(o.Version)
	return t, nil
}

func resource(attributes map[string]string) []byte {
	var m []byte
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		m = appendPair(m, 1, key, attributes[key])
	}
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), m)
}

func scope(version string) []byte {
	m := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "github.com/weirproxy/weir")
	m = protowire.AppendString(protowire.AppendTag(m, 2, protowire.BytesType), version)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), m)
}

// appendRequest appends a message ExportTraceServiceRequest with a batch.
func (t *Target) appendRequest(dst []byte, b *batch) []byte {
	scopeSpans := len(t.scope) + len(b.b)
	resourceSpans := len(t.resource) + protowire.SizeTag(2) + protowire.SizeBytes(scopeSpans)
	dst = protowire.AppendVarint(protowire.AppendTag(dst, 1, protowire.BytesType), uint64(resourceSpans))
	dst = append(dst, t.resource...)
	dst = protowire.AppendVarint(protowire.AppendTag(dst, 2, protowire.BytesType), uint64(scopeSpans))
	dst = append(dst, t.scope...)
	return append(dst, b.b...)
}

func (t *Target) close() { t.client.CloseIdleConnections() }
