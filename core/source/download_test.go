package source_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/source"
	. "github.com/weirproxy/weir/core/source/sourcetest"
)

// TestDownload fetches a module once in the life of its folder.
func TestDownload(t *testing.T) {
	s := NewServer(t, serve(wasm))
	r := newRig(t, s.Roots)
	q := source.Request{Module: "https://" + s.Host + "/house.wasm", SHA256: strings.ToUpper(sumOf(wasm))}
	want(t, r.load(q), source.Fetched)
	s.Away()
	want(t, r.load(q), source.Kept)
	r.Store = nil
	refused(t, r.load(q), "connection refused")
	if len(r.waits) == 0 {
		t.Error("it was not tried again")
	}
}

func TestDownloadRefuses(t *testing.T) {
	const mib = 1 << 20
	to := func(where string) Fault { return Status(302, "Location", where) }
	for name, c := range map[string]struct {
		fault Fault
		says  string
		tries int
	}{
		"not there":           {Status(404), "404 Not Found", 1},
		"not for us":          {Status(401), "401 Unauthorized", 1},
		"no content":          {Status(204), "204 No Content", 1},
		"too large":           {Status(200, "Content-Length", "70000000"), "it has 70000000 bytes, more than 67108864", 1},
		"too large, unsaid":   {endless, "it has more than 67108864 bytes", 1},
		"a loop":              {to("/again"), "it redirects more than 5 times", 1},
		"not encrypted":       {to("http://127.0.0.1:1/house.wasm"), "http://127.0.0.1:1, which is not encrypted", 1},
		"another scheme":      {to("file:///etc/passwd"), "file://, which is not encrypted", 1},
		"a head that is huge": {Status(200, "X-Huge", strings.Repeat("x", mib)), "", 8},
		"cut":                 {Cut(wasm), "", 8},
		"broken":              {Status(500), "500 Internal Server Error", 8},
		"busy":                {Status(429), "429 Too Many Requests", 8},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewServer(t, serve(wasm))
			tries := 0
			s.Fails(func(w http.ResponseWriter, req *http.Request) bool {
				if !strings.Contains(req.URL.Path, "again") {
					tries++
				}
				return c.fault(w, req)
			})
			r := newRig(t, s.Roots)
			wait := r.Wait
			r.Wait = func(ctx context.Context, d time.Duration) error {
				if len(r.waits) == c.tries-1 {
					return context.DeadlineExceeded
				}
				return wait(ctx, d)
			}
			refused(t, r.load(source.Request{Module: "https://" + s.Host + "/house.wasm?sig=hush", SHA256: sumOf(wasm)}), "fetching module", s.Host+"/house.wasm", c.says)
			if tries != c.tries {
				t.Errorf("%d tries, want %d", tries, c.tries)
			}
			if strings.Contains(r.log.String(), "hush") {
				t.Errorf("the log tells the URL's secret:\n%s", &r.log)
			}
		})
	}
}

func endless(w http.ResponseWriter, r *http.Request) bool {
	for piece := bytes.Repeat([]byte("x"), 1<<20); r.Context().Err() == nil; {
		if _, err := w.Write(piece); err != nil {
			break
		}
	}
	return true
}

// TestDownloadTriesAgain while what is wrong may pass.
func TestDownloadTriesAgain(t *testing.T) {
	for name, fault := range map[string]Fault{"cut": Cut(wasm), "busy": Status(503), "a proxy": Status(502)} {
		t.Run(name, func(t *testing.T) {
			s := NewServer(t, serve(wasm))
			s.Fails(Times(3, fault))
			r := newRig(t, s.Roots)
			want(t, r.load(source.Request{Module: "https://" + s.Host + "/house.wasm", SHA256: sumOf(wasm)}), source.Fetched)
			if len(r.waits) != 3 {
				t.Fatalf("waits %v, want three", r.waits)
			}
			for i, longest := range []time.Duration{250, 500, 1000} {
				if longest *= time.Millisecond; r.waits[i] < longest/2 || r.waits[i] > longest {
					t.Errorf("wait %d is %v, want %v to %v", i, r.waits[i], longest/2, longest)
				}
			}
		})
	}
}

// TestRetryAfter waits as long as the server wishes, within what is left.
func TestRetryAfter(t *testing.T) {
	s := NewServer(t, serve(wasm))
	q := source.Request{Module: "https://" + s.Host + "/house.wasm", SHA256: sumOf(wasm)}
	s.Fails(Times(1, Status(429, "Retry-After", "7")))
	r := newRig(t, s.Roots)
	want(t, r.load(q), source.Fetched)
	if len(r.waits) != 1 || r.waits[0] != 7*time.Second {
		t.Errorf("waits %v, want 7s", r.waits)
	}
	s.Fails(Status(503, "Retry-After", "3600"))
	r = newRig(t, s.Roots)
	refused(t, r.load(q), "503 Service Unavailable")
	if len(r.waits) != 0 {
		t.Errorf("waits %v for longer than all may take", r.waits)
	}
	for _, odd := range []string{"-1", "soon", "99999999999999999999", "Fri, 31 Dec 1999 23:59:59 GMT"} {
		s.Fails(Times(1, Status(503, "Retry-After", odd)))
		r = newRig(t, s.Roots)
		want(t, r.load(q), source.Fetched)
		if len(r.waits) != 1 || r.waits[0] > time.Second {
			t.Errorf("Retry-After %q: waits %v", odd, r.waits)
		}
	}
}

// TestTimeout: a source that says nothing, or never comes to an end, is left.
func TestTimeout(t *testing.T) {
	drip := func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		return Silent(w, r)
	}
	for name, fault := range map[string]Fault{"silent": Silent, "slow": drip} {
		t.Run(name, func(t *testing.T) {
			s := NewServer(t, serve(wasm))
			s.Fails(fault)
			r := newRig(t, s.Roots)
			r.Timeout = 300 * time.Millisecond
			refused(t, r.load(source.Request{Module: "https://" + s.Host + "/house.wasm", SHA256: sumOf(wasm)}), "it took longer than modules.timeout, 300ms", "deadline exceeded")
		})
	}
}

// TestManyAtOnce fetches all modules within one bound, and each once.
func TestManyAtOnce(t *testing.T) {
	s := NewServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.URL.Path)) }))
	var all []source.Request
	for _, name := range strings.Split("abcdefghijklmnopqrst", "") {
		q := source.Request{Module: "https://" + s.Host + "/" + name, SHA256: sumOf([]byte("/" + name))}
		all = append(all, q, q)
	}
	r := newRig(t, s.Roots)
	l := source.Load(context.Background(), r.Options, all)
	for _, q := range all {
		m := l.Module(q)
		if m.Err != nil || m.Sum.String() != q.SHA256 || !strings.HasSuffix(m.Module, string(m.Code)) {
			t.Errorf("%s: %q, %v", m.Module, m.Code, m.Err)
		}
	}
	if s.Requests() != len(all)/2 {
		t.Errorf("%d requests for %d modules", s.Requests(), len(all)/2)
	}
}

func TestRoots(t *testing.T) {
	s := NewServer(t, serve(wasm))
	q := source.Request{Module: "https://" + s.Host + "/house.wasm", SHA256: sumOf(wasm)}
	for name, c := range map[string]struct{ roots, says string }{
		"others":          {NewServer(t, serve(wasm)).Roots, ""},
		"the system's":    {"", "certificate signed by unknown authority"},
		"not there":       {"missing.pem", "reading modules.roots: open missing.pem"},
		"no certificates": {write(t, "roots.pem", []byte("hello")), "there is no PEM certificate in"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, c.roots)
			if c.says == "" {
				want(t, r.load(q), source.Fetched) // the same test certificate
				return
			}
			refused(t, r.load(q), c.says)
			if len(r.waits) != 0 {
				t.Errorf("tried again %d times", len(r.waits))
			}
		})
	}
}

// TestPlainDownload: this machine may be asked without TLS, and sends nobody
// elsewhere.
func TestPlainDownload(t *testing.T) {
	s := NewPlainServer(t, serve(wasm))
	q := source.Request{Module: "http://" + s.Host + "/house.wasm", SHA256: sumOf(wasm)}
	r := newRig(t, "")
	want(t, r.load(q), source.Fetched)
	s.Fails(Status(302, "Location", "http://modules.example/house.wasm"))
	refused(t, newRig(t, "").load(q), "http://modules.example, which is not encrypted")
}
