package alone

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/weirproxy/weir/bench/internal/system"
)

const (
	atOnce       = 1000
	streamsLimit = 64 // MiB
)

// Streams measures the memory that 1,000 streams of one HTTP/2 connection take,
// all of which have asked and none of which has its answer.
func Streams(ctx context.Context, setup *system.Setup) ([]Figure, error) {
	sys := system.Crowded()
	if err := setup.Prepare(ctx, []system.System{sys}); err != nil {
		return nil, err
	}
	r, err := setup.Start(ctx, sys)
	if err != nil {
		return nil, err
	}
	before, err := r.Resident()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	t := &http.Transport{Protocols: new(http.Protocols)}
	t.Protocols.SetUnencryptedHTTP2(true)
	defer t.CloseIdleConnections()
	faults := make(chan error, atOnce)
	for range atOnce {
		all.Go(func() {
			// A body that does not end: the origin waits for it.
			body, never := io.Pipe()
			defer func() { _ = never.Close() }()
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, body)
			if err == nil {
				_, err = t.RoundTrip(req)
			}
			if ctx.Err() == nil {
				faults <- fmt.Errorf("a stream that should wait has ended: %v", err)
			}
		})
	}
	select {
	case err := <-faults:
		return nil, err
	case <-time.After(3 * time.Second):
	}
	during, err := r.Resident()
	if err != nil {
		return nil, err
	}
	const mib = 1 << 20
	return []Figure{
		{"resident before", float64(before) / mib, "MiB", 0},
		{fmt.Sprintf("with %d streams that wait on one connection", atOnce), float64(during) / mib, "MiB", streamsLimit},
		{"of which a stream", float64(during-before) / atOnce / 1024, "KiB", 0},
	}, nil
}
