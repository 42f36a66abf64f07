package differential_test

import (
	"fmt"
	"strings"
)

// proxy is one of the two that are compared.
type proxy interface {
	// addr is where a case's requests go.
	addr(c *differentialCase) string
	// settle waits until the filters of a case have nothing more to say.
	settle(c *differentialCase)
}

// side is one proxy and what is around it.
type side struct {
	proxy
	*journal
	origins, callees *origins
	services         *service
	papers           *papers
}

// run is one case in one proxy.
type run struct {
	*differentialCase
	side *side
}

func (r *run) note(who string, lines ...string) { r.side.add(r.name+"/"+who, lines...) }

func (r *run) await(text string, n int) {
	if !r.side.await(r.name+"/guest", text, n) {
		r.note("client", fmt.Sprintf("? the guest never logged %q (%d)", text, n))
	}
}

// do runs the case and answers what was seen.
func (s *side) do(c *differentialCase) (seen []string) {
	r := &run{c, s}
	s.origins.current.Store(r)
	s.callees.current.Store(r)
	s.services.current.Store(r)
	s.forget(c.name + "/guest") // what was logged at the start: as often as there are instances
	k := &client{run: r, addr: s.addr(c), tag: "x-case: " + c.name}
	script := c.client
	if script == nil {
		script = sending(get("/"))
	}
	script(k)
	k.close()
	s.settle(c)
	for _, who := range []string{"client", "origin", "callee", "guest"} {
		seen = append(seen, s.of(c.name+"/"+who)...)
	}
	return seen
}

// filterName is what a filter of a case is called: its place in the chain,
// and the case.
func filterName(c *differentialCase, place int) string {
	return fmt.Sprintf("f%d-%s", place+1, c.name)
}

// logged notes a line that a filter of that name wrote.
func (s *side) logged(filter, line string) {
	place, name, ok := strings.Cut(strings.TrimPrefix(filter, "f"), "-")
	// Instances start when the host likes: Weir makes another after a trap.
	if ok && !strings.HasPrefix(line, "configure(") && !strings.HasPrefix(line, "vm_start(") {
		s.add(name+"/guest", place+"| "+readable(line))
	}
}
