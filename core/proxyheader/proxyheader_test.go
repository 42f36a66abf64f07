package proxyheader_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/proxyheader"
)

const signature = "\r\n\r\n\x00\r\nQUIT\n"

// v2 is a header of version 2.
func v2(command, family byte, body string) string {
	return signature + string([]byte{0x20 | command, family, byte(len(body) >> 8), byte(len(body))}) + body
}

const (
	ip4 = "\x0a\x00\x00\x01\x0a\x00\x00\x02\x10\x92\x01\xbb"
	ip6 = "\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01" + "\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02" + "\x10\x92\x01\xbb"
	tlv = "\x02\x00\x05a.exm"
)

func TestParse(t *testing.T) {
	for name, c := range map[string]struct{ header, source, destination string }{
		"v1 IPv4":          {"PROXY TCP4 10.0.0.1 10.0.0.2 4242 443\r\n", "10.0.0.1:4242", "10.0.0.2:443"},
		"v1 IPv6":          {"PROXY TCP6 fd00::1 fd00::2 4242 443\r\n", "[fd00::1]:4242", "[fd00::2]:443"},
		"v1 UNKNOWN":       {"PROXY UNKNOWN\r\n", "", ""},
		"v1 UNKNOWN, more": {"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", "", ""},
		"v2 IPv4":          {v2(1, 0x11, ip4), "10.0.0.1:4242", "10.0.0.2:443"},
		"v2 IPv6":          {v2(1, 0x21, ip6), "[fd00::1]:4242", "[fd00::2]:443"},
		"v2 with TLVs":     {v2(1, 0x11, ip4+tlv+tlv), "10.0.0.1:4242", "10.0.0.2:443"},
		"v2 LOCAL":         {v2(0, 0x11, ip4), "", ""},
		"v2 LOCAL, UNSPEC": {v2(0, 0x00, ""), "", ""},
		"v2 Unix":          {v2(1, 0x31, strings.Repeat("/a\x00", 72)), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for n := range len(c.header) {
				if _, _, err := proxyheader.Parse([]byte(c.header[:n])); !errors.Is(err, proxyheader.ErrShort) {
					t.Fatalf("%d bytes of it: %v, want ErrShort", n, err)
				}
			}
			h, size, err := proxyheader.Parse([]byte(c.header + "GET / HTTP/1.1\r\n"))
			if err != nil || size != len(c.header) {
				t.Fatalf("%d bytes (%v), want %d", size, err, len(c.header))
			}
			if got := text(h.Source); got != c.source {
				t.Errorf("source %q, want %q", got, c.source)
			}
			if got := text(h.Destination); got != c.destination {
				t.Errorf("destination %q, want %q", got, c.destination)
			}
		})
	}
}

func text(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func TestMalformed(t *testing.T) {
	for name, header := range map[string]string{
		"a request":              "GET / HTTP/1.1\r\n",
		"a word like it":         "PROX\r\n\r\n",
		"PUT":                    "PUT / HTTP/1.1\r\n",
		"without CR":             "PROXY TCP4 10.0.0.1 10.0.0.2 4242 443\n",
		"another family":         "PROXY UDP4 10.0.0.1 10.0.0.2 4242 443\r\n",
		"a port too large":       "PROXY TCP4 10.0.0.1 10.0.0.2 4242 70000\r\n",
		"IPv6 as IPv4":           "PROXY TCP4 fd00::1 fd00::2 4242 443\r\n",
		"a name":                 "PROXY TCP4 localhost 10.0.0.2 4242 443\r\n",
		"too few":                "PROXY TCP4 10.0.0.1 10.0.0.2\r\n",
		"no end":                 "PROXY TCP4 " + strings.Repeat("1", 200),
		"version 3":              signature + "\x31\x11\x00\x0c" + ip4,
		"an unknown command":     v2(2, 0x11, ip4),
		"shorter than addresses": v2(1, 0x11, ip4[:8]),
		"a TLV past its end":     v2(1, 0x11, ip4+"\x02\x00\xff"),
		"too long":               signature + "\x21\x11\xff\xff",
		"half a signature":       "\r\n\r\n\x00\r\nQUIT\r",
	} {
		if h, _, err := proxyheader.Parse([]byte(header)); err == nil || errors.Is(err, proxyheader.ErrShort) {
			t.Errorf("%s: %+v, %v; want an error", name, h, err)
		}
	}
}

func TestAppend(t *testing.T) {
	four, six := netip.MustParseAddrPort("10.0.0.1:4242"), netip.MustParseAddrPort("[fd00::1]:443")
	for _, c := range [][2]netip.AddrPort{{four, four}, {six, six}, {four, six}, {six, four}} {
		for version := byte(1); version <= 2; version++ {
			b, err := proxyheader.Append([]byte(nil), version, c[0], c[1])
			if err != nil {
				t.Fatalf("%v, version %d: %v", c, version, err)
			}
			h, size, err := proxyheader.Parse(b)
			if err != nil || size != len(b) || h.Source != c[0] || h.Destination != c[1] {
				t.Errorf("%v, version %d: %q reads %+v (%v)", c, version, b, h, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("PROXY TCP4 10.0.0.1 10.0.0.2 4242 443\r\n"))
	f.Add([]byte("PROXY UNKNOWN\r\nGET /"))
	f.Add([]byte(v2(1, 0x11, ip4+tlv)))
	f.Add([]byte(v2(1, 0x21, ip6)))
	f.Add([]byte(v2(0, 0, "")))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, size, err := proxyheader.Parse(b)
		if err != nil {
			return
		}
		if size <= 0 || size > len(b) || size > proxyheader.Most {
			t.Fatalf("%d bytes of %d", size, len(b))
		}
		if h.Source.IsValid() != h.Destination.IsValid() {
			t.Fatalf("%+v", h)
		}
		// What is behind it changes nothing.
		if again, n, err := proxyheader.Parse(b[:size]); err != nil || n != size || again != h {
			t.Fatalf("alone: %+v, %d, %v; want %+v, %d", again, n, err, h, size)
		}
	})
}
