package health

import (
	"time"

	"github.com/weirproxy/weir/core/cluster/pool"
)

// The kinds of checks.
const (
	HTTP = "http"
	TCP  = "tcp"
	GRPC = "grpc"
)

// Check says what an endpoint is asked, how often, and what is made of it.
type Check struct {
	Kind string

	Interval time.Duration // from the end of one check to the next
	Timeout  time.Duration // of one check, with the connection it may need
	Jitter   float64       // share of the interval by which it varies, both ways

	HealthyAfter   int // successes in a row that bring an endpoint back
	UnhealthyAfter int // failures in a row that take it out

	// HTTP: the request, and the statuses that mean health; none: all of 200 to 299.
	Path     string
	Host     string // also the authority of gRPC; "": the endpoint's address
	Statuses []int

	// TCP: what is sent first, and what must be in the answer, if anything.
	Send, Expect string

	// GRPC: the service that is asked for, "" for the server as a whole.
	Service string
}

// probe makes one check after another of one endpoint.
type probe interface {
	// check is one, which ends by then. nil means that the endpoint is well.
	check(by time.Time) error
	// interrupt ends a check that is under way, from another goroutine.
	interrupt()
	// close lets go of what is kept between checks.
	close()
}

// probe makes the one of the check's kind.
func (c *Check) probe(addr string, o pool.Options) probe {
	switch c.Kind {
	case TCP:
		return newTCPProbe(addr, c, &o)
	case GRPC:
		return &grpcProbe{newTransport(addr, c, o)}
	}
	return &httpProbe{newTransport(addr, c, o)}
}
