package errorpage_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/errorpage"
	"github.com/weirproxy/weir/core/stream"
)

func accepting(values ...string) *stream.RequestHead {
	h := new(stream.RequestHead)
	for _, v := range values {
		h.Headers.AddString("accept", v)
	}
	return h
}

func TestNegotiate(t *testing.T) {
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, tt := range []struct {
		accept []string
		want   errorpage.Form
	}{
		{nil, errorpage.Text},
		{[]string{"*/*"}, errorpage.Text},
		{[]string{browser}, errorpage.HTML},
		{[]string{"application/json"}, errorpage.Problem},
		{[]string{"application/json, text/plain, */*"}, errorpage.Problem},
		{[]string{"APPLICATION/Problem+JSON ; q=0.5 , text/html;Q=0.4"}, errorpage.Problem},
		{[]string{"application/json;q=0, */*"}, errorpage.Text},
		{[]string{"application/json;q=0.1", "text/html"}, errorpage.HTML},
		{[]string{"text/plain, text/html;q=0.9"}, errorpage.Text},
		{[]string{"text/*"}, errorpage.Text},
		{[]string{"application/*"}, errorpage.Problem},
		{[]string{"application/problem+json;q=0, application/json"}, errorpage.Text},
		{[]string{"image/png"}, errorpage.Text},
		{[]string{"text/html;q=2"}, errorpage.Text},
		{[]string{"text/html;q=0.5555"}, errorpage.Text},
		{[]string{"text/html;level=1"}, errorpage.HTML},
		{[]string{",,;q=1,text/html"}, errorpage.HTML},
	} {
		h := accepting(tt.accept...)
		if got := errorpage.Negotiate(&h.Headers); got != tt.want {
			t.Errorf("%q: %d, want %d", tt.accept, got, tt.want)
		}
	}
}

func TestAppend(t *testing.T) {
	pages, err := errorpage.New([]byte("<p>{status} {title}|{request_id}|{x}{"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ accept, id, body, kind string }{
		{"*/*", "a-1", "Not Found\n", "text/plain"},
		{"text/html", "a-1", "<p>404 Not Found|a-1|{x}{", "text/html; charset=utf-8"},
		{"text/html", "<script>", "<p>404 Not Found||{x}{", "text/html; charset=utf-8"},
		{"application/json", "a-1", `{"type":"about:blank","title":"Not Found","status":404,"request_id":"a-1"}` + "\n", "application/problem+json"},
		{"application/json", `"}`, `{"type":"about:blank","title":"Not Found","status":404}` + "\n", "application/problem+json"},
	} {
		h := accepting(tt.accept)
		h.Headers.AddString("x-request-id", tt.id)
		body, kind := pages.Append(nil, h, 404)
		if string(body) != tt.body || kind != tt.kind {
			t.Errorf("%s: %q %q", tt.accept, body, kind)
		}
	}
}

func TestTemplatesAreBounded(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("x", errorpage.MaxTemplate+1): "at most 65536 are taken",
		strings.Repeat("{title}", 65):                "more than 64 placeholders",
	} {
		if _, err := errorpage.New([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// FuzzAppend looks for requests that write into an answer.
func FuzzAppend(f *testing.F) {
	f.Add("text/html;q=0.1, */*", "id")
	f.Add("application/json", "\"<>")
	pages, err := errorpage.New(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, accept, id string) {
		h := accepting(accept)
		h.Headers.AddString("x-request-id", id)
		body, kind := pages.Append(nil, h, 503)
		switch {
		case strings.HasPrefix(kind, "text/html"):
			plain, _ := pages.Append(nil, accepting("text/html"), 503)
			if bytes.Count(body, []byte("<")) != bytes.Count(plain, []byte("<")) {
				t.Errorf("%q writes into the page: %s", id, body)
			}
		case kind == "application/problem+json":
			var problem struct {
				Type, Title string
				Status      int
				RequestID   string `json:"request_id"`
			}
			d := json.NewDecoder(bytes.NewReader(body))
			d.DisallowUnknownFields()
			if err := d.Decode(&problem); err != nil || problem.Status != 503 {
				t.Errorf("%q: %s: %v", id, body, err)
			}
		}
	})
}
