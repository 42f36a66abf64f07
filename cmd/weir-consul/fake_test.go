package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/provider/kit"
)

// These are faults that a real Consul cannot be made to show.

// answer is one of the fake's, to the query of its place in line.
type answer struct {
	status int
	index  string // "" for none
	header string // another one's name, which is "true"
	body   string
	hang   bool
}

func instances(addrs ...string) string {
	var list []string
	for _, a := range addrs {
		host, port, _ := strings.Cut(a, ":")
		list = append(list, fmt.Sprintf(`{"Node":{"Node":"n1","Address":"10.9.9.9"},"Service":{"ID":"i","Service":"orders","Address":%q,"Port":%s,"Weights":{"Passing":2}}}`, host, port))
	}
	return "[" + strings.Join(list, ",") + "]"
}

func TestFaults(t *testing.T) {
	one, two := instances("10.0.0.1:80"), instances("10.0.0.2:80")
	for _, c := range []struct {
		name    string
		answers []answer
		want    []string // published, a list each
		queries []string // their indices
		err     string
	}{
		{"an error", []answer{{200, "5", "", one, false}, {500, "", "", "No cluster leader", false}},
			[]string{"10.0.0.1:80/2"}, []string{"", "5"}, "asking Consul: Unexpected response code: 500 (No cluster leader)"},
		{"an index that goes back", []answer{{200, "5", "", one, false}, {200, "3", "", two, false}, {200, "3", "", two, false}, {500, "", "", "", false}},
			[]string{"10.0.0.1:80/2", "10.0.0.2:80/2", "10.0.0.2:80/2"}, []string{"", "5", "", "3"}, "500"},
		{"nothing new", []answer{{200, "5", "", one, false}, {200, "5", "", one, false}, {500, "", "", "", false}},
			[]string{"10.0.0.1:80/2"}, []string{"", "5", "5"}, "500"},
		{"no index", []answer{{200, "0", "", one, false}}, nil, []string{""}, "no index"},
		{"filtered", []answer{{200, "5", "X-Consul-Results-Filtered-By-ACLs", "[]", false}}, nil, []string{""}, "the token may not read"},
		{"not JSON", []answer{{200, "5", "", "<html>", false}}, nil, []string{""}, "invalid character"},
		{"cut", []answer{{200, "5", "", one[:40], false}}, nil, []string{""}, "unexpected EOF"},
		{"another shape", []answer{{200, "5", "", `[{}]`, false}, {500, "", "", "", false}}, []string{""}, []string{"", "5"}, "500"},
		{"no port", []answer{{200, "5", "", instances("10.0.0.1:0", ":81"), false}, {500, "", "", "", false}},
			[]string{"10.9.9.9:81/2"}, []string{"", "5"}, "500"},
		{"silence", []answer{{hang: true}}, nil, []string{""}, "deadline exceeded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var queries []string
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/health/service/orders" || r.URL.Query().Get("passing") != "1" || r.Header.Get("X-Consul-Token") != "t0ken" {
					t.Errorf("asked %s %v", r.URL, r.Header)
				}
				a := c.answers[min(len(queries), len(c.answers)-1)]
				queries = append(queries, r.URL.Query().Get("index"))
				if a.hang {
					<-r.Context().Done()
					return
				}
				w.Header().Set("X-Consul-Index", a.index)
				w.Header().Set("X-Consul-LastContact", "0")
				if a.header != "" {
					w.Header().Set(a.header, "true")
				}
				w.WriteHeader(a.status)
				_, _ = fmt.Fprint(w, a.body)
			}))
			defer s.Close()
			k, err := connect(settings{Address: s.URL, Token: "t0ken", Wait: "1s"})
			if err != nil {
				t.Fatal(err)
			}
			if k.late = time.Minute; c.answers[0].hang {
				k.late = 0
			}
			var got []string
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second) // it ends long before
			defer cancel()
			err = k.Watch(ctx, "orders", func(list []kit.Endpoint) {
				var line []string
				for _, e := range list {
					line = append(line, fmt.Sprintf("%s/%d", e.Addr, e.Weight))
				}
				got = append(got, strings.Join(line, " "))
			})
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if !slices.Equal(got, c.want) || !slices.Equal(queries, c.queries) {
				t.Errorf("published %q after queries %q, want %q after %q", got, queries, c.want, c.queries)
			}
		})
	}
}

// TestSettings: what is wrong with the table is said when the provider starts.
func TestSettings(t *testing.T) {
	for config, want := range map[string]string{
		`{"adress":"x"}`:                   `unknown field "adress"`,
		`{"address":"127.0.0.1:8500"}`:     "first path segment",
		`{"address":"consul:8500"}`:        "want \"http://host:port\"",
		`{"address":"http://a/ui"}`:        "want \"http://host:port\"",
		`{"address":"http://a:b@c:8500"}`:  "use token",
		`{"wait":"forever"}`:               "want \"1s\" to \"10m\"",
		`{"wait":"1ms"}`:                   "want \"1s\" to \"10m\"",
		`{"roots":"none.pem"}`:             "none.pem: no such file",
		`{"cert":"fake_test.go","key":""}`: "",
		`[]`:                               "reading the provider's config",
		``:                                 "",
		`{"address":"unix:///run/consul"}`: "",
	} {
		_, err := configure(context.Background(), []byte(config))
		switch {
		case config == `{"cert":"fake_test.go","key":""}`:
			if err == nil {
				t.Errorf("%s: a certificate without a key is taken", config)
			}
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", config, err, want)
		}
	}
}
