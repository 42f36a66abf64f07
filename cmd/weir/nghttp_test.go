package main_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestNghttp has nghttp use what other clients leave alone: padding, heads in
// several frames, trailers of requests, small windows, many streams.
func TestNghttp(t *testing.T) {
	nghttp := needs(t, "nghttp")
	at := serveForeign(t)
	upload := write(t, "", "upload", big)
	for name, url := range map[string]string{"clear": at.clear, "TLS": at.secure} {
		for cluster := range upstreams {
			for _, do := range []struct {
				name    string
				flags   []string
				answers int
				shows   []string
			}{
				{"one", nil, 1, []string{`x-seen: GET /`}},
				{"many at once", []string{"-m", "90"}, 90, nil},
				{"padding", []string{"--padding=200", "-d", upload}, 1, []string{`x-sum: ` + fmt.Sprint(len(big))}},
				{"a head in several frames", []string{"--continuation"}, 1, nil},
				{"trailers", []string{"--no-content-length", "-d", upload, "--trailer", "x-t: sum"}, 1, []string{`trailer "sum"`, `x-sum: ` + fmt.Sprint(len(big))}},
				{"expect", []string{"-d", upload, "--expect-continue"}, 1, []string{`:status: 100`, `x-sum: ` + fmt.Sprint(len(big))}},
				{"small windows", []string{"-w", "12", "-W", "14", "-d", upload}, 1, []string{`x-sum: ` + fmt.Sprint(len(big))}},
				{"no table of fields", []string{"--header-table-size=0", "-m", "20"}, 20, nil},
			} {
				t.Run(name+"/"+cluster+"/"+do.name, func(t *testing.T) {
					args := append([]string{"-n", "-v", "--no-dep", "-y"}, do.flags...)
					out := runs(t, nil, nghttp, append(args, url+"/"+cluster+"/a")...)
					if n := strings.Count(out, ":status: 200"); n != do.answers {
						t.Errorf("%d answers, want %d", n, do.answers)
					}
					for _, want := range do.shows {
						if !strings.Contains(plain(out), want) {
							t.Errorf("does not show %q", want)
						}
					}
					if m := regexp.MustCompile(`recv (RST_STREAM|GOAWAY).*\n.*`).FindString(plain(out)); m != "" {
						t.Errorf("it got %s", m)
					}
					if t.Failed() {
						t.Logf("%.8000s", plain(out))
					}
				})
			}
		}
	}
}

// plain is what a terminal would show, without colours.
func plain(text string) string {
	return regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(text, "")
}

// TestH2load: all requests of a load are answered, however it is spread over
// connections and streams.
func TestH2load(t *testing.T) {
	h2load := needs(t, "h2load")
	at := serveForeign(t)
	const requests = 1000
	for name, url := range map[string]string{"clear": at.clear, "TLS": at.secure} {
		for cluster := range upstreams {
			for _, flags := range [][]string{{"-c", "1", "-m", "100"}, {"-c", "20", "-m", "5"}, {"-c", "4", "-m", "10", "-w", "10", "-W", "12"}, {"-c", "10", "--h1"}} {
				t.Run(name+"/"+cluster+"/"+strings.Join(flags, " "), func(t *testing.T) {
					out := runs(t, nil, h2load, append(flags, "-n", fmt.Sprint(requests), "-t", "1", url+"/"+cluster+"/a")...)
					for _, want := range []string{
						fmt.Sprintf("%d done, %d succeeded, 0 failed, 0 errored, 0 timeout", requests, requests),
						fmt.Sprintf("status codes: %d 2xx, 0 3xx, 0 4xx, 0 5xx", requests),
					} {
						if !strings.Contains(out, want) {
							t.Errorf("want %q of\n%s", want, out)
						}
					}
				})
			}
		}
	}
}
