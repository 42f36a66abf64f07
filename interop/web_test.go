package interop_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"testing"

	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/protobuf/proto"
)

// TestWebClient makes calls as a browser does, by the letter of
// PROTOCOL-WEB.md, over each version of HTTP.
func TestWebClient(t *testing.T) {
	w := start(t, gateway(server(t), "grpc_web = true"))
	for version, set := range map[string]func(*http.Protocols){
		"HTTP/1.1": func(p *http.Protocols) { p.SetHTTP1(true) },
		"HTTP/2.0": func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) },
	} {
		transport := &http.Transport{Protocols: new(http.Protocols)}
		set(transport.Protocols)
		t.Cleanup(transport.CloseIdleConnections)
		for _, kind := range []string{"application/grpc-web+proto", "application/grpc-web-text+proto"} {
			t.Run(version+" "+kind, func(t *testing.T) {
				web := webClient{t, transport, w.addr, kind}
				request := &testgrpc.SimpleRequest{ResponseSize: 314159, Payload: &testgrpc.Payload{Body: make([]byte, 271828)}}
				messages, trailers := web.call("/grpc.testing.TestService/UnaryCall", request)
				var reply testgrpc.SimpleResponse
				if len(messages) != 1 || proto.Unmarshal(messages[0], &reply) != nil || len(reply.Payload.Body) != 314159 {
					t.Errorf("%d messages", len(messages))
				}
				if !strings.Contains(trailers, "grpc-status: 0\r\n") {
					t.Errorf("trailers %q", trailers)
				}
				request.ResponseStatus = &testgrpc.EchoStatus{Code: 7, Message: "not ☺"}
				if messages, status := web.call("/grpc.testing.TestService/UnaryCall", request); len(messages) > 0 ||
					!strings.Contains(status, "grpc-status: 7\r\n") || !strings.Contains(status, "grpc-message: not %E2%98%BA\r\n") {
					t.Errorf("%d messages, %q", len(messages), status)
				}
				if _, status := web.call("/grpc.testing.TestService/Nothing", new(testgrpc.Empty)); !strings.Contains(status, "grpc-status: 12\r\n") {
					t.Errorf("no such method: %q", status)
				}
			})
		}
	}
}

type webClient struct {
	t    *testing.T
	http *http.Transport
	addr string
	kind string
}

// call answers the messages, and the trailers as one block: those of the body or, where it
// has none, the head's.
func (c *webClient) call(method string, m proto.Message) (messages [][]byte, trailers string) {
	c.t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		c.t.Fatal(err)
	}
	body := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(b)))
	body = append(body, b...)
	text := strings.Contains(c.kind, "-text")
	if text {
		body = []byte(base64.StdEncoding.EncodeToString(body))
	}
	r, err := http.NewRequestWithContext(c.t.Context(), "POST", "http://"+c.addr+method, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", c.kind)
	r.Header.Set("X-Grpc-Web", "1")
	resp, err := c.http.RoundTrip(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err != nil {
		c.t.Fatal(err)
	}
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != c.kind {
		c.t.Fatalf("%d %v %.100q", resp.StatusCode, resp.Header, body)
	}
	if len(body) == 0 {
		return nil, "grpc-status: " + resp.Header.Get("Grpc-Status") + "\r\ngrpc-message: " + resp.Header.Get("Grpc-Message") + "\r\n"
	}
	if text {
		body = c.decode(body)
	}
	for len(body) >= 5 && trailers == "" {
		end := 5 + binary.BigEndian.Uint32(body[1:])
		if body[0] == 0x80 {
			trailers = string(body[5:end])
		} else {
			messages = append(messages, body[5:end])
		}
		body = body[end:]
	}
	if len(body) > 0 {
		c.t.Errorf("%d bytes behind the trailers", len(body))
	}
	return messages, trailers
}

// decode reads base64 that may be padded anywhere.
func (c *webClient) decode(text []byte) (body []byte) {
	for ; len(text) >= 4; text = text[4:] {
		var err error
		if body, err = base64.StdEncoding.AppendDecode(body, text[:4]); err != nil {
			c.t.Fatal(err)
		}
	}
	if len(text) > 0 {
		c.t.Errorf("%q is no group", text)
	}
	return body
}
