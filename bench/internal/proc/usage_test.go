package proc

import (
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	rest := " S 17 17 17 0 -1 4194560 1 0 0 0 123 45 7 8 20 0 1 0 99 1 1"
	for _, name := range []string{"nginx", "a b", "odd) S 1 (", ""} {
		got, err := parseStat([]byte("42 (" + name + ")" + rest))
		want := stat{parent: 17, user: 1230 * time.Millisecond, system: 450 * time.Millisecond}
		if err != nil || got != want {
			t.Errorf("name %q: got %+v, %v; want %+v", name, got, err, want)
		}
	}
	for _, bad := range []string{"", "42 nginx S 1", "42 (nginx) S 1 2", "42 (x)" + strings.Replace(rest, "123", "x", 1)} {
		if got, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("parsing %q gave %+v, want an error", bad, got)
		}
	}
}

func TestParseRollup(t *testing.T) {
	const text = "5622726a6000-7ffc7df8a000 ---p 00000000 00:00 0   [rollup]\n" +
		"Rss:                1672 kB\nPss:                 326 kB\nShared_Clean:       1000 kB\n" +
		"Private_Clean:        20 kB\nPrivate_Dirty:       112 kB\n"
	got, err := parseRollup([]byte(text))
	if want := (memory{resident: 1672 << 10, private: 132 << 10}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	for _, bad := range []string{"", "Pss: 1 kB\n", "Rss: many kB\n", "Rss:\n"} {
		if got, err := parseRollup([]byte(bad)); err == nil {
			t.Errorf("parsing %q gave %+v, want an error", bad, got)
		}
	}
}
