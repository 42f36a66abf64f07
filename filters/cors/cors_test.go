package cors_test

import (
	"net/url"
	"strings"
	"testing"

	_ "github.com/weirproxy/weir/filters/cors"
	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "cors", "testdata") }

func TestScriptsByCallbacks(t *testing.T) {
	filtertest.Run(t, filtertest.ByCallbacks, "cors", "testdata")
}

func TestOtherHosts(t *testing.T) {
	h, ok := sdktest.Start(t, "cors", sdktest.Options{Config: `{"origin_regex":["https://.*"]}`, Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "needs weir.regex, which only Weir has") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

// FuzzOrigin looks for origins that a wildcard allows and a browser takes for
// another host.
func FuzzOrigin(f *testing.F) {
	for _, s := range []string{"https://a.example.com", "https://evil.test/.example.com", "https://a@b.example.com", "https://.example.com", "https://a.example.com:1", "null"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, origin string) {
		s := sdktest.New(t, "cors", `{"origins":["https://*.example.com"],"credentials":true,"refuse":true}`).
			Stream(sdktest.Request{Headers: sdktest.H("origin", origin)})
		defer s.Finish()
		if s.Local() {
			return
		}
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" ||
			!strings.HasSuffix(u.Host, ".example.com") || u.Host == ".example.com" || u.String() != origin {
			t.Errorf("%q is allowed", origin)
		}
	})
}
