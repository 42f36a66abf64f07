package main_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// memory is a figure of a process's memory in bytes: VmRSS, or VmHWM for the most
// it has been.
func (p *process) memory(name string) (bytes int64) {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Skipf("this system does not tell: %v", err)
	}
	for line := range strings.Lines(string(text)) {
		if figure, ok := strings.CutPrefix(line, name+":"); ok {
			fmt.Sscanf(figure, "%d", &bytes)
			return bytes << 10
		}
	}
	p.t.Fatalf("there is no %s in %s", name, text)
	return 0
}

// forget has the most memory that the process had (VmHWM) begin anew, where the system
// can: starting took more than what runs, and counts elsewhere.
func (p *process) forget() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.cmd.Process.Pid), []byte("5"), 0)
}

// noise cannot be made smaller.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// sending serves size bytes of piece, over and over, and tells how many it got
// rid of.
func sending(t *testing.T, piece []byte, size int) (up *coretest.Upstream, sent chan int) {
	sent = make(chan int, 1)
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		n := 0
		for n < size {
			k, err := w.Write(piece[:min(len(piece), size-n)])
			if n += k; err != nil {
				break
			}
		}
		sent <- n
	})), sent
}

// grown is what a download may add to the memory of the process, an encoder
// included, in bytes.
const grown = 48 << 20

// TestLongDownloadsCostNoMemory: 1 GiB as it is, and 256 MiB in each coding.
func TestLongDownloadsCostNoMemory(t *testing.T) {
	if race {
		t.Skip("the race detector has memory of its own")
	}
	for _, coding := range encodings {
		t.Run("coding "+coding, func(t *testing.T) {
			size := 1 << 30
			if coding != "" {
				size = 256 << 20
			}
			up, _ := sending(t, []byte(page(1<<20)), size)
			p, at := encoding(t, up.Addr, "")
			p.forget()
			before := p.memory("VmRSS")
			body := decoded(t, coding, get(t, at, coding).Body)
			if n, err := io.Copy(io.Discard, body); n != int64(size) || err != nil {
				t.Errorf("%d bytes arrived of %d: %v", n, size, err)
			}
			after := p.memory("VmHWM")
			t.Logf("%d MiB before, at most %d MiB", before>>20, after>>20)
			if after-before > grown {
				t.Errorf("%d MiB more than before", (after-before)>>20)
			}
		})
	}
}

// TestSlowReadersHoldTheUpstreamBack, whatever the coding: what they do not read
// is neither gathered nor encoded for them.
func TestSlowReadersHoldTheUpstreamBack(t *testing.T) {
	for _, coding := range encodings {
		t.Run("coding "+coding, func(t *testing.T) {
			up, sent := sending(t, noise(1<<20), 1<<30)
			p, at := encoding(t, up.Addr, "level = 9", "[timeouts]\nwrite_idle = \"500ms\"")
			p.forget()
			before := p.memory("VmRSS")
			c := coretest.Dial(t, at)
			c.Send("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " + coding + "\r\n\r\n")
			if line := c.Line(); line != "HTTP/1.1 200 OK" { // and no more
				t.Fatal(line)
			}
			const most = 48 << 20 // what sockets take
			if n := <-sent; n > most {
				t.Errorf("the upstream got rid of %d MiB that nobody read", n>>20)
			}
			if more := p.memory("VmHWM") - before; !race && more > grown {
				t.Errorf("%d MiB more than before", more>>20)
			}
		})
	}
}

// TestUpstreamIsStoppedWhenItsClientIsGone, whether it sends or is silent.
func TestUpstreamIsStoppedWhenItsClientIsGone(t *testing.T) {
	for _, coding := range encodings {
		for _, silent := range []bool{false, true} {
			t.Run(fmt.Sprintf("coding %s, silent %t", coding, silent), func(t *testing.T) {
				gone := make(chan struct{})
				up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					defer close(gone)
					w.Header().Set("Content-Type", "text/event-stream")
					for {
						if _, err := io.WriteString(w, "data: x\n\n"); err != nil {
							return
						}
						if http.NewResponseController(w).Flush() != nil {
							return
						}
						if silent {
							<-r.Context().Done()
							return
						}
					}
				}))
				_, at := encoding(t, up.Addr, "")
				c := coretest.Dial(t, at)
				c.Send("GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " + coding + "\r\n\r\n")
				c.Line()
				c.Reset()
				<-gone
			})
		}
	}
}
