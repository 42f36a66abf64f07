package config

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Duration is a time with its unit in the file: "250ms", "2s", "1h30m".
// [Off] is written "off", where a key allows it.
type Duration time.Duration

// Off is the Duration that never ends.
const Off Duration = -1

// Std is the duration for package time, 0 for [Off].
func (d Duration) Std() time.Duration {
	if d == Off {
		return 0
	}
	return time.Duration(d)
}

// String is the duration as the file has it: "1h30m", not "1h30m0s".
func (d Duration) String() string {
	if d == Off {
		return "off"
	}
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText is String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a duration. The error says what would be right.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "off" {
		*d = Off
		return nil
	}
	v, err := time.ParseDuration(s)
	switch {
	case err == nil && v >= 0 && '0' <= s[0] && s[0] <= '9':
		*d = Duration(v)
		return nil
	case err == nil && v < 0:
		return fmt.Errorf("%q is negative", s)
	case isNumber(s):
		return fmt.Errorf("%s has no unit; a duration carries its unit: %q", s, s+"s")
	case strings.HasSuffix(s, "d") && isNumber(strings.TrimSuffix(s, "d")):
		return fmt.Errorf("%q is in days; the longest unit is the hour: \"24h\"", s)
	}
	if joined := strings.ToLower(strings.Join(strings.Fields(s), "")); joined != s {
		if _, err := time.ParseDuration(joined); err == nil {
			return fmt.Errorf("%q is not a duration; did you mean %q?", s, joined)
		}
	}
	return fmt.Errorf("%q is not a duration; write it like \"250ms\", \"30s\" or \"1h30m\"", s)
}

// UnmarshalTOML reads a duration for the TOML library's own decoder.
func (d *Duration) UnmarshalTOML(v any) error {
	s, ok := v.(string)
	if !ok {
		if n, isInt := v.(int64); isInt {
			s = fmt.Sprint(n)
		} else {
			return errors.New("a duration is a string: \"30s\"")
		}
	}
	return d.UnmarshalText([]byte(s))
}

// isNumber says whether s is digits with at most one dot among them.
func isNumber(s string) bool {
	digits := strings.Replace(s, ".", "", 1)
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}
