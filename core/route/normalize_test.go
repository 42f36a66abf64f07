package route_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/route"
)

func normalizer(tb testing.TB, p config.Paths) *route.Normalizer {
	tb.Helper()
	n, err := route.NewNormalizer(p)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

var (
	defaults = config.Paths{}
	strict   = config.Paths{DotSegments: "reject", DoubleSlashes: "reject", EscapedSlashes: "reject", Backslashes: "reject"}
	keep     = config.Paths{DotSegments: "keep", DoubleSlashes: "keep", EscapedSlashes: "keep", Backslashes: "keep"}
	decode   = config.Paths{EscapedSlashes: "decode", Backslashes: "normalize"}
	noMerge  = config.Paths{DoubleSlashes: "keep"}
	slashed  = config.Paths{EscapedSlashes: "decode", Backslashes: "keep"}
)

func TestNormalize(t *testing.T) {
	for _, tt := range []struct {
		name   string
		policy config.Paths
		in     string
		want   string // or "!" and a part of the error
	}{
		{"normal", defaults, "/a/b/c", "/a/b/c"},
		{"root", defaults, "/", "/"},
		{"query is raw", defaults, "/a?x=/../%zz//\\%00", "/a?x=/../%zz//\\%00"},
		{"query after a change", defaults, "/a//b?x=//", "/a/b?x=//"},
		{"query at once", defaults, "/?a/./b//c%2f", "/?a/./b//c%2f"},
		{"asterisk", defaults, "*", "*"},
		{"empty", defaults, "", "!does not begin with a slash"},
		{"no slash", defaults, "a/b", "!does not begin with a slash"},
		{"escaped first slash", slashed, "%2Fa", "!does not begin with a slash"},
		{"asterisk and more", defaults, "*/a", "!does not begin with a slash"},

		{"dot", defaults, "/a/./b", "/a/b"},
		{"dot at the end", defaults, "/a/.", "/a/"},
		{"dots", defaults, "/a/../b", "/b"},
		{"dots at the end", defaults, "/a/b/..", "/a/"},
		{"dots to the root", defaults, "/a/..", "/"},
		{"dots after an empty segment", defaults, "/a//../b", "/b"},
		{"dots after a kept empty segment", noMerge, "/a//../b", "/a/b"},
		{"escaped dot", defaults, "/a/%2e/b", "/a/b"},
		{"escaped dots", defaults, "/a/%2e%2E/b", "/b"},
		{"mixed dots", defaults, "/a/.%2e/b", "/b"},
		{"mixed dots the other way", defaults, "/a/%2E./b", "/b"},
		{"three dots", defaults, "/a/.../b", "/a/.../b"},
		{"hidden file", defaults, "/.well-known/x", "/.well-known/x"},
		{"above the root", defaults, "/..", "!above the root"},
		{"above the root later", defaults, "/a/../../b", "!above the root"},
		{"above the root, escaped", defaults, "/%2e%2e/etc/passwd", "!above the root"},
		{"above the root, kept", keep, "/a/../../b", "!above the root"},
		{"above the root, kept, empty segments", keep, "//a/../..", "!above the root"},
		{"kept dots", keep, "/a/%2e%2e/b/./c", "/a/../b/./c"},
		{"rejected dot", strict, "/a/./b", "!dot segment"},
		{"rejected dots", strict, "/a/b/%2e%2e", "!dot segment"},

		{"double slash", defaults, "/a//b///c//", "/a/b/c/"},
		{"double slash first", defaults, "//a", "/a"},
		{"double slash kept", keep, "//a//", "//a//"},
		{"double slash rejected", strict, "/a//b", "!double slash"},

		{"escaped slash", defaults, "/a%2Fb", "!escaped slash"},
		{"escaped backslash", defaults, "/a%5cb", "!escaped slash"},
		{"escaped slash kept", keep, "/a%2fb%5cc", "/a%2Fb%5Cc"},
		{"escaped slash decoded", slashed, "/a%2fb", "/a/b"},
		{"escaped backslash decoded", slashed, "/a%5Cb", "/a\\b"},
		{"decoded slashes merge", slashed, "/a%2f%2F/b", "/a/b"},
		{"decoded slashes end dots", slashed, "/a/..%2fb", "/b"},
		{"decoded above the root", slashed, "/..%2f..%2fb", "!above the root"},
		{"decoded backslash becomes a slash", decode, "/a%5c..%5Cb", "/b"},
		{"backslash", defaults, "/a\\b", "!backslash"},
		{"backslash kept", keep, "/a\\b", "/a\\b"},
		{"backslash normalized", decode, "/a\\..\\b", "/b"},

		{"unreserved", defaults, "/%41%7a%30%2D%2e%5F%7E", "/Az0-._~"},
		{"reserved upper-cased", defaults, "/a%3ab%c3%a9%20", "/a%3Ab%C3%A9%20"},
		{"reserved stays", defaults, "/a%3Fb%23c", "/a%3Fb%23c"},
		{"twice", defaults, "/a/%252e%252e/b", "/a/%252e%252e/b"},
		{"twice, pieced together", defaults, "/a/%25%32%65", "/a/%252e"},
		{"parameters", defaults, "/a;v=1/..;/b;x", "/a;v=1/..;/b;x"},

		{"no digits", defaults, "/a%", "!malformed escape"},
		{"one digit", defaults, "/a%4", "!malformed escape"},
		{"no hexadecimal digits", defaults, "/a%zz", "!malformed escape"},
		{"escape over the query", defaults, "/a%4?1", "!malformed escape"},
		{"percent before an escape", defaults, "/a%%34%31", "!malformed escape"},
		{"NUL", keep, "/a%00", "!escaped control"},
		{"line feed", keep, "/a%0Ab", "!escaped control"},
		{"delete", keep, "/a%7f", "!escaped control"},
		{"raw blank", defaults, "/a b", "!must be escaped"},
		{"raw control", defaults, "/a\x01", "!must be escaped"},
		{"raw delete", defaults, "/aaaaaaa\x7f", "!must be escaped"},
		{"raw UTF-8", defaults, "/caf\xc3\xa9", "!must be escaped"},
		{"fragment", defaults, "/a#b", "!must be escaped"},
		{"overlong slash", keep, "/a%c0%afb", "!overlong"},
		{"overlong dot", keep, "/a/%C0%AE", "!overlong"},
		{"overlong, lax second byte", keep, "/%c1%1c", "!overlong"},
		{"overlong in three", keep, "/%e0%80%af", "!overlong"},
		{"longest overlong in three", keep, "/%e0%9f%bf", "!overlong"},
		{"overlong in four", keep, "/%f0%80%80%af", "!overlong"},
		{"overlong in five", keep, "/%f8%80%80%80%af", "!overlong"},
		{"overlong in six", keep, "/%fc%80%80%80%80%af", "!overlong"},
		{"shortest in three", defaults, "/%e0%a0%80", "/%E0%A0%80"},
		{"shortest in four", defaults, "/%f0%90%80%80", "/%F0%90%80%80"},
		{"latin 1", defaults, "/%e9t%e9", "/%E9t%E9"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var scratch []byte
			got, err := normalizer(t, tt.policy).Normalize([]byte(tt.in), &scratch)
			if want, refused := strings.CutPrefix(tt.want, "!"); refused {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Fatalf("%q: got %q, %v, want an error with %q", tt.in, got, err, want)
				}
				if fault.KindOf(err) != fault.BadRequest {
					t.Errorf("kind is %v", fault.KindOf(err))
				}
				return
			}
			if err != nil || string(got) != tt.want {
				t.Errorf("%q: got %q, %v, want %q", tt.in, got, err, tt.want)
			}
		})
	}
}

func TestNormalTargetIsReturnedItself(t *testing.T) {
	n := normalizer(t, defaults)
	for _, target := range []string{"/", "/a", "/a/b?x=//", "/static/js/app.min.js", "/a%20b", "/.well-known/acme-challenge/x"} {
		in, scratch := []byte(target), []byte(nil)
		out, err := n.Normalize(in, &scratch)
		if err != nil {
			t.Fatal(err)
		}
		if &out[0] != &in[0] || len(out) != len(in) {
			t.Errorf("%q was copied", target)
		}
	}
}

func TestNewNormalizerRefusesActions(t *testing.T) {
	for want, p := range map[string]config.Paths{
		`paths.dot_segments: "decode" is not an action: use "reject", "keep" or "normalize"`:    {DotSegments: "decode"},
		`paths.double_slashes: "fold" is not an action: use "reject", "keep" or "normalize"`:    {DoubleSlashes: "fold"},
		`paths.escaped_slashes: "normalize" is not an action: use "reject", "keep" or "decode"`: {EscapedSlashes: "normalize"},
		`paths.backslashes: "decode" is not an action: use "reject", "keep" or "normalize"`:     {Backslashes: "decode"},
	} {
		if _, err := route.NewNormalizer(p); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
