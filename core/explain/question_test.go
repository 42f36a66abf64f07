package explain_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/explain"
	"github.com/weirproxy/weir/core/server"
)

// parse reads a configuration without filters.
func parse(t testing.TB, text string) *config.Config {
	t.Helper()
	cfg, err := config.Parse("proxy.toml", []byte("version = 1\nrole = \"gateway\"\n"+text), config.Overrides{LookupEnv: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

const plain = `
[[routes]]
name = "a"
match.headers = { x-api-key = "the-key-of-a" }
cluster = "c"
[[routes]]
name = "b"
match.path_prefix = "/b"
cluster = "c"
[clusters.c]
endpoints = ["127.0.0.1:9000"]
`

// TestQuestions: each thing that is wrong is told as the asker's fault.
func TestQuestions(t *testing.T) {
	w := explain.World{Config: parse(t, plain)}
	for _, c := range []struct {
		name string
		q    explain.Question
		says string
	}{
		{"no URL", explain.Question{}, "write it with its scheme"},
		{"another scheme", explain.Question{URL: "ftp://h/"}, "write it with its scheme"},
		{"no host", explain.Question{URL: "http:///x"}, "there is no host"},
		{"a blank in the host", explain.Question{URL: "http://a b/"}, "characters that none has"},
		{"a long URL", explain.Question{URL: "http://h/" + strings.Repeat("a", 1<<17)}, "more than 65536 bytes"},
		{"a raw byte", explain.Question{URL: "http://h/\xff"}, "escape what is not printable"},
		{"a method", explain.Question{URL: "http://h/", Method: "G T"}, `method "G T"`},
		{"a name", explain.Question{URL: "http://h/", Fields: []explain.Field{{Name: "a b", Value: "x"}}}, "not a token"},
		{"a value", explain.Question{URL: "http://h/", Fields: []explain.Field{{Name: "a", Value: "x\r\nb: y"}}}, "control character"},
		{"many fields", explain.Question{URL: "http://h/", Fields: make([]explain.Field, 1000)}, "more than 128 fields"},
		{"a long body", explain.Question{URL: "http://h/", Body: make([]byte, explain.MaxBody+1)}, "more than 1048576 bytes"},
		{"a zone", explain.Question{URL: "http://h/", Client: "fe80::1%eth0"}, "not an IP address"},
		{"an answer", explain.Question{URL: "http://h/", Answers: map[string]int{"c": 99}}, "99 is not a final status"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.Explain(context.Background(), &c.q)
			if _, wrong := errors.AsType[*explain.QuestionError](err); !wrong || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

// TestSecretsOfConditions: what a route asks of a secret field is one, too.
func TestSecretsOfConditions(t *testing.T) {
	w := explain.World{Config: parse(t, plain)}
	r, err := w.Explain(context.Background(), &explain.Question{URL: "http://h/", Fields: []explain.Field{{Name: "x-api-key", Value: "not-the-key"}}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if r.Outcome.Status != 404 || len(r.Route.Missed) == 0 || strings.Contains(string(text), "the-key") {
		t.Errorf("%s", text)
	}
}

// FuzzLive: no question does harm, and none that cannot be read is answered.
func FuzzLive(f *testing.F) {
	running := server.Running{Config: parse(f, plain)}
	f.Add(`{"url": "http://h/b/../c%2e?x=1", "fields": [{"name": "Cookie", "value": "a=b"}], "peer": "spiffe://a/b", "body": "eA=="}`)
	f.Add(`{"url": "https://[::1]:80", "answers": {"c": 200}, "response": 204}`)
	f.Add(`{}{}`)
	f.Add(`[`)
	f.Fuzz(func(t *testing.T, question string) {
		answer, err := explain.Live(context.Background(), running, strings.NewReader(question))
		if (answer == nil) != (err != nil) {
			t.Fatalf("%v, %v", answer, err)
		}
		r, ok := answer.(*explain.Report)
		if !ok {
			return
		}
		var b strings.Builder
		if err := r.Write(&b, false); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(b.String(), func(c rune) bool { return c < ' ' && c != '\n' || c == 0x7f }) {
			t.Errorf("%q could steer a terminal", b.String())
		}
	})
}
