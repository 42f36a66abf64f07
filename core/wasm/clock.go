package wasm

import "time"

// Clock is time as guests see it: what they read, and when their timers end.
// Budgets, breakers and restarts go by the machine's own, whatever it shows.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f once, d from now on, with no lock held.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is a call to come. Stop answers false when it is too late for that.
type Timer interface{ Stop() bool }

// SystemClock is the machine's.
var SystemClock Clock = systemClock{}

type systemClock struct{}

func (systemClock) Now() time.Time                            { return time.Now() }
func (systemClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }

// Now is the time by the guest's clock.
func (in *Instance) Now() time.Time { return in.vm.config.Clock.Now() }

// Uptime is how long the guest's VM has been there, by its clock.
func (in *Instance) Uptime() time.Duration { return in.Now().Sub(in.vm.began) }
