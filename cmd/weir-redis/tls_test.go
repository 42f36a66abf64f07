package main

import (
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
	"github.com/weirproxy/weir/core/provider/kit"
)

// TestTLS: Redis is spoken to over TLS if its certificate is by who is trusted, and
// of the name that is asked for.
func TestTLS(t *testing.T) {
	right, wrong := identitytest.New(t), identitytest.New(t)
	server := right.Issue("redis", identitytest.Request{Names: []string{"redis.test"}})
	addr, port := freePort(t)
	startRedis(t, "--tls-port", port, "--tls-cert-file", server.Cert, "--tls-key-file", server.Key, "--tls-ca-cert-file", right.File)
	mine := right.Issue("weir", identitytest.Request{Names: []string{"weir.test"}})
	for name, c := range map[string]struct {
		s    settings
		told string
	}{
		"all is right":      {settings{TLS: true, Roots: right.File, Name: "redis.test", Cert: mine.Cert, Key: mine.Key}, ""},
		"a wrong authority": {settings{TLS: true, Roots: wrong.File, Name: "redis.test", Cert: mine.Cert, Key: mine.Key}, "unknown authority"},
		"the system's":      {settings{TLS: true, Name: "redis.test", Cert: mine.Cert, Key: mine.Key}, "unknown authority"},
		"a wrong name":      {settings{TLS: true, Roots: right.File, Name: "other.test", Cert: mine.Cert, Key: mine.Key}, "other.test"},
		"the address":       {settings{TLS: true, Roots: right.File, Cert: mine.Cert, Key: mine.Key}, "127.0.0.1"},
		"shows nothing":     {settings{TLS: true, Roots: right.File, Name: "redis.test"}, "certificate required"},
		"in clear":          {settings{}, "asking Redis"},
	} {
		t.Run(name, func(t *testing.T) {
			c.s.Address, c.s.Password, c.s.Prefix = addr, password, "test"
			l, err := connect(c.s)
			if err != nil {
				t.Fatal(err)
			}
			defer l.redis.Close()
			report := kit.Report{Member: "a", Counts: time.Minute, Asks: []kit.Ask{ask(1, 0, 1)}}
			if c.told == "" {
				coretest.Eventually(t, "Redis answers", func() bool { _, err = l.Exchange(t.Context(), report); return err == nil })
				return
			}
			// Why a server of TLS 1.3 refuses a client may come behind the end of the connection.
			coretest.Eventually(t, "it is told why: "+c.told, func() bool {
				_, err = l.Exchange(t.Context(), report)
				if err == nil {
					t.Fatal("it is let in")
				}
				return strings.Contains(err.Error(), c.told)
			})
		})
	}
}
