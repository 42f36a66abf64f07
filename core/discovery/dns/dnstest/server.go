// Package dnstest is a DNS server for tests, which fails as it is told to.
//
// Start at [New].
package dnstest

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Server answers from what Set said. A name that was not is NXDOMAIN.
type Server struct {
	Addr string // "ip:port", of UDP and TCP

	mu     sync.Mutex
	names  map[string]records
	faults map[string]Fault
	asked  map[string]int
	udp    net.PacketConn
	tcp    net.Listener
	done   sync.WaitGroup
}

type records map[dnsmessage.Type][]dnsmessage.ResourceBody

// Fault is how a question goes wrong.
type Fault int

// The faults.
const (
	None     Fault = iota
	Fail           // SERVFAIL
	Silence        // nothing
	Garbage        // bytes that are no message
	OtherID        // an answer to another question's number
	OtherFor       // the answer to another name
)

// maxUDP is how long an answer by UDP may be, in bytes; longer ones are asked for by
// TCP.
const maxUDP = 1232

// New runs a server until the test ends.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{names: map[string]records{}, faults: map[string]Fault{}, asked: map[string]int{}}
	s.open(t)
	s.Addr = s.tcp.Addr().String()
	s.done.Go(s.serveUDP)
	s.done.Go(s.serveTCP)
	t.Cleanup(func() {
		_ = s.udp.Close()
		_ = s.tcp.Close()
		s.done.Wait()
	})
	return s
}

// open takes a port that is free for both.
func (s *Server) open(t testing.TB) {
	for range 100 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		udp, err := net.ListenPacket("udp", tcp.Addr().String())
		if err == nil {
			s.tcp, s.udp = tcp, udp
			return
		}
		_ = tcp.Close()
	}
	t.Fatal("no port is free for both UDP and TCP")
}

// Set gives a name, with its last dot, these records and no others: "A 10.0.0.1",
// "AAAA ::1", "SRV priority weight port target". It has none without any.
func (s *Server) Set(name string, list ...string) {
	all := records{}
	for _, text := range list {
		typ, body := parse(text)
		all[typ] = append(all[typ], body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[name] = all
}

// Remove makes a name one that is not there.
func (s *Server) Remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.names, name)
}

// Break has questions for a type of records of a name, "A", go wrong.
func (s *Server) Break(name, typ string, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[name+" "+typ] = f
}

// Asked is how often a type of records of a name was asked for.
func (s *Server) Asked(name, typ string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[name+" "+typ]
}

func parse(text string) (dnsmessage.Type, dnsmessage.ResourceBody) {
	kind, rest, _ := strings.Cut(text, " ")
	switch kind {
	case "A":
		r := new(dnsmessage.AResource)
		copy(r.A[:], net.ParseIP(rest).To4())
		return dnsmessage.TypeA, r
	case "AAAA":
		r := new(dnsmessage.AAAAResource)
		copy(r.AAAA[:], net.ParseIP(rest).To16())
		return dnsmessage.TypeAAAA, r
	}
	r := new(dnsmessage.SRVResource)
	target := ""
	if _, err := fmt.Sscan(rest, &r.Priority, &r.Weight, &r.Port, &target); err != nil {
		panic("dnstest: reading " + text + ": " + err.Error())
	}
	r.Target = dnsmessage.MustNewName(target)
	return dnsmessage.TypeSRV, r
}

func (s *Server) serveUDP() {
	b := make([]byte, 4096)
	for {
		n, from, err := s.udp.ReadFrom(b)
		if err != nil {
			return
		}
		if answer := s.answer(b[:n], maxUDP); answer != nil {
			_, _ = s.udp.WriteTo(answer, from)
		}
	}
}

func (s *Server) serveTCP() {
	for {
		c, err := s.tcp.Accept()
		if err != nil {
			return
		}
		s.done.Go(func() {
			defer c.Close()
			var size [2]byte
			if _, err := io.ReadFull(c, size[:]); err != nil {
				return
			}
			b := make([]byte, binary.BigEndian.Uint16(size[:]))
			if _, err := io.ReadFull(c, b); err != nil {
				return
			}
			if answer := s.answer(b, 1<<16-1); answer != nil {
				binary.BigEndian.PutUint16(size[:], uint16(len(answer)))
				_, _ = c.Write(append(size[:], answer...))
			}
		})
	}
}
