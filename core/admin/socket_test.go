package admin_test

import (
	"context"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/admin"
)

// through is a client of a Unix socket.
func through(path string) *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
}

// stale leaves a socket that nobody serves, as a process that was killed does.
func stale(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	_ = l.Close()
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "admin.sock")
	stale(t, path)
	// With nothing masked, others could write to what is not made ours.
	before := syscall.Umask(0)
	t.Cleanup(func() { syscall.Umask(before) })
	s := open(t, "unix:"+path, &source{})
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("%v %v, want a socket of mode 0600", info.Mode(), err)
	}
	if s.Addr().String() != path {
		t.Errorf("it is at %q", s.Addr())
	}
	if got := ask(t, through(path), "GET", "http://any.name/healthz"); got.status != 200 {
		t.Errorf("%+v", got)
	}
	if got := ask(t, through(path), "POST", "http://any.name/reload", "Sec-Fetch-Site", "cross-site"); got.status != 403 {
		t.Errorf("%+v, want 403", got)
	}
	if again, err := admin.Open("unix:"+path, &source{}); err == nil {
		_ = again.Close()
		t.Error("a socket that is served was taken over")
	} else if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "another process serves it") {
		t.Errorf("%v", err)
	}
	if got := ask(t, through(path), "GET", "http://any.name/healthz"); got.status != 200 {
		t.Errorf("after somebody else tried: %+v", got)
	}
}

func TestUnixSocketIsRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "admin.sock")
	s, err := admin.Open("unix:"+path, &source{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket is still there")
	}
}

func TestNoUnixSocket(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		file: "a file that is no socket is there",
		filepath.Join(dir, "missing", "admin.sock"): "no such file or directory",
	} {
		s, err := admin.Open("unix:"+path, &source{})
		if err == nil {
			_ = s.Close()
			t.Errorf("%s: it opened", path)
		} else if !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "precious" {
		t.Errorf("the file is %q now, %v", b, err)
	}
}
