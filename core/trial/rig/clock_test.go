package rig

import (
	"slices"
	"testing"
	"time"
)

// TestClock: events happen in the order of their times, and of their making.
func TestClock(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := newClock(start)
	var happened []string
	at := func(name string, d time.Duration) func() bool {
		return c.AfterFunc(d, func() { happened = append(happened, name+" "+c.Now().Sub(start).String()) }).Stop
	}
	run := func(by time.Duration) {
		for do := c.next(start.Add(by)); do != nil; do = c.next(start.Add(by)) {
			do()
		}
	}
	at("late", 3*time.Second)
	at("first", time.Second)
	at("second", time.Second)
	at("now", 0)
	at("past", -time.Hour)
	stop := at("never", 2*time.Second)
	if !stop() || stop() {
		t.Error("an event is stopped once")
	}
	c.AfterFunc(time.Second, func() { at("then", time.Second) })
	if due, ok := c.Due(); !ok || due != 0 {
		t.Errorf("due in %v, %v", due, ok)
	}
	run(2 * time.Second)
	want := []string{"now 0s", "past 0s", "first 1s", "second 1s", "then 2s"}
	if !slices.Equal(happened, want) {
		t.Errorf("happened %q, want %q", happened, want)
	}
	if due, ok := c.Due(); !ok || due != time.Second {
		t.Errorf("due in %v, %v", due, ok)
	}
	c.move(start.Add(time.Hour)) // past what was due: it does not bring the clock back
	run(2 * time.Hour)
	if want = append(want, "late 1h0m0s"); !slices.Equal(happened, want) {
		t.Errorf("happened %q, want %q", happened, want)
	}
	if _, ok := c.Due(); ok {
		t.Error("something is due")
	}
}
