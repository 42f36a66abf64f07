package loaded

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/filter"
)

// Check says what is wrong with a filter of that name and module, whatever its
// ABI.
func Check(name string, code []byte, security bool, onError filter.OnError) error {
	switch {
	case name == "":
		return fmt.Errorf("loading a filter: it has no name")
	case len(code) == 0:
		return fmt.Errorf("loading filter %q: its module is empty", name)
	case security && onError != filter.FailClosed:
		return fmt.Errorf("loading filter %q: a security filter must fail closed; set on_error = \"closed\"", name)
	}
	return nil
}

// WriteEnv writes a guest's environment as a part of a key.
func WriteEnv(b *strings.Builder, env map[string]string) {
	for _, k := range slices.Sorted(maps.Keys(env)) {
		fmt.Fprintf(b, " %q=%q", k, env[k])
	}
}
