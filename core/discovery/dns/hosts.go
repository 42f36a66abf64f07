package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/weirproxy/weir/core/discovery"
)

// hosts asks for the addresses of names. Those of each family are kept by
// themselves: a server that answers for one and fails for the other must not take
// the other's away.
type hosts struct {
	resolver *net.Resolver
	rooted   bool // names are complete: nothing is tried behind them

	mu    sync.Mutex
	known map[string]*families
}

// of is what is known of a name. One goroutine at a time asks for it.
func (h *hosts) of(name string) *families {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.known[name]
	if f == nil {
		f = new(families)
		h.known[name] = f
	}
	return f
}

// keep forgets the names of which nobody asks any more.
func (h *hosts) keep(asked func(name string) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name := range h.known {
		if !asked(name) {
			delete(h.known, name)
		}
	}
}

// families are the addresses of a name that were heard last: of IPv4 and IPv6, nil
// before the first answer.
type families [len(networks)]*[]netip.Addr

// ask is the addresses of a name, as far as they are known. trouble says why they
// may not be all, or not be right any more.
func (h *hosts) ask(ctx context.Context, name string) (addrs []netip.Addr, trouble error) {
	f := h.of(name)
	var both sync.WaitGroup
	var wrong [len(networks)]error
	for i, network := range networks {
		both.Go(func() {
			heard, err := h.lookUp(ctx, network, name)
			if wrong[i] = err; err == nil {
				f[i] = &heard
			}
		})
	}
	both.Wait()
	for _, known := range f {
		if known != nil {
			addrs = append(addrs, *known...)
		}
	}
	return addrs, errors.Join(wrong[:]...)
}

var networks = [...]string{"ip4", "ip6"}

// lookUp asks for a name's addresses of one family. None is an answer too.
func (h *hosts) lookUp(ctx context.Context, network, name string) ([]netip.Addr, error) {
	if h.rooted && !strings.HasSuffix(name, ".") {
		name += "."
	}
	heard, err := h.resolver.LookupNetIP(ctx, network, name)
	if none(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking DNS: %w", err)
	}
	var usable []netip.Addr
	for _, a := range heard {
		if a = a.Unmap(); !a.IsUnspecified() && !a.IsMulticast() { // nobody can be there
			usable = append(usable, a)
		}
	}
	return usable, nil
}

// none says whether an error is the answer that there is no such record.
func none(err error) bool {
	e, ok := errors.AsType[*net.DNSError](err)
	return ok && e.IsNotFound
}

// endpoints are addresses with a port.
func endpoints(addrs []netip.Addr, port uint16, weight uint32) []discovery.Endpoint {
	list := make([]discovery.Endpoint, len(addrs))
	for i, a := range addrs {
		list[i] = discovery.Endpoint{Addr: netip.AddrPortFrom(a, port).String(), Weight: weight}
	}
	return list
}

func hostPort(s string) (string, uint16, error) {
	host, digits, err := net.SplitHostPort(s)
	if err != nil {
		return "", 0, fmt.Errorf("reading the name %q: %w", s, err)
	}
	port, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("reading the port of %q: %w", s, err)
	}
	return host, uint16(port), nil
}
