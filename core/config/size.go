package config

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Size is a number of bytes with its unit in the file: "64KiB", "1MB", "240B".
// Units are of 1024 (KiB, MiB, GiB) or of 1000 (kB, MB, GB).
type Size int64

// sizeUnits are the units, the largest of each kind first.
var sizeUnits = []struct {
	name  string
	bytes int64
}{
	{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3},
	{"B", 1},
}

// String is the size in the largest unit that leaves no fraction.
func (s Size) String() string {
	for _, u := range sizeUnits {
		if s != 0 && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.name
		}
	}
	return "0B"
}

// MarshalText is String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a size. The error says what would be right.
func (s *Size) UnmarshalText(text []byte) error {
	in := string(text)
	number := strings.TrimRight(in, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	unit := in[len(number):]
	switch {
	case in == "0":
		*s = 0
		return nil
	case !isNumber(number) && strings.HasPrefix(number, "-") && isNumber(number[1:]):
		return fmt.Errorf("%q is negative", in)
	case !isNumber(number):
		return fmt.Errorf("%q is not a size; write it like \"240B\", \"64KiB\" or \"1MiB\"", in)
	case unit == "":
		return fmt.Errorf("%s has no unit; a size carries its unit: %q", in, withUnit(in))
	}
	for _, u := range sizeUnits {
		if u.name == unit {
			return s.set(in, number, u.bytes)
		}
	}
	return fmt.Errorf("%q has an unknown unit; did you mean %q?", in, number+likelyUnit(unit))
}

// withUnit is a number of bytes as a size.
func withUnit(number string) string {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return number + "B"
	}
	return Size(n).String()
}

// set takes number times unit, which must be whole and fit.
func (s *Size) set(in, number string, unit int64) error {
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return fmt.Errorf("%q is not a size; write it like \"240B\", \"64KiB\" or \"1MiB\"", in)
	}
	r.Mul(r, new(big.Rat).SetInt64(unit))
	switch {
	case !r.IsInt():
		return fmt.Errorf("%q is not a whole number of bytes", in)
	case !r.Num().IsInt64():
		return fmt.Errorf("%q is more than can be counted", in)
	}
	*s = Size(r.Num().Int64())
	return nil
}

// likelyUnit is the unit that somebody who wrote unit meant: one of 1024
// unless it was written as one of 1000 in other letters.
func likelyUnit(unit string) string {
	u := strings.ToLower(strings.TrimSpace(unit))
	for _, k := range sizeUnits {
		if strings.ToLower(k.name) == u && u != "kb" {
			return k.name
		}
	}
	switch u[:min(1, len(u))] {
	case "k":
		return "KiB"
	case "m":
		return "MiB"
	case "g", "t":
		return "GiB"
	}
	return "B"
}

// UnmarshalTOML reads a size for the TOML library's own decoder.
func (s *Size) UnmarshalTOML(v any) error {
	switch v := v.(type) {
	case string:
		return s.UnmarshalText([]byte(v))
	case int64:
		return s.UnmarshalText([]byte(strconv.FormatInt(v, 10)))
	}
	return errors.New("a size is a string: \"64KiB\"")
}
