package alone

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/weirproxy/weir/bench/internal/system"
)

// client asks for one thing, on one connection.
type client struct {
	fasthttp.HostClient
	req  fasthttp.Request
	resp fasthttp.Response
}

// newClient asks for url, and for so many turns of the burning loop if that is
// not 0.
func newClient(url string, turns int) *client {
	host, _, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	c := &client{HostClient: fasthttp.HostClient{Addr: host, MaxConns: 1, ReadTimeout: 10 * time.Second, MaxIdemponentCallAttempts: 1}}
	c.req.SetRequestURI(url)
	if turns > 0 {
		c.req.Header.Set(system.BurnHeader, strconv.Itoa(turns))
	}
	return c
}

// ask gives the time to the answer, which must be a good one.
func (c *client) ask() (time.Duration, error) {
	from := time.Now()
	err := c.Do(&c.req, &c.resp)
	took := time.Since(from)
	if err == nil && c.resp.StatusCode() != fasthttp.StatusOK {
		err = badStatus(c.resp.StatusCode())
	}
	if err != nil {
		return took, fmt.Errorf("asking for %s: %w", c.req.URI(), err)
	}
	return took, nil
}

type badStatus int

func (b badStatus) Error() string { return fmt.Sprintf("the answer's status is %d, want 200", int(b)) }

// keepAsking asks at the pace until ctx ends.
func keepAsking(ctx context.Context, c *client) ([]time.Duration, error) {
	defer c.CloseIdleConnections()
	tick := time.NewTicker(pace)
	defer tick.Stop()
	var all []time.Duration
	for {
		select {
		case <-ctx.Done():
			return all, nil
		case <-tick.C:
		}
		took, err := c.ask()
		if err != nil {
			return all, err
		}
		all = append(all, took)
	}
}

// burn keeps the filter busy until ctx ends. Some callbacks may be over their
// budget, when the machine is slow just then; if most are, the filter is not
// run any more, and nothing was measured.
func burn(ctx context.Context, c *client) error {
	defer c.CloseIdleConnections()
	good, refused := 0, 0
	for ctx.Err() == nil {
		var status badStatus
		_, err := c.ask()
		switch {
		case err == nil:
			good++
		case errors.As(err, &status):
			refused++
		default:
			return err
		}
	}
	if good <= refused {
		return fmt.Errorf("keeping the filter busy: only %d of %d requests were let through", good, good+refused)
	}
	return nil
}

// calibrate finds how many turns make a callback of about burnFor, and how
// long it takes.
func calibrate(ctx context.Context, url string) (int, time.Duration, error) {
	for turns := 100_000; ctx.Err() == nil; turns += turns / 4 {
		least := time.Hour
		for range 5 {
			took, err := newClient(url, turns).ask()
			if err != nil {
				return 0, 0, fmt.Errorf("calibrating the filter that burns: %d turns: %w", turns, err)
			}
			least = min(least, took)
		}
		if least >= burnFor {
			return turns, least, nil
		}
		if turns > 1<<32 {
			return 0, 0, fmt.Errorf("calibrating the filter that burns: %d turns take only %s", turns, least)
		}
	}
	return 0, 0, context.Cause(ctx)
}

// spread is what a number of times come to, in milliseconds.
type spread struct{ p999, longest float64 }

func spreadOf(times []time.Duration) spread {
	if len(times) == 0 {
		return spread{}
	}
	slices.Sort(times)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return spread{p999: ms(times[len(times)*999/1000]), longest: ms(times[len(times)-1])}
}
