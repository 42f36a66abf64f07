package wasm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/wasm/meter"
)

// goMemoryLimit is the variable that tells Go's runtime how much memory it may
// use. Its collector works harder near that. Without it, the runtime would know
// of its limit only by an allocation that fails, which is the guest's end.
//
// Nothing else of the collector is set. With GODEBUG=gcstoptheworld=1 a whole
// collection falls into one callback, which takes three times as long as the
// longest does in Go's own way: there, callbacks that allocate do a share of
// the work each.
const goMemoryLimit = "GOMEMLIMIT"

// environ is a guest's environment, sorted.
func environ(vars map[string]string, m *Module) ([]string, error) {
	env := make([]string, 0, len(vars)+1)
	for k, v := range vars {
		if k == "" || strings.ContainsAny(k, "=\x00") || strings.Contains(v, "\x00") {
			return nil, fmt.Errorf("environment variable %q: a name must not be empty nor hold %q, and neither it nor its value a zero byte", k, "=")
		}
		env = append(env, k+"="+v)
	}
	if _, given := vars[goMemoryLimit]; !given && m.Info().Language == meter.LanguageGo {
		const page = 64 << 10
		limit := int64(m.limits.MemoryPages) * page
		// The rest is for what the runtime does not count, and for its lateness.
		env = append(env, fmt.Sprintf("%s=%d", goMemoryLimit, limit/4*3))
	}
	slices.Sort(env)
	return env, nil
}

// Environ is what the guest sees as its environment, as "name=value".
func (in *Instance) Environ() []string { return in.vm.env }
