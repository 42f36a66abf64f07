package main_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// foreign is a gateway that clients of other makes ask.
type foreign struct {
	clear, secure string // URLs of its listeners, by the name localhost where TLS needs one
	secureAddr    string
	roots         string // file of the authority behind secure's certificates
}

// upstreams are the clusters of a foreign gateway, by the first segment of the
// path, and what their services speak.
var upstreams = map[string]string{"one": "HTTP/1.1", "two": "HTTP/2.0", "tls": "HTTP/2.0"}

// serveForeign starts a gateway with a clear and a TLS listener before services of
// HTTP/1.1, HTTP/2 in clear, and HTTP/2 over TLS.
func serveForeign(t *testing.T, keys ...string) foreign {
	t.Helper()
	ca := identitytest.New(t)
	site := ca.Issue("site", identitytest.Request{Names: []string{"localhost", "127.0.0.1", "127.0.0.2"}})
	other := ca.Issue("other", identitytest.Request{Names: []string{"*.other.test"}})
	inner := httptest.NewUnstartedServer(http.HandlerFunc(mirror))
	inner.EnableHTTP2 = true
	inner.TLS = &tls.Config{Certificates: []tls.Certificate{ca.Pair(site)}}
	inner.StartTLS()
	t.Cleanup(inner.Close)
	var rest strings.Builder
	for name := range upstreams {
		fmt.Fprintf(&rest, "[[routes]]\nname = %q\nmatch = { path_prefix = \"/%s/\" }\ncluster = %q\n", name, name, name)
	}
	fmt.Fprintf(&rest, "[clusters.one]\nendpoints = [%q]\n", coretest.Serve(t, http.HandlerFunc(mirror)).Addr)
	fmt.Fprintf(&rest, "[clusters.two]\nprotocol = \"http2\"\nendpoints = [%q]\n", coretest.ServeHTTP2(t, http.HandlerFunc(mirror)).Addr)
	fmt.Fprintf(&rest, "[clusters.tls]\nprotocol = \"auto\"\nendpoints = [%q]\n[clusters.tls.tls]\nserver_name = \"localhost\"\nroots = %q\n",
		inner.Listener.Addr(), ca.File)
	// The addresses differ, so that they can be told apart.
	text := strings.Replace(gateway(coretest.Refusing(t), rest.String(), atOnce), "[gateway]\n",
		fmt.Sprintf("[gateway]\ntls_listen = [\"127.0.0.2:0\"]\ntls.certificates = [{ cert = %q, key = %q }, { cert = %q, key = %q }]\n%s\n",
			site.Cert, site.Key, other.Cert, other.Key, strings.Join(keys, "\n")), 1)
	addrs := start(t, "run", "-c", write(t, "", "proxy.toml", text)).ready().Listen["gateway"]
	slices.Sort(addrs)
	return foreign{"http://" + addrs[0], "https://" + addrs[1], addrs[1], ca.File}
}

// mirror answers with the body that it was sent, and says in fields what came.
func mirror(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the proxy has cut it
	}
	w.Header().Set("Trailer", "X-Sum")
	w.Header().Set("X-Seen", fmt.Sprintf("%s %s by %s, length %d, trailer %q, upgrade %q",
		r.Method, r.URL, r.Proto, r.ContentLength, r.Trailer.Get("X-T"), r.Header.Get("Upgrade")+r.Header.Get("Http2-Settings")))
	_, _ = w.Write(body)
	w.Header().Set("X-Sum", fmt.Sprint(len(body)))
}

// needs finds a program that this test is about. Where all checks must run its
// absence is a failure.
func needs(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if os.Getenv("CI_REQUIRED") != "" {
			t.Fatalf("there is no %s; run .ci/deps.sh debian", program)
		}
		t.Skipf("there is no %s; run .ci/deps.sh debian", program)
	}
	return path
}

// runs runs a program and gives what it printed; it must end well.
func runs(t *testing.T, stdin io.Reader, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), compiling)
	defer cancel()
	c := exec.CommandContext(ctx, program, args...)
	c.Stdin = stdin
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%.4000s", program, strings.Join(args, " "), err, out)
	}
	return strings.ReplaceAll(string(out), "\r\n", "\n")
}
