package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// big is larger than all windows and buffers on its way.
var big = strings.Repeat("0123456789abcdef", 200_000)

// TestCurl asks with curl: each version from the client, to each kind of endpoint.
func TestCurl(t *testing.T) {
	curl := needs(t, "curl")
	at := serveForeign(t)
	upload := write(t, "", "upload", big)
	for _, c := range []struct {
		name, url, flag, version string
	}{
		{"HTTP/1.0", at.clear, "--http1.0", "1.1"}, // the version that is answered
		{"HTTP/1.1", at.clear, "--http1.1", "1.1"},
		{"HTTP/1.1 that offers h2c", at.clear, "--http2", "1.1"},
		{"HTTP/2 with prior knowledge", at.clear, "--http2-prior-knowledge", "2"},
		{"HTTP/1.1 over TLS", at.secure, "--http1.1", "1.1"},
		{"HTTP/2 over TLS", at.secure, "--http2", "2"},
	} {
		for cluster, upstream := range upstreams {
			for _, do := range []struct {
				name  string
				flags []string
				stdin string
				seen  string
				body  string
			}{
				{"get", nil, "", "GET /%s/a?b=c by %s, length 0,", ""},
				{"post", []string{"--data-binary", "hello"}, "", "POST /%s/a?b=c by %s, length 5,", "hello"},
				// Of this size it asks with Expect first.
				{"put", []string{"-T", upload}, "", "PUT /%s/a?b=c by %s, length " + fmt.Sprint(len(big)), big},
				{"put of unknown length", []string{"-T", "-"}, big, "PUT /%s/a?b=c by %s, length -1", big},
				{"put after a 100", []string{"-H", "Expect: 100-continue", "--expect100-timeout", "600", "-T", upload}, "",
					"PUT /%s/a?b=c by %s, length " + fmt.Sprint(len(big)), big},
			} {
				if c.flag == "--http1.0" && do.stdin != "" {
					continue // that version has no such body
				}
				t.Run(c.name+"/"+cluster+"/"+do.name, func(t *testing.T) {
					dir := t.TempDir()
					head, body := filepath.Join(dir, "head"), filepath.Join(dir, "body")
					args := append([]string{"-sS", "-q", "--noproxy", "*", "--cacert", at.roots, c.flag, "-D", head, "-o", body, "-w", "%{http_version} %{response_code}"}, do.flags...)
					got := runs(t, strings.NewReader(do.stdin), curl, append(args, c.url+"/"+cluster+"/a?b=c")...)
					if want := c.version + " 200"; got != want {
						t.Errorf("%q, want %q", got, want)
					}
					fields, back := contents(t, head), contents(t, body)
					if want := fmt.Sprintf("x-seen: "+do.seen, cluster, upstream); !strings.Contains(strings.ToLower(fields), strings.ToLower(want)) {
						t.Errorf("want %q in\n%s", want, fields)
					}
					if !strings.Contains(fields, `upgrade ""`) {
						t.Errorf("an upgrade of this hop went on:\n%s", fields)
					}
					if back != do.body {
						t.Errorf("%d bytes came back, want %d", len(back), len(do.body))
					}
					if trailer := regexp.MustCompile(`(?m)^x-sum: (\d+)\r?$`).FindStringSubmatch(fields); c.flag != "--http1.0" &&
						(trailer == nil || trailer[1] != fmt.Sprint(len(do.body))) {
						t.Errorf("the trailers are %v in\n%s", trailer, fields)
					}
				})
			}
		}
	}
}

func contents(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
