package system

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/weirproxy/weir/bench/internal/reply"
)

// Headers are sent with each request to every system, so that all parse the
// same bytes: some of Weir's filters ask for them.
var Headers = []string{
	keyHeader + ": bench-key-0123456789abcdef",
	tenantHeader + ": bench",
	"origin: " + pages,
	"authorization: Bearer " + account.Token,
}

const (
	keyHeader    = "x-api-key"
	tenantHeader = "x-tenant"
)

// prefix begins the path of each request. A filter may take it away.
const prefix = "/bench"

// field is a header field that a filter sets; a value of "" stands for any.
type field struct{ name, value string }

// wants is the evidence that a system's filters work.
type wants struct {
	target  string         // the path that the origin must get of prefix and HeadersPath; "" if as sent
	up      []field        // what the origin must get
	down    []field        // what the client must get
	refusal map[string]int // the status without one of Headers, by its name
}

// startLimit is how long a system may take to its first answer. A cold compile
// on a busy machine takes seconds.
const startLimit = 60 * time.Second

// await asks for a reply until there is one.
func await(ctx context.Context, c *http.Client, r *Running, url string, interval time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		_, _, err := get(ctx, c, url, "")
		if err == nil {
			return nil
		}
		if ended := r.Down(); ended != nil {
			return ended
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %q: %w (%v); it wrote: %s", r.Process.Name, err, context.Cause(ctx), r.Tail())
		case <-time.After(interval):
		}
	}
}

// check sees that a system passes requests on and that its filters do their
// work.
func check(ctx context.Context, c *http.Client, url string, w wants) error {
	down, body, err := get(ctx, c, url, "")
	if err != nil {
		return err
	}
	if !bytes.Equal(body, reply.Body) {
		return fmt.Errorf("the answer is %q, not the origin's", body)
	}
	_, up, err := get(ctx, c, url+reply.HeadersPath, "")
	if err != nil {
		return err
	}
	target := w.target
	if target == "" {
		target = prefix + reply.HeadersPath
	}
	if line := "GET " + target + " "; !bytes.HasPrefix(up, []byte(line)) {
		return fmt.Errorf("the origin did not get %q; it got %q", line, up)
	}
	for _, f := range w.up {
		if !f.isIn(string(up)) {
			return fmt.Errorf("the origin did not get %q; it got %q", f.String(), up)
		}
	}
	for _, f := range w.down {
		if got := down.Get(f.name); got == "" || f.value != "" && got != f.value {
			return fmt.Errorf("the client did not get %q; it got %q", f.String(), down)
		}
	}
	for without, want := range w.refusal {
		if _, _, err := get(ctx, c, url, without); err != statusError(want) {
			return fmt.Errorf("a request without %s should be refused with %d, got %v", without, want, err)
		}
	}
	return nil
}

// refusesStrangers sees that the second of a pair serves nobody who comes in clear or
// does not say who it is.
func refusesStrangers(ctx context.Context, behind *Running) error {
	for _, scheme := range []string{"http://", "https://"} {
		if _, _, err := get(ctx, asker, scheme+behind.Addr+prefix, ""); err == nil {
			return fmt.Errorf("%q serves a stranger by %s; it should ask for a certificate", behind.System.Name, scheme)
		}
	}
	return nil
}

// statusError is an answer other than 200.
type statusError int

func (e statusError) Error() string {
	return fmt.Sprintf("the answer's status is %d, want 200", int(e))
}

func (f field) String() string { return f.name + ": " + f.value }

// isIn looks for the field in a block of header lines.
func (f field) isIn(block string) bool {
	for line := range strings.Lines(block) {
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		value = strings.TrimSpace(value)
		if ok && strings.EqualFold(name, f.name) && value != "" && (f.value == "" || value == f.value) {
			return true
		}
	}
	return false
}

// asker speaks HTTP/1.1, asker2 HTTP/2. Certificates are taken as they are: they
// were made for this run.
var asker, asker2 = client(false), client(true)

func client(http2 bool) *http.Client {
	t := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	if http2 {
		t.Protocols = new(http.Protocols)
		t.Protocols.SetUnencryptedHTTP2(true)
	}
	return &http.Client{Transport: t}
}

// client is who asks the system as its clients do.
func (s System) client() *http.Client {
	if s.Streams > 0 {
		return asker2
	}
	return asker
}

// get asks once, on a connection of its own, with all of Headers but one.
func get(ctx context.Context, c *http.Client, url, without string) (http.Header, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Close = true
	for _, h := range Headers {
		if name, value, _ := strings.Cut(h, ": "); name != without {
			req.Header.Set(name, value)
		}
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = statusError(resp.StatusCode)
	}
	return resp.Header, body, err
}
