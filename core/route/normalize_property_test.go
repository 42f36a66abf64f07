package route_test

import (
	"bytes"
	"math/rand/v2"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
)

// policies are all combinations of actions.
func policies() (all []config.Paths) {
	for _, d := range []config.PathAction{"normalize", "reject", "keep"} {
		for _, s := range []config.PathAction{"normalize", "reject", "keep"} {
			for _, e := range []config.PathAction{"reject", "keep", "decode"} {
				for _, b := range []config.PathAction{"reject", "keep", "normalize"} {
					all = append(all, config.Paths{DotSegments: d, DoubleSlashes: s, EscapedSlashes: e, Backslashes: b})
				}
			}
		}
	}
	return all
}

// pieces make paths that are unusual more often than not.
var pieces = []string{
	"/", "/", "/", "a", "b", "longer-segment", ".", "..", "%2e", "%2E", "%2f", "%5c", "\\", "%41", "%7e", "%3a", "%c3%a9",
	"%25", "2e", ";p", "%00", "%c0%ae", "%e0%80%af", "%", " ", "#", "?", "\x7f", "\x80",
}

func randomTarget(r *rand.Rand) []byte {
	usual := len(pieces)
	if r.IntN(4) > 0 {
		usual -= 9 // mostly without what is refused by every policy
	}
	b := []byte("/")
	for range r.IntN(14) {
		b = append(b, pieces[r.IntN(usual)]...)
	}
	if r.IntN(4) == 0 {
		b = append(b, "?q=//../%zz"...)
	}
	return b
}

func TestNormalizeProperties(t *testing.T) {
	all := policies()
	r := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 100_000 {
		p, target := all[r.IntN(len(all))], randomTarget(r)
		if checkNormalized(t, p, target) {
			accepted++
		}
	}
	if accepted < 20_000 {
		t.Errorf("only %d targets were accepted: the properties are hardly tested", accepted)
	}
}

// checkNormalized checks what holds for each target, and says whether it was
// accepted.
func checkNormalized(t *testing.T, p config.Paths, target []byte) bool {
	t.Helper()
	n := normalizer(t, p)
	var scratch, again []byte
	before := bytes.Clone(target)
	out, err := n.Normalize(target, &scratch)
	if !bytes.Equal(before, target) {
		t.Fatalf("%q was changed to %q", before, target)
	}
	if err != nil {
		return false
	}
	if twice, err := n.Normalize(out, &again); err != nil || !bytes.Equal(twice, out) {
		t.Fatalf("%+v: %q gives %q, and that %q, %v", p, target, out, twice, err)
	}
	copied := bytes.Clone(out)
	if same, err := n.Normalize(out, &scratch); err != nil || !bytes.Equal(same, copied) {
		t.Fatalf("%+v: %q gives %q, and in the same memory %q, %v", p, target, copied, same, err)
	}
	if len(out) > len(target) {
		t.Fatalf("%q grew to %q", target, out)
	}
	inPath, inQuery, _ := strings.Cut(string(target), "?")
	outPath, outQuery, _ := strings.Cut(string(out), "?")
	if inQuery != outQuery {
		t.Fatalf("%q: query became %q", target, outQuery)
	}
	if p.DoubleSlashes != "keep" && strings.Contains(outPath, "//") {
		t.Fatalf("%+v: %q gives %q", p, target, out)
	}
	if bordered := outPath + "/"; p.DotSegments != "keep" &&
		(strings.Contains(bordered, "/./") || strings.Contains(bordered, "/../")) {
		t.Fatalf("%+v: %q gives %q", p, target, out)
	}
	if p.DotSegments == "reject" && p.DoubleSlashes == "reject" && strings.Count(outPath, "/") < strings.Count(inPath, "/") {
		t.Fatalf("%q lost a segment: %q", target, out)
	}
	agreesWithStandard(t, p, inPath, outPath)
	return true
}

// agreesWithStandard compares with net/url and path.Clean where they must
// agree: slashes merged, dots removed, and no slash that stays escaped.
func agreesWithStandard(t *testing.T, p config.Paths, in, out string) {
	t.Helper()
	if in == "*" || p.DotSegments != "normalize" || p.DoubleSlashes != "normalize" || p.EscapedSlashes == "keep" {
		return
	}
	want, err := url.PathUnescape(in)
	if err != nil {
		t.Fatalf("%q is malformed by net/url (%v) and was accepted as %q", in, err, out)
	}
	if p.Backslashes == "normalize" {
		want = strings.ReplaceAll(want, `\`, "/")
	}
	got, err := url.PathUnescape(out)
	if err != nil {
		t.Fatalf("%q gives %q: %v", in, out, err)
	}
	if got != "/" {
		got = strings.TrimSuffix(got, "/")
	}
	if want = path.Clean(want); got != want {
		t.Fatalf("%q gives %q, which means %q; path.Clean says %q", in, out, got, want)
	}
}

func FuzzNormalize(f *testing.F) {
	for i, s := range []string{
		"/", "/a/b/c?d=e", "/a/../b", "/%2e%2e/x", "/a%2fb", "/a%5C..\\b", "//", "/..;/a", "/%c0%af", "/%e0%80%af",
		"/%25%32%65", "/a/./b//c/..", "*", "/abcdefg?%zz", "/abcdefg/.", "/aaaaaaa/\x80?", "/a%",
	} {
		f.Add(byte(i*7), []byte(s))
	}
	all := policies()
	f.Fuzz(func(t *testing.T, policy byte, target []byte) {
		checkNormalized(t, all[int(policy)%len(all)], target)
	})
}
