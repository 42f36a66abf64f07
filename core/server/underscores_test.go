package server_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// variables are what a server in the tradition of CGI makes of the fields of interest
// (RFC 3875, section 4.1.18), and trailers whose name has an underscore.
func variables(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	said := map[string]string{}
	for name, values := range r.Header {
		v := "HTTP_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if v == "HTTP_X_USER" || v == "HTTP_X_FORWARDED_FOR" {
			said[v] += strings.Join(values, ",") + ";"
		}
	}
	for name, values := range r.Trailer {
		if strings.Contains(name, "_") && len(values) > 0 { // it came, and was not announced alone
			said["trailer"] += name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(said)) {
		fmt.Fprintf(w, "%s=%s ", name, said[name])
	}
}

// TestUnderscoresInNames: nobody at the edge can say as x_user what is said in x-user, in
// either version of HTTP, unless the file lets them.
func TestUnderscoresInNames(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(variables))
	const pretended, clean = "HTTP_X_FORWARDED_FOR=127.0.0.1;6.6.6.6; HTTP_X_USER=root; trailer=X_end ", "HTTP_X_FORWARDED_FOR=127.0.0.1; "
	versions := map[string]*http.Transport{"HTTP/1.1": {}, "HTTP/2": {Protocols: new(http.Protocols)}}
	versions["HTTP/2"].Protocols.SetUnencryptedHTTP2(true)
	for policy, tt := range map[string]struct {
		status  int
		says    string
		dropped float64
	}{
		"":                              {200, clean, 6},
		`underscores = "drop"` + "\n":   {200, clean, 6},
		`underscores = "allow"` + "\n":  {200, pretended, 0},
		`underscores = "refuse"` + "\n": {400, "", 0},
	} {
		p := coretest.Proxy(t, coretest.Gateway(up.Addr, "[limits]\n"+policy))
		for version, tr := range versions {
			r, _ := http.NewRequest("GET", "http://"+p.Addr("gateway")+"/", nil)
			if tt.status == 200 {
				r.Method, r.Body, r.Trailer = "POST", io.NopCloser(strings.NewReader("x")), http.Header{"X_end": {"1"}}
			}
			r.Header = http.Header{"X_User": {"root"}, "X_forwarded-For": {"6.6.6.6"}}
			resp, err := tr.RoundTrip(r)
			if err != nil {
				t.Fatalf("%s, %q: %v", version, policy, err)
			}
			body, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if tt.says == pretended { // in the order in which a map was gone through
				body = []byte(strings.Replace(string(body), "6.6.6.6;127.0.0.1;", "127.0.0.1;6.6.6.6;", 1))
			}
			if resp.StatusCode != tt.status || tt.says != "" && string(body) != tt.says {
				t.Errorf("%s, %q: %d %q", version, policy, resp.StatusCode, body)
			}
		}
		if n := p.Metric(`weir_request_fields_dropped_total{listener="gateway"}`); n != tt.dropped {
			t.Errorf("%q: %v dropped, want %v", policy, n, tt.dropped)
		}
	}
	for _, tr := range versions {
		tr.CloseIdleConnections()
	}
}

// TestUnderscoresBesideAService: a sidecar's callers are known, and may name fields as
// they like.
func TestUnderscoresBesideAService(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(variables))
	p := coretest.ProxyWith(t, bothRoles(up.Addr, up.Addr, tagging(t)), coretest.Options{Role: "gateway+sidecar"})
	for side, want := range map[string]bool{"gateway": false, "inbound": true, "outbound": true} {
		r := from(t, p.Addr(side), "orders", "/", "X_User: root")
		if got := strings.Contains(r.Body, "HTTP_X_USER=root"); r.Status != 200 || got != want {
			t.Errorf("%s: %d %q", side, r.Status, r.Body)
		}
	}
}
