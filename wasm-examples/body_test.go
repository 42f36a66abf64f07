package examples_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// The examples' own configuration is "event=moment".
var body = topic{
	behaves: func(t *testing.T, w *world) {
		t.Run("in pieces", func(t *testing.T) { inPieces(t, w) })
		t.Run("with a length", func(t *testing.T) { withLength(t, w) })
		t.Run("left alone", func(t *testing.T) { leftAlone(t, w) })
		t.Run("large", func(t *testing.T) { large(t, w) })
		t.Run("trailers", func(t *testing.T) { trailers(t, w) })
	},
	refuses: []refusal{
		{"=moment", `no word before "="; give OLD=NEW`},
		{"event", `no word before "="; give OLD=NEW`},
		{"", `no word before "="; give OLD=NEW`},
	},
}

// piece is what the service sends at once, and what must reach the client before
// it sends more.
type piece struct{ sent, reaches string }

func inPieces(t *testing.T, w *world) {
	for name, pieces := range map[string][]piece{
		"whole":          {{"an event, ", "an moment, "}, {"event", "moment"}},
		"cut once":       {{"an eve", "an "}, {"nt.", "moment."}},
		"cut everywhere": {{"e", ""}, {"v", ""}, {"e", ""}, {"n", ""}, {"t", "moment"}, {"e", ""}, {".", "e."}},
		"not it":         {{"eleven eve", "eleven "}, {"r", "ever"}, {"eve", ""}, {"event", "evemoment"}},
		"ends begun":     {{"an even", "an "}, {"", "even"}},
		"not again":      {{"mom", "mom"}, {"evententevent", "momententmoment"}},
		"bytes":          {{"\xff\x00ev", "\xff\x00"}, {"\xff", "ev\xff"}},
	} {
		t.Run(name, func(t *testing.T) {
			arrived := make(chan bool)
			w.app.does(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/plain; charset=utf-8")
				for _, p := range pieces {
					_, _ = io.WriteString(w, p.sent)
					_ = http.NewResponseController(w).Flush()
					if p.sent == "" {
						break
					}
					select {
					case <-arrived:
					case <-r.Context().Done(): // the test has failed
						return
					}
				}
			})
			resp := stream(t, w.addr)
			for _, p := range pieces {
				// With nothing held back but the begin of a word, this much comes now.
				if p.sent == "" {
					break
				}
				if got, err := next(resp.Body, p.reaches); err != nil || got != p.reaches {
					t.Fatalf("after %q: %q, %v; want %q", p.sent, got, err, p.reaches)
				}
				arrived <- true
			}
			rest, err := io.ReadAll(resp.Body)
			want := ""
			if last := pieces[len(pieces)-1]; last.sent == "" {
				want = last.reaches
			}
			if string(rest) != want || err != nil {
				t.Errorf("at the end: %q, %v; want %q", rest, err, want)
			}
		})
	}
}

// next reads what is wanted, or up to where it is something else.
func next(r io.Reader, want string) (got string, err error) {
	for b := make([]byte, 1); err == nil && got != want && strings.HasPrefix(want, got); {
		var n int
		n, err = r.Read(b)
		got += string(b[:n])
	}
	return got, err
}

// stream asks, and leaves the response's body to the caller.
func stream(t *testing.T, addr string) *http.Response {
	t.Helper()
	c := coretest.Dial(t, addr)
	c.Send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
	resp, err := http.ReadResponse(c.R, &http.Request{Method: "GET"})
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 {
		t.Fatalf("status %d", resp.StatusCode)
	}
	return resp
}

func withLength(t *testing.T, w *world) {
	for text, want := range map[string]string{"event event": "moment moment", "no such word": "no such word", "": ""} {
		w.app.does(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, text)
		})
		if r := coretest.Get(t, w.addr, "/"); r.Body != want || r.Err != nil {
			t.Errorf("%q becomes %q, %v", text, r.Body, r.Err)
		}
	}
}

func leftAlone(t *testing.T, w *world) {
	const text = "event"
	for _, c := range []struct {
		kind, name, value string
		status            int
	}{
		{"application/json", "", "", 200},
		{"", "", "", 200},
		{"text/plain", "Content-Encoding", "br", 200},
		{"text/plain", "Content-Range", "bytes 0-4/10", 206},
	} {
		w.app.does(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Type"] = nil // not to be guessed
			if c.kind != "" {
				w.Header().Set("Content-Type", c.kind)
			}
			if c.name != "" {
				w.Header().Set(c.name, c.value)
			}
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, text)
		})
		r := coretest.Get(t, w.addr, "/")
		if r.Status != c.status || r.Body != text || r.Header.Get("Content-Length") != "5" {
			t.Errorf("%q, %s %q: %d, %q, length %q", c.kind, c.name, c.value, r.Status, r.Body, r.Header.Get("Content-Length"))
		}
	}
}

// large is more than any instance has memory for.
func large(t *testing.T, w *world) {
	line := strings.Repeat("-", 1000) + "event\n"
	want := strings.Replace(line, "event", "moment", 1)
	const lines = 24_000
	w.app.does(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		for range lines {
			if _, err := io.WriteString(w, line); err != nil {
				return
			}
		}
	})
	resp := stream(t, w.addr)
	got := make([]byte, len(want))
	for n := range lines {
		if _, err := io.ReadFull(resp.Body, got); err != nil || !bytes.Equal(got, []byte(want)) {
			t.Fatalf("line %d: %q, %v", n, got[max(0, len(got)-20):], err)
		}
	}
	if rest, err := io.ReadAll(resp.Body); len(rest) > 0 || err != nil {
		t.Errorf("at the end: %.20q, %v", rest, err)
	}
}

// trailers that come while a word may have begun: what was kept cannot be sent
// then. Either the proxy drops trailers, or the client sees a failure.
func trailers(t *testing.T, w *world) {
	w.app.does(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "an even")
		_ = http.NewResponseController(w).Flush()
		w.Header().Set(http.TrailerPrefix+"X-Sum", "1")
	})
	if r := coretest.Get(t, w.addr, "/"); r.Err == nil && r.Status != 502 && r.Body != "an even" {
		t.Errorf("%d, the body is %q, and ends well", r.Status, r.Body)
	}
	w.app.does(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Trailer", "X-Sum")
		_, _ = io.WriteString(w, "an event")
		w.Header().Set("X-Sum", "1")
	})
	if r := coretest.Get(t, w.addr, "/"); r.Err != nil || r.Body != "an event" {
		t.Errorf("with announced trailers the body is %q, %v", r.Body, r.Err)
	}
}
