package pool

// Protocol is what is spoken on a pool's connections.
type Protocol uint8

// The protocols.
const (
	HTTP1 Protocol = iota
	HTTP2          // in clear by prior knowledge
	Auto           // by ALPN; HTTP/1.1 where nothing was negotiated
)

// alpnHTTP2 is the name of HTTP/2 over TLS (RFC 9113, section 3.1).
const alpnHTTP2 = "h2"

// http2 says whether a connection on which alpn was negotiated speaks HTTP/2.
func (p Protocol) http2(alpn string) bool {
	return p == HTTP2 || p == Auto && alpn == alpnHTTP2
}
