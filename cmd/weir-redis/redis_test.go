package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/weirproxy/weir/core/coretest"
)

// server is a real Redis, at a socket of its own.
type server struct {
	t      testing.TB
	dir    string
	socket string
	args   []string
	log    coretest.Log
	cmd    *exec.Cmd
	ended  chan struct{}
}

const password = "only for this test"

// startRedis starts the Debian package's, which ".ci/deps.sh debian" installs.
func startRedis(t testing.TB, args ...string) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Fatal("no redis-server here: .ci/deps.sh debian")
	}
	// A socket's path is short by nature, a test's folder may be not.
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &server{t: t, dir: dir, socket: filepath.Join(dir, "s"), args: args}
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("Redis's log:\n%s", &s.log)
		}
	})
	s.start()
	return s
}

// start starts it empty.
func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command("redis-server", append([]string{"--port", "0", "--unixsocket", s.socket, "--dir", s.dir, "--save", "", "--requirepass", password}, s.args...)...)
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.ended = make(chan struct{})
	go func(c *exec.Cmd, ended chan struct{}) { _ = c.Wait(); close(ended) }(s.cmd, s.ended)
	c := s.client()
	defer c.Close()
	coretest.Eventually(s.t, "Redis answers", func() bool { return c.Ping(context.Background()).Err() == nil })
}

func (s *server) client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: s.socket, Password: password})
}

func (s *server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Fatal(err)
	}
}

func (s *server) kill() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	s.signal(syscall.SIGKILL)
	<-s.ended
}

// keys are all that it has.
func (s *server) keys() []string {
	s.t.Helper()
	c := s.client()
	defer c.Close()
	keys, err := c.Keys(context.Background(), "*").Result()
	if err != nil {
		s.t.Fatal(err)
	}
	return keys
}

// usedUp are the limits of which nothing is left: of 400.
func (s *server) usedUp() (keys []string) {
	c := s.client()
	defer c.Close()
	for _, key := range s.keys() {
		level, isBucket := c.HGet(context.Background(), key, "u").Float64()
		count, isWindow := c.HGet(context.Background(), key, "c").Int64()
		known, _ := c.HGet(context.Background(), key, "C").Int64()
		if isBucket == nil && level < 1 || isWindow == nil && count+known >= 400 {
			keys = append(keys, key)
		}
	}
	return keys
}

// config is a provider's, for this Redis.
func (s *server) config() string {
	return fmt.Sprintf(`{ address = "unix:%s", password = { file = "password" } }`, s.socket)
}
