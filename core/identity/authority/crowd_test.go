package authority_test

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// TestCrowd: one address that opens connections and says nothing keeps nobody else out,
// and is let in again once some of them are gone.
func TestCrowd(t *testing.T) {
	a, _ := create(t, time.Now())
	d := open(t, a)
	addr := strings.TrimPrefix(d.at, "https://")
	var held []net.Conn
	defer func() {
		for _, c := range held {
			_ = c.Close()
		}
	}()
	shut := make(chan bool)
	for range 80 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
		go func() { _, err := io.Copy(io.Discard, c); shut <- err == nil }()
	}
	for range 80 - 64 { // the others are closed later, for they say nothing
		<-shut
	}
	dialer := tls.Dialer{NetDialer: &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}, Config: &tls.Config{RootCAs: d.pool, NextProtos: []string{"h2", "http/1.1"}}}
	c, err := dialer.Dial("tcp", addr)
	if err != nil {
		t.Fatalf("another address: %v", err)
	}
	if p := c.(*tls.Conn).ConnectionState().NegotiatedProtocol; p != "http/1.1" {
		t.Errorf("it speaks %q", p)
	}
	_ = c.Close()
	for _, c := range held {
		_ = c.Close()
	}
	for range 64 {
		<-shut
	}
	coretest.Eventually(t, "the address is let in again", func() bool {
		c, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: d.pool})
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}
