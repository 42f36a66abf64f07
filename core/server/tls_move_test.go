package server_test

import (
	"crypto/tls"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// TestTLSComesToAListener: an address that spoke in clear speaks TLS after a
// reload, and what was open goes on.
func TestTLSComesToAListener(t *testing.T) {
	a := identitytest.New(t)
	up := coretest.Serve(t, hello)
	site := a.Issue("site", identitytest.Request{Names: []string{"a.test"}})
	at := coretest.Refusing(t)
	clear := strings.Replace(coretest.Gateway(up.Addr), `listen = ["127.0.0.1:0"]`, `listen = ["`+at+`"]`, 1)
	secure := strings.Replace(withTLS(up.Addr, []identity.Files{site}, ""), `tls_listen = ["127.0.0.1:0"]`, `tls_listen = ["`+at+`"]`, 1)
	p := coretest.Proxy(t, clear)
	old := coretest.Dial(t, at)
	for range 2 {
		old.Send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
		if r := old.Read("GET"); r.Status != 200 {
			t.Errorf("%+v", r)
		}
		p.Write(secure)
		if r := p.Admin("POST", "/reload"); r.Status != 200 {
			t.Fatalf("%+v", r)
		}
		if r := getTLS(t, at, "a.test", "/", &tls.Config{RootCAs: a.Pool, ServerName: "a.test"}); r.Status != 200 {
			t.Errorf("%+v", r)
		}
	}
}

// TestTLSTunnel carries an upgraded connection, both ways and to its end.
func TestTLSTunnel(t *testing.T) {
	a := identitytest.New(t)
	site := a.Issue("site", identitytest.Request{Names: []string{"a.test"}})
	up := coretest.Script(t, func(c *coretest.Peer) {
		c.Head()
		c.Say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
		c.Say(c.Body(5))
		c.Ended()
		c.Say("last")
	})
	p := coretest.Proxy(t, withTLS(up.Addr, []identity.Files{site}, ""))
	s := dialTLS(t, p.Addr("gateway"), &tls.Config{RootCAs: a.Pool, ServerName: "a.test"})
	c := coretest.Over(t, s)
	c.Send("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
	if r := c.Read("GET"); r.Status != 101 {
		t.Fatalf("%+v", r)
	}
	c.Send("hello")
	b := make([]byte, 5)
	for i := range b {
		var err error
		if b[i], err = c.R.ReadByte(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	rest := make([]byte, 4)
	for i := range rest {
		var err error
		if rest[i], err = c.R.ReadByte(); err != nil {
			t.Fatal(err)
		}
	}
	if string(b) != "hello" || string(rest) != "last" || !c.Closed() {
		t.Errorf("%q, %q", b, rest)
	}
}
