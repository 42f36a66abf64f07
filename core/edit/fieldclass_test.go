package edit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/stream"
)

// absentField stands for a request without the field.
const absentField = "\x00"

// sameValue says whether two values of a field are of one class; ok is false where the
// first is of none.
func sameValue(t testing.TB, values []string, a, b string) (same, ok bool) {
	var l edit.List
	if err := l.Recall(by(byValue, strings.Join(append([]string{"x-v"}, values...), "\x00"))); err != nil {
		t.Skip()
	}
	at := func(value string) *fake {
		return like(func(f *fake) {
			if value != absentField {
				f.request.Headers.AddString("x-v", value)
			}
		})
	}
	if err := l.Remember(at(a), nil, encode(0), nil, 0, 9); errors.Is(err, edit.ErrNoKey) {
		return false, false
	} else if err != nil {
		t.Fatal(err)
	}
	return replayed(&l, at(b), 1, counts{}), true
}

func TestValueClass(t *testing.T) {
	values := []string{"gold", "Silver plan", ""}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"gold", "gold", true},
		{"gold", "Gold", false},
		{"GOLD", "lead", false},
		{"lead", "iron", true},
		{"lead", strings.Repeat("a b", 900), true},
		{"Silver plan", "silver plan", false},
		{"Silver  plan", "lead", true},
		{"", "lead", false},
		{"", "", true},
		{absentField, absentField, true},
		{absentField, "lead", false},
		{absentField, "", false},
	} {
		for _, p := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			if same, ok := sameValue(t, values, p[0], p[1]); !ok || same != c.same {
				t.Errorf("%q and %q: same %v, of a class %v", p[0], p[1], same, ok)
			}
		}
	}
	for _, none := range []string{"gold,lead", ",", " gold", "gold ", "go\tld", "\u212a", "gold\u00a0", "\x80"} {
		if _, ok := sameValue(t, values, none, none); ok {
			t.Errorf("%q is of a class", none)
		}
	}
	if same, ok := sameValue(t, nil, "gold", "lead"); !ok || !same {
		t.Error("without values it counts whether the field is there")
	}
}

// FuzzValueClass looks at what filters rely on: values of one class are the same, or all
// of one element that is none of the values, in any case and whatever is around it.
func FuzzValueClass(f *testing.F) {
	f.Add("gold", "gold", "Gold")
	f.Add("K", "\u212a", "x")
	f.Add("", "a", "b")
	f.Fuzz(func(t *testing.T, word, a, b string) {
		if !stream.ValidValue([]byte(a)) || !stream.ValidValue([]byte(b)) || strings.Contains(word, "\x00") {
			return
		}
		same, ok := sameValue(t, []string{word}, a, b)
		if !ok || !same || a == b {
			return
		}
		for _, v := range []string{a, b} {
			if strings.Contains(v, ",") || strings.EqualFold(v, word) || strings.EqualFold(strings.TrimSpace(v), word) || strings.TrimSpace(v) != v {
				t.Fatalf("%q and %q are of one class, told apart by %q", a, b, word)
			}
		}
	})
}
