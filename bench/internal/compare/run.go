package compare

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/weirproxy/weir/bench/internal/h2load"
	"github.com/weirproxy/weir/bench/internal/proc"
	"github.com/weirproxy/weir/bench/internal/reply"
	"github.com/weirproxy/weir/bench/internal/system"
	"github.com/weirproxy/weir/bench/internal/wrk"
)

// Plan is how much is measured.
type Plan struct {
	Rounds      int
	Seconds     int // of each slice
	Warm        int // seconds of load before each slice
	Connections int
	Threads     int // of the load generator
}

// Slice is one system in one round.
type Slice struct {
	System   string
	Requests int64
	Used     proc.Usage // by the proxy, for all of them
	RPS      float64
	P50, P99 time.Duration
	Resident int64 // bytes, at the end
}

// MicrosPerRequest is the CPU time of one request, in microseconds.
func (s Slice) MicrosPerRequest() float64 { return s.UserMicros() + s.SystemMicros() }

// UserMicros is the part of it in the proxy itself, SystemMicros that in the
// kernel.
func (s Slice) UserMicros() float64   { return s.per(s.Used.User) }
func (s Slice) SystemMicros() float64 { return s.per(s.Used.System) }

func (s Slice) per(d time.Duration) float64 {
	return float64(d) / float64(time.Microsecond) / float64(s.Requests)
}

// Run starts the systems, checks each, and measures them in turns. It tells
// log how far it is.
func Run(ctx context.Context, setup *system.Setup, systems []system.System, p Plan, log io.Writer) (Results, error) {
	if err := setup.Prepare(ctx, systems); err != nil {
		return Results{}, err
	}
	var running []*system.Running
	for _, s := range systems {
		r, err := setup.Start(ctx, s)
		if err != nil {
			return Results{}, err
		}
		running = append(running, r)
	}
	res := Results{Plan: p}
	for round := range p.Rounds {
		_, _ = fmt.Fprintf(log, "round %d of %d:", round+1, p.Rounds)
		slices := make([]Slice, len(running))
		for i := range running {
			at := (i + round) % len(running) // no system always follows the same one
			r := running[at]
			s, err := measure(ctx, r, generator(setup, r.System, p), p)
			if err != nil {
				_, _ = fmt.Fprintln(log)
				return Results{}, fmt.Errorf("measuring %q: %w", r.System.Name, err)
			}
			_, _ = fmt.Fprintf(log, " %s %.1f", r.System.Name, s.MicrosPerRequest())
			slices[at] = s
		}
		_, _ = fmt.Fprintln(log)
		res.Rounds = append(res.Rounds, slices)
	}
	return res, nil
}

// load is who sends requests.
type load interface {
	Run(ctx context.Context, url string, size int64, seconds int) (wrk.Result, error)
}

// generator has the same requests under way with every system: over HTTP/2 on
// fewer connections.
func generator(setup *system.Setup, s system.System, p Plan) load {
	if s.Streams > 0 {
		return h2load.Load{
			Path: setup.H2load(), Dir: setup.Dir, Threads: p.Threads, Connections: max(p.Connections/s.Streams, 1),
			Streams: s.Streams, Headers: system.Headers,
		}
	}
	return wrk.Load{
		Path: setup.Wrk(), Dir: setup.Dir, Threads: p.Threads, Connections: p.Connections,
		Headers: system.Headers,
	}
}

// measure warms a system and then measures one slice.
func measure(ctx context.Context, r *system.Running, load load, p Plan) (Slice, error) {
	if _, err := load.Run(ctx, r.URL, reply.Size, p.Warm); err != nil {
		return Slice{}, err
	}
	before, err := r.CPU()
	if err != nil {
		return Slice{}, err
	}
	got, err := load.Run(ctx, r.URL, reply.Size, p.Seconds)
	if err != nil {
		return Slice{}, err
	}
	after, err := r.CPU()
	if err != nil {
		return Slice{}, err
	}
	resident, err := r.Resident()
	return Slice{
		System: r.System.Name, Requests: got.Requests, Used: after.Sub(before), RPS: got.RPS(),
		P50:      time.Duration(got.P50US) * time.Microsecond,
		P99:      time.Duration(got.P99US) * time.Microsecond,
		Resident: resident,
	}, err
}
