// Package proxyheader reads and writes the PROXY header, by which a proxy in front
// tells whose connection it carries (haproxy.org, doc/proxy-protocol.txt, versions
// 1 and 2).
//
// How long a header is, is found out here, from what has come so far and within a
// bound; what it says, by a library.
package proxyheader

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"

	proxyproto "github.com/pires/go-proxyproto"
)

// Most is the longest header that is read, in bytes. Version 2 has room for 64 KiB of
// further facts; what is in use has some hundred.
const Most = 4 << 10

// Header is what a header says.
type Header struct {
	// Source and Destination are the addresses of the connection that is carried.
	// They are invalid where the header tells none: version 2's LOCAL (the proxy
	// speaks for itself), UNKNOWN, and addresses that are not of TCP, such as
	// Unix sockets.
	Source, Destination netip.AddrPort
}

// ErrShort says that the header goes on: read more.
var ErrShort = errors.New("a PROXY header that goes on")

var (
	errNone = errors.New("no PROXY header, which is what this peer must begin with (trust.proxy_protocol)")
	errLine = errors.New("a PROXY header of version 1 without an end in 107 bytes")
)

const (
	line      = "PROXY"
	lineMost  = 107
	signature = "\r\n\r\n\x00\r\nQUIT\n"
	fixed     = len(signature) + 4 // with version, family, length
)

// Parse reads the header that b begins with, and answers how many bytes it has.
func Parse(b []byte) (h Header, size int, err error) {
	if size, err = length(b); err != nil {
		return Header{}, 0, err
	}
	if len(b) < size {
		return Header{}, 0, ErrShort
	}
	read, err := proxyproto.Read(bufio.NewReaderSize(bytes.NewReader(b[:size]), Most))
	if err != nil {
		return Header{}, 0, fmt.Errorf("reading a PROXY header: %w", err)
	}
	if _, err := read.TLVs(); err != nil {
		return Header{}, 0, fmt.Errorf("reading a PROXY header: %w", err)
	}
	if source, destination, ok := read.TCPAddrs(); ok && !read.Command.IsLocal() {
		h.Source, h.Destination = addrPort(source), addrPort(destination)
	}
	return h, size, nil
}

func addrPort(a *net.TCPAddr) netip.AddrPort {
	p := a.AddrPort()
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}

// length is how many bytes the header has.
func length(b []byte) (int, error) {
	switch {
	case len(b) == 0:
		return 0, ErrShort
	case b[0] == line[0]:
		if n := min(len(b), len(line)); string(b[:n]) != line[:n] {
			return 0, errNone
		}
		if end := bytes.IndexByte(b[:min(len(b), lineMost)], '\n'); end >= 0 {
			return end + 1, nil
		}
		if len(b) >= lineMost {
			return 0, errLine
		}
		return 0, ErrShort
	}
	if n := min(len(b), len(signature)); string(b[:n]) != signature[:n] {
		return 0, errNone
	}
	if len(b) < fixed {
		return 0, ErrShort
	}
	size := fixed + int(b[fixed-2])<<8 + int(b[fixed-1])
	if size > Most {
		return 0, fmt.Errorf("a PROXY header of %d bytes, more than %d", size, Most)
	}
	return size, nil
}

// Append appends a header of version 1 or 2 to b, for a connection from source to
// destination. Addresses of two families are both written as IPv6.
func Append(b []byte, version byte, source, destination netip.AddrPort) ([]byte, error) {
	if source.Addr().Is4() != destination.Addr().Is4() {
		source, destination = as6(source), as6(destination)
	}
	h := proxyproto.HeaderProxyFromAddrs(version, net.TCPAddrFromAddrPort(source), net.TCPAddrFromAddrPort(destination))
	if !source.Addr().Is4() {
		h.TransportProtocol = proxyproto.TCPv6
	}
	text, err := h.Format()
	if err != nil {
		return b, fmt.Errorf("writing a PROXY header: %w", err)
	}
	return append(b, text...), nil
}

func as6(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16(a.Addr().As16()), a.Port())
}
