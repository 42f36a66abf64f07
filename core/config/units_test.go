package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/weirproxy/weir/core/config"
)

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		in   string
		want time.Duration
		out  string
	}{
		{"250ms", 250 * time.Millisecond, "250ms"},
		{"30s", 30 * time.Second, "30s"},
		{"90s", 90 * time.Second, "1m30s"},
		{"60m", time.Hour, "1h"},
		{"1h30m", 90 * time.Minute, "1h30m"},
		{"1h0m5s", time.Hour + 5*time.Second, "1h0m5s"},
		{"1.5s", 1500 * time.Millisecond, "1.5s"},
		{"0s", 0, "0s"},
		{"off", -1, "off"},
	} {
		var d config.Duration
		if err := d.UnmarshalText([]byte(c.in)); err != nil || time.Duration(d) != c.want {
			t.Errorf("%q: %v, %v", c.in, time.Duration(d), err)
		}
		if text, err := d.MarshalText(); err != nil || string(text) != c.out {
			t.Errorf("%q comes out as %q, %v; want %q", c.in, text, err, c.out)
		}
	}
	if config.Off.Std() != 0 || config.Duration(time.Second).Std() != time.Second {
		t.Error("Std is not 0 for Off or not the duration")
	}
}

func TestDurationRefused(t *testing.T) {
	for in, part := range map[string]string{
		"":            "is not a duration",
		"30":          `a duration carries its unit: "30s"`,
		"10 S":        `did you mean "10s"?`,
		"3d":          `the longest unit is the hour`,
		"-1s":         "negative",
		"+1s":         "is not a duration",
		"1e3s":        "is not a duration",
		"Off":         "is not a duration",
		"9999999999h": "is not a duration",
	} {
		d := config.Duration(7)
		err := d.UnmarshalText([]byte(in))
		if err == nil || !strings.Contains(err.Error(), part) || d != 7 {
			t.Errorf("%q: %v, %v; want %q", in, d, err, part)
		}
	}
}

func TestSize(t *testing.T) {
	for _, c := range []struct {
		in   string
		want config.Size
		out  string
	}{
		{"0", 0, "0B"},
		{"0B", 0, "0B"},
		{"240B", 240, "240B"},
		{"64KiB", 64 << 10, "64KiB"},
		{"1024KiB", 1 << 20, "1MiB"},
		{"1.5MiB", 3 << 19, "1536KiB"},
		{"2GiB", 2 << 30, "2GiB"},
		{"1kB", 1000, "1kB"},
		{"10MB", 1e7, "10MB"},
		{"3GB", 3e9, "3GB"},
		{"1500B", 1500, "1500B"},
	} {
		var s config.Size
		if err := s.UnmarshalText([]byte(c.in)); err != nil || s != c.want {
			t.Errorf("%q: %d, %v", c.in, s, err)
		}
		if text, err := s.MarshalText(); err != nil || string(text) != c.out {
			t.Errorf("%q comes out as %q, %v; want %q", c.in, text, err, c.out)
		}
	}
}

func TestSizeRefused(t *testing.T) {
	for in, part := range map[string]string{
		"":              "is not a size",
		"KiB":           "is not a size",
		".":             "is not a size",
		"65536":         `a size carries its unit: "64KiB"`,
		"1.5":           `a size carries its unit: "1.5B"`,
		"64K":           `did you mean "64KiB"?`,
		"64KB":          `did you mean "64KiB"?`,
		"64 kib":        `did you mean "64KiB"?`,
		"1TB":           `did you mean "1GiB"?`,
		"1mb":           `did you mean "1MB"?`,
		"8bits":         `did you mean "8B"?`,
		"-5B":           "negative",
		"0.5B":          "whole number of bytes",
		"9999999999GiB": "more than can be counted",
	} {
		s := config.Size(7)
		err := s.UnmarshalText([]byte(in))
		if err == nil || !strings.Contains(err.Error(), part) || s != 7 {
			t.Errorf("%q: %v, %v; want %q", in, s, err, part)
		}
	}
}

// TestUnitsOfTheLibrary reads and writes units through the TOML library's own
// decoder and encoder.
func TestUnitsOfTheLibrary(t *testing.T) {
	type units struct {
		D config.Duration
		S config.Size
	}
	var u units
	if err := toml.Unmarshal([]byte("D = \"1m\"\nS = \"1KiB\""), &u); err != nil || u.D.String() != "1m" || u.S != 1024 {
		t.Errorf("%v, %v", u, err)
	}
	if text, err := toml.Marshal(u); err != nil || string(text) != "D = \"1m\"\nS = \"1KiB\"\n" {
		t.Errorf("%q, %v", text, err)
	}
	for _, bad := range []string{`D = 1`, `D = true`, `S = 1`, `S = 1.5`} {
		if err := toml.Unmarshal([]byte(bad), &u); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}
