package http1_test

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/valyala/fasthttp"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

const (
	smallHead   = "GET /1k HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
	browserHead = "GET /shop/items/1234?sort=price&page=2 HTTP/1.1\r\nHost: www.example.com\r\nConnection: keep-alive\r\n" +
		"Cache-Control: max-age=0\r\nsec-ch-ua: \"Chromium\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\nsec-ch-ua-mobile: ?0\r\n" +
		"sec-ch-ua-platform: \"Linux\"\r\nUpgrade-Insecure-Requests: 1\r\n" +
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36\r\n" +
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n" +
		"Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n" +
		"Referer: https://www.example.com/shop\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n" +
		"Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=1\r\n\r\n"
	browserAnswer = "HTTP/1.1 200 OK\r\nServer: x\r\nDate: Wed, 25 Nov 2026 15:00:00 GMT\r\nContent-Type: text/html; charset=utf-8\r\n" +
		"Content-Length: 5\r\nCache-Control: private, max-age=0\r\nSet-Cookie: theme=dark; Path=/; Secure\r\nVary: Accept-Encoding\r\n\r\n"
)

var heads = []struct{ name, text string }{{"small", smallHead}, {"browser", browserHead}}

// BenchmarkParseRequest weighs spans over the raw head against a scan that
// refuses what fasthttp lets pass, followed by fasthttp's own parsing.
func BenchmarkParseRequest(b *testing.B) {
	for _, h := range heads {
		text := []byte(h.text)
		b.Run("spans/"+h.name, func(b *testing.B) {
			var head stream.RequestHead
			var f http1.Framing
			buf := make([]byte, len(text))
			b.ReportAllocs()
			for b.Loop() {
				copy(buf, text) // parsing lower-cases names in place
				head.Reset()
				if err := http1.ParseRequest(buf, &head, &f, &limits); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("no underscores/"+h.name, func(b *testing.B) {
			var head stream.RequestHead
			var f http1.Framing
			l := limits
			l.Underscores = http1.DropUnderscores
			buf := make([]byte, len(text))
			b.ReportAllocs()
			for b.Loop() {
				copy(buf, text)
				head.Reset()
				if err := http1.ParseRequest(buf, &head, &f, &l); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("scan+fasthttp/"+h.name, func(b *testing.B) {
			var head fasthttp.RequestHeader
			buf := make([]byte, len(text))
			src := bytes.NewReader(nil)
			r := bufio.NewReaderSize(src, 16<<10)
			b.ReportAllocs()
			for b.Loop() {
				copy(buf, text)
				if err := scan(buf); err != nil {
					b.Fatal(err)
				}
				src.Reset(buf)
				r.Reset(src)
				if err := head.Read(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// scan is the least that fasthttp needs in front: line ends, controls.
func scan(b []byte) error {
	for len(b) > 0 {
		n, err := http1.LineEnd(b)
		if err != nil {
			return err
		}
		b = b[n+2:]
	}
	return nil
}

func BenchmarkAppendRequest(b *testing.B) {
	for _, h := range heads {
		b.Run("ours/"+h.name, func(b *testing.B) {
			head, _, err := parse(h.text)
			if err != nil {
				b.Fatal(err)
			}
			buf, f := make([]byte, 0, 4096), http1.RequestFraming{Length: http1.NoBody}
			b.ReportAllocs()
			for b.Loop() {
				http1.AppendRequest(buf, head, &f)
			}
		})
		b.Run("fasthttp/"+h.name, func(b *testing.B) {
			var head fasthttp.RequestHeader
			if err := head.Read(bufio.NewReader(bytes.NewReader([]byte(h.text)))); err != nil {
				b.Fatal(err)
			}
			buf := make([]byte, 0, 4096)
			b.ReportAllocs()
			for b.Loop() {
				head.AppendBytes(buf)
			}
		})
	}
}

func BenchmarkResponse(b *testing.B) {
	text := []byte(browserAnswer)
	var head stream.ResponseHead
	var f http1.Framing
	b.Run("parse/spans", func(b *testing.B) {
		buf := make([]byte, len(text))
		b.ReportAllocs()
		for b.Loop() {
			copy(buf, text)
			head.Reset()
			if err := http1.ParseResponse(buf, &head, &f, []byte("GET"), 100); err != nil {
				b.Fatal(err)
			}
		}
	})
	var theirs fasthttp.ResponseHeader
	b.Run("parse/fasthttp", func(b *testing.B) {
		src := bytes.NewReader(nil)
		r := bufio.NewReaderSize(src, 16<<10)
		b.ReportAllocs()
		for b.Loop() {
			src.Reset(text)
			r.Reset(src)
			if err := theirs.Read(r); err != nil {
				b.Fatal(err)
			}
		}
	})
	buf := make([]byte, 0, 4096)
	b.Run("append/ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			http1.AppendResponse(buf, &head, 5)
		}
	})
	b.Run("append/fasthttp", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			theirs.AppendBytes(buf)
		}
	})
}
