package httpwasm_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// exchange is a request, as method and target, body and fields, and the status
// and body that its client gets.
type exchange struct {
	request string
	body    string
	fields  []string
	status  int
	want    string // "" for any
}

// published are the modules that the ABI's authors publish beside their own
// host, with what each is seen to do there.
var published = map[string]struct {
	config    string
	exchanges []exchange
	upward    string   // what the upstream says; echo without
	log       []string // lines, in this order
	refused   string   // why it does not load
}{
	"examples/auth.wasm": {exchanges: []exchange{
		{request: "GET /", status: 401},
		{request: "GET /", fields: []string{"Authorization: "}, status: 401},
		{request: "GET /", fields: []string{"Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}, status: 200},
		{request: "GET /", fields: []string{"Authorization: 0"}, status: 401},
	}},
	"examples/config.wasm": {config: `config = "\u0007\u0000\u0000\u0000\u0000\u0000\u0000\u0000"`,
		exchanges: []exchange{{request: "POST /", body: `{"hello": "panda"}`, status: 200, want: `POST / test [{"hello": "panda"}]`}}},
	"examples/log.wasm": {exchanges: []exchange{{request: "GET /", status: 200}}, log: []string{"hello world"}},
	"examples/redact.wasm": {config: `config = "open sesame"`, exchanges: []exchange{
		{request: "POST /", body: "open sesame", status: 200, want: "POST / test [###########]"},
		{request: "POST /", body: "hello world", status: 200, want: "POST / test [hello world]"},
		{request: "POST /", body: "hello open sesame world", status: 200, want: "POST / test [hello ########### world]"},
		{request: "GET /open%20sesame?open", status: 200, want: "GET /open%20sesame?open test []"},
	}},
	"examples/router.wasm": {exchanges: []exchange{
		{request: "GET /", status: 200, want: "hello world"},
		{request: "GET /nothosst", status: 200, want: "hello world"},
		{request: "GET /host/a", status: 200, want: "GET /a test []"},
		{request: "GET /host", status: 200, want: "GET / test []"},
	}},
	"examples/wasi.wasm": {
		exchanges: []exchange{{request: "POST /v1.0/hi?name=panda", body: `{"hello": "panda"}`, fields: []string{"Content-Type: application/json"},
			status: 200, want: `{"hello": "world"}`}},
		upward: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nTransfer-Encoding: chunked\r\n\r\n" +
			"12\r\n{\"hello\": \"world\"}\r\n0\r\ngrpc-status: 1\r\n\r\n",
		log: []string{"POST /v1.0/hi?name=panda HTTP/1.1", "content-length: 18", "content-type: application/json", "host: test", `{"hello": "panda"}`,
			"HTTP/1.1 200", "content-type: application/json", "set-cookie: a=b", "set-cookie: c=d", `{"hello": "world"}`, "grpc-status: 1"},
	},

	"internal/test/testdata/e2e/handle_response.wasm":  {exchanges: []exchange{{request: "GET /", status: 200}, {request: "GET /", status: 200}}},
	"internal/test/testdata/e2e/header_names.wasm":     {exchanges: []exchange{{request: "GET /", fields: []string{"X-A: 1"}, status: 200}}},
	"internal/test/testdata/e2e/header_value.wasm":     {exchanges: []exchange{{request: "GET /", status: 200}}},
	"internal/test/testdata/e2e/method.wasm":           {exchanges: []exchange{{request: "GET /", status: 200, want: "POST / test [GET]"}}},
	"internal/test/testdata/e2e/protocol_version.wasm": {exchanges: []exchange{{request: "GET /", status: 200, want: "HTTP/1.1"}}},
	"internal/test/testdata/e2e/uri.wasm": {exchanges: []exchange{{request: "GET /v1.0/hi?name=panda", status: 200,
		want: "GET /v1.0/hello?name=teddy test [/v1.0/hi?name=panda]"}}},

	"internal/test/testdata/error/panic_on_handle_request.wasm":       {exchanges: []exchange{{request: "GET /", status: 503}}},
	"internal/test/testdata/error/panic_on_handle_response.wasm":      {exchanges: []exchange{{request: "GET /", status: 503}}},
	"internal/test/testdata/error/panic_on_start.wasm":                {refused: "unreachable"},
	"internal/test/testdata/error/set_request_header_after_next.wasm": {exchanges: []exchange{{request: "GET /", status: 503}}},

	"internal/test/testdata/bench/add_header_value.wasm":  {exchanges: []exchange{{request: "GET /v1.0/hi", status: 200}}},
	"internal/test/testdata/bench/get_header_names.wasm":  {exchanges: []exchange{{request: "GET /v1.0/hi", fields: []string{"Data: " + strings.Repeat("a", 4096)}, status: 200}}},
	"internal/test/testdata/bench/get_header_values.wasm": {exchanges: []exchange{{request: "GET /v1.0/hi", fields: []string{"Accept: text/plain"}, status: 200}}},
	"internal/test/testdata/bench/get_uri.wasm":           {exchanges: []exchange{{request: "GET /v1.0/hi?name=panda", status: 200}}},
	"internal/test/testdata/bench/log.wasm":               {exchanges: []exchange{{request: "GET /v1.0/hi", status: 200}}, log: []string{"hello world"}},
	"internal/test/testdata/bench/read_body.wasm":         {exchanges: []exchange{{request: "POST /", body: "hello world", status: 200}}},
	"internal/test/testdata/bench/read_body_stream.wasm":  {exchanges: []exchange{{request: "POST /", body: strings.Repeat("ab", 2048), status: 200}}},
	"internal/test/testdata/bench/remove_header.wasm":     {exchanges: []exchange{{request: "GET /v1.0/hi", fields: []string{"Set-Cookie: a=b"}, status: 200}}},
	"internal/test/testdata/bench/set_header_value.wasm":  {exchanges: []exchange{{request: "GET /v1.0/hi", status: 200}}},
	"internal/test/testdata/bench/set_status_code.wasm":   {exchanges: []exchange{{request: "GET /v1.0/hi", status: 404}}},
	"internal/test/testdata/bench/set_uri.wasm":           {exchanges: []exchange{{request: "GET /v1.0/hi", status: 200}}},
	"internal/test/testdata/bench/write_body.wasm":        {exchanges: []exchange{{request: "GET /v1.0/hi", status: 200, want: strings.Repeat("\x00", 11)}}}, // its text lies elsewhere

	// The rest of what it does is TestTCK.
	"tck/tck.wasm": {exchanges: []exchange{{request: "GET /", status: 500, want: "missing x-httpwasm-tck-testid header"}}},
}

// TestPublishedModules runs every module of the folder of the ABI's own host.
func TestPublishedModules(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/http-wasm/http-wasm-host-go").Output()
	if err != nil {
		t.Fatalf("finding the published modules: %v", err)
	}
	root := strings.TrimSpace(string(dir))
	there := map[string]bool{}
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".wasm" {
			name, _ := filepath.Rel(root, path)
			there[filepath.ToSlash(name)] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range there {
		if _, known := published[name]; !known {
			t.Errorf("%s is not in the table", name)
		}
	}
	for name, c := range published {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			up := echo(t)
			if c.upward != "" {
				up = says(t, c.upward)
			}
			toml := gateway(up.Addr, coretest.Module(t, code), c.config)
			if c.refused != "" {
				if _, err := coretest.Start(t, toml, coretest.Options{}); err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("got %v, want %q", err, c.refused)
				}
				return
			}
			r := &rig{Running: coretest.Proxy(t, toml), t: t}
			for _, x := range c.exchanges {
				method, _, _ := strings.Cut(x.request, " ")
				con := coretest.Dial(t, r.Addr("gateway"))
				con.Send(fmt.Sprintf("%s HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n%s\r\n\r\n%s", x.request, len(x.body),
					strings.Join(append(x.fields, "A: b"), "\r\n"), x.body))
				got := con.Read(method)
				if got.Status != x.status || x.want != "" && got.Body != x.want {
					t.Errorf("%s %v: %d %q, want %d %q", x.request, x.fields, got.Status, got.Body, x.status, x.want)
				}
			}
			inOrder(t, r.lines(), c.log)
		})
	}
}

// inOrder checks that lines are among others, in their order.
func inOrder(t *testing.T, lines, want []string) {
	t.Helper()
	rest := lines
	for _, w := range want {
		for len(rest) > 0 && rest[0] != w {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			t.Fatalf("no line %q where it should be in\n\t%s", w, strings.Join(lines, "\n\t"))
		}
		rest = rest[1:]
	}
}
