package metrics

import (
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
)

const (
	separator = 0       // behind each value in a series' key
	other     = "other" // any value that there is no room for
	none      = "none"  // no value
	maxValue  = 32      // bytes; longer ones are cut
)

// label is one dimension.
type label struct {
	name string
	by   template.Template
	only []string // values that stand for themselves; empty: all
}

// append appends the label's value for a stream and a separator. What could
// break a name, or make many of one, is made "_".
func (l *label) append(key []byte, s *sdk.Stream) []byte {
	at := len(key)
	key, known := l.by.Append(key, s)
	switch value := key[at:]; {
	case !known:
		key = append(key[:at], none...)
	case len(l.only) > 0 && !l.has(value):
		key = append(key[:at], other...)
	default:
		if len(value) > maxValue {
			key = key[:at+maxValue]
		}
		for i, c := range key[at:] {
			if c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '{' || c == '}' {
				key[at+i] = '_'
			}
		}
	}
	return append(key, separator)
}

func (l *label) has(value []byte) bool {
	for _, v := range l.only {
		if string(value) == v {
			return true
		}
	}
	return false
}
