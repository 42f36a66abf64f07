package tcp_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// service is a configuration of one service, "db", to a cluster of these endpoints.
// keys go into its table; tables follow, those of the process replaced.
func service(endpoints []string, keys string, tables ...string) string {
	rest := strings.Join(tables, "\n")
	if !strings.Contains(rest, "[timeouts]") {
		rest += "\n[timeouts]\ndrain_delay = \"0s\"\ndrain = \"2s\"\n"
	}
	if !strings.Contains(keys, "cluster") {
		keys += "\ncluster = \"up\""
	}
	return fmt.Sprintf(`version = 1
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = "127.0.0.1:0"
[[tcp]]
name = "db"
listen = ["127.0.0.1:0"]
%s
%s
[clusters.up]
endpoints = ["%s"]
`, keys, rest, strings.Join(endpoints, `", "`))
}

// echo is an upstream that sends back what it gets, and ends when its client does.
func echo(c *coretest.Peer) { _, _ = io.Copy(c.Conn, c.Conn) }

// saying is an upstream that says text at once, and waits for the end.
func saying(text string) func(c *coretest.Peer) {
	return func(c *coretest.Peer) {
		c.Say(text)
		c.Ended()
	}
}

// all reads r to its end; failed says that it was not an orderly one.
func all(r io.Reader) (text string, failed bool) {
	b, err := io.ReadAll(r)
	return string(b), err != nil
}

// exact reads as many bytes as want has, and compares them.
func exact(t *testing.T, r io.Reader, want string) {
	t.Helper()
	b := make([]byte, len(want))
	if n, err := io.ReadFull(r, b); err != nil || string(b) != want {
		t.Fatalf("%q (%v), want %q", b[:n], err, want)
	}
}

// read is a file's content, "" while there is none.
func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(b)
}
