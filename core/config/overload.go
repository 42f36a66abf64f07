package config

import (
	"fmt"
	"strings"
)

// Overload says what is given up, step by step, when memory runs short: first
// what is only kept for later, at the end new connections. The steps are
// shares of a limit, from 0.01 to 1, and ascend. Each includes those before it.
type Overload struct {
	// The limit: "auto" is what the cgroup allows, else GOMEMLIMIT, else none; a size
	// bounds the memory of this process alone; "off" is none. Default "auto".
	MemoryLimit string `toml:"memory_limit" check:"min=1,is=memory"`
	// From here on garbage is collected at once, and its memory given back. Default 0.85.
	Shrink float64 `toml:"shrink" check:"min=0.01,max=1"`
	// From here on each response is its connection's last. Default 0.92.
	NoKeepAlive float64 `toml:"no_keep_alive" check:"min=0.01,max=1"`
	// From here on new requests are answered 503; of routes of priority "low" from no_keep_alive on, of "high" from no_accept. Default 0.95.
	Shed float64 `toml:"shed" check:"min=0.01,max=1"`
	// From here on new connections are not accepted. Default 0.98.
	NoAccept float64 `toml:"no_accept" check:"min=0.01,max=1"`
}

// What memory_limit may be beside a size.
const (
	MemoryAuto = "auto"
	MemoryOff  = "off"
)

// Limit is memory_limit as a size, 0 where it is not one.
func (o *Overload) Limit() Size {
	var s Size
	if s.UnmarshalText([]byte(o.MemoryLimit)) != nil {
		return 0
	}
	return s
}

// leastMemory bounds memory_limit: with less, no process of ours is ever calm.
const leastMemory = Size(1 << 20)

func memoryLimitWrong(s string) string {
	if s == MemoryAuto || s == MemoryOff {
		return ""
	}
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == "" {
		return fmt.Sprintf("unknown value %q; it is \"auto\", \"off\" or a size such as \"512MiB\"", s)
	}
	var size Size
	if err := size.UnmarshalText([]byte(s)); err != nil {
		return err.Error()
	}
	if size < leastMemory {
		return fmt.Sprintf("%v is out of range; it is at least %v, \"auto\" or \"off\"", size, leastMemory)
	}
	return ""
}

// check finds steps that do not ascend. One that is out of range was found
// already.
func (o *Overload) check(r *report) {
	steps := []struct {
		key   string
		share float64
	}{{"shrink", o.Shrink}, {"no_keep_alive", o.NoKeepAlive}, {"shed", o.Shed}, {"no_accept", o.NoAccept}}
	for i := 1; i < len(steps); i++ {
		before, step := steps[i-1], steps[i]
		if step.share >= 0.01 && before.share <= 1 && step.share < before.share {
			r.add(within("overload", step.key), "%v is below %s = %v; the steps ascend: shrink, no_keep_alive, shed, no_accept", step.share, before.key, before.share)
		}
	}
}
