// Package kit is what a provider is written with: a program beside Weir that
// knows where services are, and is started by it.
//
// Start at [Serve].
package kit

import (
	"context"
	"log/slog"
	"os"

	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/state"
)

// Endpoint is one address of a service.
type Endpoint = discovery.Endpoint

// Discovery is what a provider of endpoints implements. It is called by many
// goroutines at once.
type Discovery interface {
	// Watch publishes all endpoints of a service: once they are known, and after
	// each change, until ctx is over. publish does not wait, and keeps the list.
	// An error says that it does not know any more: Weir goes on with what was
	// published last, and asks again after a while.
	Watch(ctx context.Context, service string, publish func([]Endpoint)) error
}

// Configure makes a provider of its configuration: JSON, which [Decode] reads,
// or nothing. It is called once. An error ends the process, and Weir starts it
// again after a while.
type Configure func(ctx context.Context, config []byte) (Discovery, error)

// Report is what a proxy tells and asks at once. Its asks are of different keys, at
// most 4096, and may be none.
type Report = state.Report

// Ask is what a proxy tells of the limit of one key, and wants of it. Its Rate is
// whole: Burst is a token bucket's size.
type Ask = state.Ask

// Reply is the answer to a Report.
type Reply = state.Reply

// Grant is the answer to an Ask.
type Grant = state.Grant

// SlidingWindow is the algorithm of a Rate that is no token bucket.
const SlidingWindow = state.SlidingWindow

// Store is what a provider of limits implements. It is called by one proxy, which
// waits for the answer a second at most, and by none of its requests. Its Exchange
// takes off what was spent without a lease, also where nothing is left (below 0 it
// is given back), and leases what is wanted, as much of it as there is. One that can
// forget gives memos and epochs, and believes the memos that it did not give.
type Store = state.Exchanger

// ConfigureStore makes a store of its configuration, as Configure a discovery.
type ConfigureStore func(ctx context.Context, config []byte) (Store, error)

// Log goes to Weir's log, a line each. Weir takes some lines a second.
var Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{ReplaceAttr: withoutTime}))

// withoutTime leaves out the time: Weir's line has it.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
