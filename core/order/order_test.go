package order_test

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/order"
)

func TestAdd(t *testing.T) {
	var o order.Order
	for _, args := range []string{"sets a\nreads b.c\n", "logs log.x\nsets a\nparses", "", "encodes\n\n"} {
		if err := o.Add([]byte(args)); err != nil {
			t.Fatalf("%q: %v", args, err)
		}
	}
	want := order.Order{Said: true, Sets: []string{"a"}, Reads: []string{"b.c"}, Logs: []string{"log.x"}, Encodes: true, Parses: true}
	if !reflect.DeepEqual(o, want) {
		t.Errorf("got %+v, want %+v", o, want)
	}
}

// TestHostile: what cannot be is refused, and leaves what was there.
func TestHostile(t *testing.T) {
	many := ""
	for i := range order.MaxNames + 1 {
		many += "sets " + strconv.Itoa(i) + "\n"
	}
	for name, tt := range map[string]struct {
		args string
		want error
	}{
		"an unknown word":         {"eats a", order.ErrMalformed},
		"a word alone":            {"sets", order.ErrMalformed},
		"an empty name":           {"sets ", order.ErrMalformed},
		"a name where none is":    {"encodes x", order.ErrMalformed},
		"a space within":          {"reads a b", order.ErrMalformed},
		"a control character":     {"reads a\x1b[2J", order.ErrMalformed},
		"what is not ASCII":       {"reads \u00fc", order.ErrMalformed},
		"a name that is too long": {"reads " + strings.Repeat("a", 257), order.ErrMalformed},
		"bad behind good":         {"sets a\nsets", order.ErrMalformed},
		"too many names":          {many, order.ErrTooMany},
		"too many bytes":          {strings.Repeat("\n", order.MaxBytes+1), order.ErrTooMany},
	} {
		var o order.Order
		if err := o.Add([]byte(tt.args)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if !reflect.DeepEqual(o, order.Order{}) {
			t.Errorf("%s leaves %+v", name, o)
		}
	}
}

// FuzzAdd: whatever is said, what is kept is within bounds and can be shown.
func FuzzAdd(f *testing.F) {
	f.Add([]byte("sets a\nreads b\nlogs c\nencodes\nparses"))
	f.Add([]byte("sets \n\x00"))
	f.Fuzz(func(t *testing.T, args []byte) {
		var o order.Order
		if o.Add(args) != nil {
			if o.Said {
				t.Fatalf("kept of a call that was refused: %+v", o)
			}
			return
		}
		for _, list := range [][]string{o.Sets, o.Reads, o.Logs} {
			if len(list) > order.MaxNames {
				t.Fatalf("%d names", len(list))
			}
			for _, name := range list {
				if len(name) == 0 || len(name) > 256 || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
					t.Fatalf("kept %q", name)
				}
			}
		}
	})
}
