package oddpath_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/internal/oddpath"
)

func TestOdd(t *testing.T) {
	for path, want := range map[string][2]bool{ // without and with parameters
		"/":           {},
		"/a/b/":       {},
		"/a.b/c%20d":  {},
		"/%C3%A9":     {},
		"/a/.b/..c":   {},
		"/a;v=1/b":    {true, false},
		"/a%3Bv/b":    {true, false},
		"/a/..;/b":    {true, true},
		"/a/..%3b/b":  {true, true},
		"/a/.;x=y/b":  {true, true},
		"/a/;x/b":     {true, true},
		"/a/b%20;c":   {true, true},
		"/a;b.":       {true, true},
		"/a//b":       {true, true},
		"/a/./b":      {true, true},
		"/a/../b":     {true, true},
		"/a/b.":       {true, true},
		"/a/b%20":     {true, true},
		"/a/%2E%2e/b": {true, true},
		"/a%2fb":      {true, true},
		"/a%5Cb":      {true, true},
		"/a\\b":       {true, true},
		"/a%252fb":    {true, true},
		"/a%00":       {true, true},
		"/a%":         {true, true},
		"/a%4":        {true, true},
		"/a\x7f":      {true, true},
		"*":           {true, true},
		"":            {true, true},
		"a.example:1": {true, true},
	} {
		for i, parameters := range []bool{false, true} {
			if got := oddpath.Odd([]byte(path), parameters); got != want[i] {
				t.Errorf("%q, parameters %v: %v", path, parameters, got)
			}
		}
	}
}

// FuzzOdd sees to it that what is not odd is one reading: nothing that upstreams
// cut, decode or resolve.
func FuzzOdd(f *testing.F) {
	for _, s := range []string{"/a/b", "/a/../b", "/%2e", "/a;b", "/%", "/a%20", "*", "", "/..;x/a", "/;/a"} {
		f.Add(s)
	}
	always := []string{"//", "/./", "/../", "/.;", "/..;", "/;", "/.%3b", "/..%3b", "/%3b", "\\", "%2f", "%5c", "%2e", "%00", "\x00"}
	f.Fuzz(func(t *testing.T, path string) {
		low := strings.ToLower(path)
		for _, parameters := range []bool{false, true} {
			if oddpath.Odd([]byte(path), parameters) {
				continue
			}
			bad := always
			if !parameters {
				bad = append([]string{";", "%3b"}, always...)
			}
			for _, s := range bad {
				if strings.Contains(low, s) {
					t.Fatalf("%q is taken", path)
				}
			}
		}
	})
}
