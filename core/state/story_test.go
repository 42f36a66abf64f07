package state_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/state"
)

// absent is a store that gives another reason at times.
type absent struct{ reason string }

func (a *absent) Exchange(context.Context, state.Report) (state.Reply, error) {
	return state.Reply{}, errors.New(a.reason)
}

// TestFleetTellsWhy: the reason that a store is away for is in the log, also the one
// that comes after the first, and none again and again.
func TestFleetTellsWhy(t *testing.T) {
	var log coretest.Log
	a := &absent{"not there yet"}
	f := state.New(state.Options{}).UseFleet(state.FleetOptions{Exchanger: a, Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 50 {
		f.Round(context.Background())
	}
	a.reason = "a wrong password"
	coretest.Eventually(t, "the second reason is in the log", func() bool {
		f.Round(context.Background())
		return log.Has("level=WARN", "a wrong password")
	})
	for range 50 {
		f.Round(context.Background())
	}
	if n := strings.Count(log.String(), "\n"); n != 2 {
		t.Errorf("%d lines:\n%s", n, &log)
	}
}
