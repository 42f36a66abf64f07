package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// TestLongUploadIsNotALateAnswer: what an upstream is given for its answer, and the
// bound of silence, do not run while a body still comes, however long that takes.
func TestLongUploadIsNotALateAnswer(t *testing.T) {
	const answers = 200 * time.Millisecond
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		<-time.After(answers)
		_, _ = w.Write(b)
	})
	for name, up := range map[string]*coretest.Upstream{"http1": coretest.Serve(t, echo), "http2": coretest.ServeHTTP2(t, echo)} {
		for _, key := range []string{"idle", "per_try"} {
			t.Run(name+" "+key, func(t *testing.T) {
				t.Parallel()
				coretest.Unhurried(t, 10*answers, func(bound time.Duration) error {
					p := coretest.Proxy(t, coretest.Gateway(up.Addr, key+` = "`+bound.String()+`"`, "retries = { max = 0 }")+"protocol = \""+name+"\"\n")
					c := coretest.Dial(t, p.Addr("gateway"))
					_, err := c.Write([]byte("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"))
					began, pieces := time.Now(), time.NewTicker(bound/100)
					defer pieces.Stop()
					want := ""
					for err == nil && time.Since(began) < bound*3/2 {
						<-pieces.C
						_, err = c.Write([]byte("1\r\nx\r\n"))
						want += "x"
					}
					_, _ = c.Write([]byte("0\r\n\r\n"))
					if r, err := c.TryRead("PUT"); err != nil || r.Status != 200 || r.Body != want {
						return fmt.Errorf("%+v, %v; want 200 and %d bytes", r, err, len(want))
					}
					return nil
				})
			})
		}
	}
}

// TestSilentUploadEnds: a body that stops coming is silence.
func TestSilentUploadEnds(t *testing.T) {
	up := coretest.Script(t, func(p *coretest.Peer) { p.Ended() })
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, `idle = "50ms"`))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nxxx")
	if r := c.Read("PUT"); r.Status != 504 {
		t.Errorf("%+v, want 504", r)
	}
}
