package main

import (
	"context"
	"fmt"
	"net"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// The bounds of a reply. The client makes room for what a length announces before it
// came: one that lies would cost all memory.
const (
	mostItems = 1 << 18 // of a list
	mostText  = 8 << 20 // bytes
)

// guarded is a connection whose replies (RESP2 and RESP3) announce no more than that.
type guarded struct {
	net.Conn
	skip   int   // bytes that are text
	kind   byte  // of the line that is read, 0 before its first byte
	length int64 // that it has announced so far, -1 for none
	err    error
}

// guardedSocket is one whose client may ask the kernel whether it is alive.
type guardedSocket struct {
	*guarded
	syscall.Conn
}

// guard has dialled connections guarded.
func guard(o *redis.Options) func(context.Context, string, string) (net.Conn, error) {
	dial := redis.NewDialer(o)
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		if s, ok := c.(syscall.Conn); ok {
			return &guardedSocket{&guarded{Conn: c}, s}, nil
		}
		return &guarded{Conn: c}, nil
	}
}

// Read gives what was looked at.
func (g *guarded) Read(b []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.Conn.Read(b)
	if g.err = g.look(b[:n]); g.err != nil {
		return 0, g.err
	}
	return n, err
}

// look goes through replies as they come: lines, of which some announce how many items
// or how long a text follow.
func (g *guarded) look(b []byte) error {
	for len(b) > 0 {
		if g.skip > 0 {
			n := min(g.skip, len(b))
			g.skip -= n
			b = b[n:]
			continue
		}
		c := b[0]
		b = b[1:]
		switch {
		case g.kind == 0:
			g.kind, g.length = c, 0
		case c == '\n':
			g.endLine()
		case c == '-' && g.announces():
			g.length = -1 // nothing is there
		case g.announces() && g.length >= 0 && c >= '0' && c <= '9':
			if g.length = g.length*10 + int64(c-'0'); g.length > g.most() {
				return fmt.Errorf("a reply announces more than %d (%q): this is no Redis of ours", g.most(), g.kind)
			}
		}
	}
	return nil
}

// endLine has the text be skipped that the line announced, and its end.
func (g *guarded) endLine() {
	if g.most() == mostText && g.length >= 0 {
		g.skip = int(g.length) + len("\r\n")
	}
	g.kind = 0
}

func (g *guarded) announces() bool { return g.most() > 0 }

// most is what a line of this kind may announce, 0 for lines that announce nothing.
func (g *guarded) most() int64 {
	switch g.kind {
	case '*', '%', '~', '>', '|':
		return mostItems
	case '$', '=', '!':
		return mostText
	}
	return 0
}
