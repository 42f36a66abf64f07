package proxy_test

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// echoCall is a gRPC service that sends each message back.
func echoCall(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	h := w.Header()
	h.Set("Content-Type", r.Header.Get("Content-Type"))
	h.Set("X-TE", r.Header.Get("TE"))
	switch {
	case err != nil || r.Header.Get("X-Refuse") != "":
		h.Set("Grpc-Status", "9")
	case r.Header.Get("X-Plain") != "":
		h.Set("Content-Type", "text/html")
		w.WriteHeader(503)
		fmt.Fprint(w, "down")
	default:
		h.Set(http.TrailerPrefix+"Grpc-Status", "0")
		h.Set(http.TrailerPrefix+"X-Note", "a:b")
		w.Write(body)
	}
}

// webCall is a call of gRPC-Web whose body comes in these pieces.
func webCall(contentType, fields string, pieces ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "POST /s/M HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\n%sTransfer-Encoding: chunked\r\n\r\n", contentType, fields)
	for _, piece := range pieces {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(piece), piece)
	}
	return b.String() + "0\r\n\r\n"
}

// readWeb takes an answer of gRPC-Web apart, as the specification says.
func readWeb(t *testing.T, r coretest.Response) (messages, trailers string) {
	t.Helper()
	body := r.Body
	if strings.Contains(r.Header.Get("Content-Type"), "-text") {
		var bytes strings.Builder
		for text := r.Body; text != ""; text = text[4:] { // padding may stand anywhere
			group, err := base64.StdEncoding.Strict().DecodeString(text[:min(4, len(text))])
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			bytes.Write(group)
		}
		body = bytes.String()
	}
	for body != "" {
		if len(body) < 5 || trailers != "" {
			t.Fatalf("%q where a frame should begin, or none", body)
		}
		end := 5 + int(binary.BigEndian.Uint32([]byte(body[1:5])))
		if end > len(body) {
			t.Fatalf("a frame of %d bytes in %d", end, len(body))
		}
		if body[0] == 0x80 {
			trailers = body[5:end]
		} else {
			messages += body[:end]
		}
		body = body[end:]
	}
	return messages, trailers
}

func TestGRPCWeb(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(echoCall))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "grpc_web = true"))
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	const message = "\x00\x00\x00\x00\x03abc"
	const binary, text = "application/grpc-web+proto", "application/grpc-web-text+proto"
	long := strings.Repeat(message, 20000)
	for _, c := range []struct{ name, request, kind, want string }{
		{"binary", webCall(binary, "", message[:3], message[3:]), binary, message},
		{"text", webCall(text, "", b64(message)), text, message},
		{"text byte for byte", webCall("application/grpc-web-text", "", strings.Split(b64(message), "")...), text, message},
		{"padded pieces", webCall(text, "", b64(message[:4]), b64(message[4:])), text, message},
		{"two messages", webCall(text, "", b64(message)+b64(message)), text, message + message},
		{"text in, binary out", webCall(text, "Accept: "+binary+"\r\n", b64(message)), binary, message},
		{"binary in, text out", webCall(binary, "Accept: "+text+"\r\n", message), text, message},
		{"long", webCall(binary, "", long[:100000], long[100000:]), binary, long},
		{"long text", webCall(text, "", b64(long)), text, long},
		{"no message", webCall(binary, ""), binary, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := coretest.Dial(t, p.Addr("gateway"))
			client.Send(c.request)
			r := client.Read("POST")
			messages, trailers := readWeb(t, r)
			if r.Header.Get("Content-Type") != c.kind || messages != c.want || r.Err != nil || len(r.Trailer) > 0 || r.Header.Get("X-TE") != "trailers" {
				t.Errorf("%v %.300q, want %s %.300q", r.Header, messages, c.kind, c.want)
			}
			if trailers != "grpc-status: 0\r\nx-note: a:b\r\n" {
				t.Errorf("trailers %q", trailers)
			}
		})
	}
}

// TestGRPCWebWithoutMessages: a status that is all there is stands in the head.
func TestGRPCWebWithoutMessages(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(echoCall))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "grpc_web = true\nmax_body = \"8B\""))
	const binary, text = "application/grpc-web+proto", "application/grpc-web-text+proto"
	for _, c := range []struct{ name, request, kind, want string }{
		{"upstream's", webCall(text, "X-Refuse: y\r\n", "AAAAAAA="), text, "200 9"},
		{"no base64", webCall(text, "", "AAAA", "!!!!"), text, "200 13 Bad Request"},
		{"half a group", webCall(text, "", "AAAA", "AA"), text, "200 13 Bad Request"},
		{"too long", webCall(binary, "", "0123456789"), binary, "200 8 Request Entity Too Large"},
		{"no time", webCall(binary, "Grpc-Timeout: 0S\r\n", "AAAA"), binary, "200 4 Gateway Timeout"},
		{"no gRPC", webCall(text, "X-Plain: y\r\n", "AAAAAAA="), "text/html", "503"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := coretest.Dial(t, p.Addr("gateway"))
			client.Send(c.request)
			r := client.Read("POST")
			if got := status(r); got != c.want || r.Header.Get("Content-Type") != c.kind || r.Body != "" && c.want != "503" {
				t.Errorf("%q, want %q: %+v", got, c.want, r)
			}
		})
	}
}

// TestGRPCWebIsAsked: a route without grpc_web passes on what it gets.
func TestGRPCWebIsAsked(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(echoCall))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	client := coretest.Dial(t, p.Addr("gateway"))
	client.Send(webCall("application/grpc-web-text", "", "AAAA"))
	if r := client.Read("POST"); r.Header.Get("Content-Type") != "application/grpc-web-text" || r.Body != "AAAA" {
		t.Errorf("%+v", r)
	}
}

// TestGRPCWebStreams: a message goes on before the next one comes, in both
// directions.
func TestGRPCWebStreams(t *testing.T) {
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		p.Body(len("4\r\n\x00\x00\x00\x00\r\n")) // three of four bytes were in the first group
		p.Say("HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n")
		for p.Body(1) != "!" {
		}
		p.Say("0\r\nGrpc-Status: 0\r\n\r\n")
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "grpc_web = true"))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc-web-text\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nAAAAAA==\r\n")
	for c.Line() != "" {
	}
	if size, text := c.Line(), c.Line(); size != "8" || text != "YWJjZA==" {
		t.Fatalf("%q %q", size, text)
	}
	c.Send("4\r\nISEh\r\n0\r\n\r\n")
	size, text := c.Line(), c.Line()
	if frame, err := base64.StdEncoding.DecodeString(text); err != nil || string(frame) != "\x80\x00\x00\x00\x10grpc-status: 0\r\n" {
		t.Errorf("%s %q: %v", size, frame, err)
	}
}
