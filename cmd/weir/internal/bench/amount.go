package bench

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

// maxRate is far above what one load can send, in requests a second.
const maxRate = 1_000_000

// amount is how much is measured, by flags.
type amount struct {
	rounds, streams, connections int
	seconds                      time.Duration
	limit                        time.Duration
	rate                         float64 // requests a second over the wire
}

func (a *amount) flags(c *cobra.Command, overWire bool) {
	f := c.Flags()
	f.IntVar(&a.rounds, "rounds", 5, "times everything is measured")
	f.IntVar(&a.streams, "streams", 5_000, "requests of a round in process")
	f.DurationVar(&a.limit, "limit", 10*time.Minute, "the longest that all may take")
	a.connections, a.seconds = 1, time.Second
	if overWire {
		f.IntVar(&a.connections, "connections", 32, "connections of the load")
		f.Float64Var(&a.rate, "rate", 0, "requests a `second` over the wire, 0 for as many as there can be; below what a limit in the chain lets through")
		f.DurationVar(&a.seconds, "time", 2*time.Second, "of a round over the wire")
	}
}

// check finds what nothing can be measured by.
func (a *amount) check() error {
	for _, b := range []struct {
		flag        string
		value, most int
	}{{"--rounds", a.rounds, 1000}, {"--streams", a.streams, 10_000_000}, {"--connections", a.connections, 10_000}} {
		if b.value < 1 || b.value > b.most {
			return fmt.Errorf("%s: %d is not between 1 and %d", b.flag, b.value, b.most)
		}
	}
	for _, b := range []struct {
		flag        string
		value, most time.Duration
	}{{"--time", a.seconds, 5 * time.Minute}, {"--limit", a.limit, 24 * time.Hour}} {
		if b.value < 10*time.Millisecond || b.value > b.most {
			return fmt.Errorf("%s: %s is not between 10ms and %s", b.flag, b.value, b.most)
		}
	}
	if !(a.rate >= 0 && a.rate <= maxRate) {
		return fmt.Errorf("--rate: %v is not between 0 and %d", a.rate, maxRate)
	}
	return nil
}
