package server_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/server"
)

// conditional is a file with filters that see some requests alone.
func conditional(up, module string) string {
	tables := coretest.Wasm()
	for _, name := range []string{"one", "two", "three"} {
		tables += coretest.FilterTable(name, module, "marker", fmt.Sprintf("config = { name = %q }", name))
	}
	return strings.Replace(coretest.Gateway(up, `filters = ["two", { name = "three", when = { headers = { "x-there" = "~.*two" } }, unless = { query = { n = "~[0-9]+" } } }]`, tables),
		"[admin]", `filters = [{ name = "one", when = { methods = ["POST"] } }]`+"\n[admin]", 1)
}

func TestFiltersThatSeeSomeRequests(t *testing.T) {
	there := make(chan string, 1)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		there <- strings.Join(r.Header.Values("X-There"), " ")
		fmt.Fprint(w, "fine")
	}))
	p := coretest.Proxy(t, conditional(up.Addr, coretest.Guest(t)))
	for _, tt := range []struct{ method, path, there, back string }{
		{"GET", "/", "two three", "[three two]"},
		{"POST", "/", "one two three", "[three two one]"},
		{"GET", "/?n=1%32", "two", "[two]"},
		{"POST", "/?m&n=7", "one two", "[two one]"},
	} {
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send(tt.method + " " + tt.path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
		r := c.Read(tt.method)
		if got := <-there; r.Status != 200 || r.Body != "fine" || got != tt.there || fmt.Sprint(r.Header["X-Back"]) != tt.back {
			t.Errorf("%s %s: %d, filters %q back %v", tt.method, tt.path, r.Status, got, r.Header["X-Back"])
		}
	}
	// A filter that did not see a stream did not begin one.
	if one, two := p.Filter("one").Streams, p.Filter("two").Streams; one != 2 || two != 4 {
		t.Errorf("streams: one has %d, two has %d", one, two)
	}
	if shown := p.Admin("GET", "/config").Body; !strings.Contains(shown, `"unless"`) || !strings.Contains(shown, `"n": "~[0-9]+"`) && !strings.Contains(shown, `"n":"~[0-9]+"`) {
		t.Errorf("/config does not show conditions: %s", shown)
	}
}

func TestConditionsThatCannotBe(t *testing.T) {
	up := coretest.Refusing(t)
	_, err := coretest.Start(t, strings.Replace(conditional(up, coretest.Guest(t)), `methods = ["POST"]`, `path_regex = "a.*"`, 1), coretest.Options{})
	want := `filter "one": when: path_regex: regular expression "a.*" matches no path: paths begin with a slash`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// Checking a file tells of filters that guard something and do not see all.
func TestCheckTellsOfGuardsWithConditions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "proxy.toml")
	toml := strings.ReplaceAll(conditional("127.0.0.1:1", coretest.Guest(t)), "root_id =", "security = true\nroot_id =")
	if err := os.WriteFile(file, []byte(toml), 0o600); err != nil {
		t.Fatal(err)
	}
	var lines []string
	err := server.Check(context.Background(), server.Options{File: file, Noted: func(p config.Problem) { lines = append(lines, p.Key+": "+p.Message) }})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`gateway.filters: filter "one" guards something and is passed by requests that are not like when; ask there for what clients cannot choose`,
		`routes[0].filters: filter "three" guards something and is passed by requests that are not like when or that are like unless; ask there for what clients cannot choose`,
	}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}
