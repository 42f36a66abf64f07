package wire

import (
	"context"
	"slices"
	"strings"

	"github.com/weirproxy/weir/bench/internal/system"
	"github.com/weirproxy/weir/bench/load"
)

// bareLoop is a part of the command "bench" alone: Weir does not bring its
// library along.
const bareLoop = "fasthttp"

// Peers are the names that [Lab.Peer] knows.
func Peers() (names []string) {
	for _, s := range slices.Concat(system.Plain(), system.Paired()) {
		if s.Name != bareLoop {
			names = append(names, s.Name)
		}
	}
	return names
}

// Peer starts a proxy as it stands in package system. lacks is what it needs that
// is not installed.
func (l *Lab) Peer(ctx context.Context, name string) (c *Contender, lacks, err error) {
	found, err := system.Named([]string{name})
	if err != nil {
		return nil, nil, err
	}
	if lacks := l.setup.Lacks(found[0]); lacks != nil {
		return nil, lacks, nil
	}
	if err := l.setup.Ready(ctx, found[0]); err != nil {
		return nil, nil, err
	}
	r, err := l.setup.Start(ctx, found[0])
	if err != nil {
		return nil, nil, err
	}
	c = &Contender{Name: name, Addr: r.Addr, running: r}
	c.Program, c.Version = l.setup.Version(ctx, found[0])
	return c, nil, nil
}

// PeerHeaders are what the requests to peers have: some of Weir's filters there
// ask for them.
func PeerHeaders() (fields []load.Field) {
	for _, h := range system.Headers {
		name, value, _ := strings.Cut(h, ": ")
		fields = append(fields, load.Field{Name: name, Value: value})
	}
	return fields
}
