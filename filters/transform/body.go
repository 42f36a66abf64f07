package transform

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// direction is a half of a stream.
type direction uint8

const (
	request direction = iota
	response
	directions
)

func (x *stream) half(d direction) *half {
	if d == request {
		return &x.asked
	}
	return &x.answer
}

func (f *filter) rules(d direction) *rules {
	if d == request {
		return &f.request
	}
	return &f.response
}

func body(s *sdk.Stream, d direction) sdk.Body {
	if d == request {
		return s.RequestBody()
	}
	return s.ResponseBody()
}

func head(s *sdk.Stream, d direction) sdk.Headers {
	if d == request {
		return s.Request()
	}
	return s.Response()
}

// gather waits for the body's end.
func (x *stream) gather(s *sdk.Stream, d direction, size int, end bool) sdk.Action {
	h := x.half(d)
	switch {
	case !h.active:
		return sdk.Continue
	case size > x.maxSize:
		h.active = false
		return x.tooLarge(s, d, sdk.Continue)
	case !end:
		return sdk.Pause
	}
	return x.change(s, d)
}

// change has a whole body changed.
func (x *stream) change(s *sdk.Stream, d direction) sdk.Action {
	h := x.half(d)
	if !h.active {
		if h.waiting {
			return sdk.Pause
		}
		return sdk.Continue
	}
	h.active = false
	document, err := body(s, d).Bytes()
	if err != nil || len(document) == 0 {
		return sdk.Continue
	}
	r := x.rules(d)
	r.fill(s)
	// Filling in asks the host, which may have put its answers where the body was.
	if document, err = body(s, d).Bytes(); err != nil {
		return x.failed(s, d, sdk.Continue)
	}
	if len(document) <= weir.MaxJSON {
		changed, err := r.edits.Edit(document, r.values)
		return x.put(s, d, changed, err)
	}
	if h.call, err = r.edits.EditLater(document, r.values); err != nil {
		return x.failed(s, d, sdk.Continue)
	}
	h.waiting = true
	return sdk.Pause
}

// put puts a changed body in the place of the one that is held.
func (x *stream) put(s *sdk.Stream, d direction, document []byte, err error) sdk.Action {
	if err == nil {
		err = body(s, d).Set(document)
	}
	if err != nil {
		return x.failed(s, d, sdk.Continue)
	}
	x.changed.Add(1)
	x.adapt(head(s, d))
	return sdk.Continue
}

// adapt takes away what a head says of the bytes that were changed. How many there
// are is the proxy's to say.
func (x *stream) adapt(h sdk.Headers) {
	for _, name := range [...]string{"content-length", "content-md5", "digest", "content-digest", "repr-digest", "accept-ranges", "etag"} {
		h.Del(name)
	}
}

// bodiless says whether a response is the head of one that would have a body, whose
// length, as its upstream tells it, is not that of ours (RFC 9110, section 8.6).
func bodiless(s *sdk.Stream) bool {
	status, _ := s.Response().Get(":status")
	if string(status) == "304" {
		return true
	}
	method, _ := s.Request().Get(":method")
	return string(method) == "HEAD"
}

// failed is the end of a body that cannot be changed, or passes it.
func (x *stream) failed(s *sdk.Stream, d direction, onward sdk.Action) sdk.Action {
	status := 400
	if d == response {
		status = 502
	}
	return x.refuse(s, status, "transform_malformed", onward)
}

// tooLarge is failed for one that is larger than allowed.
func (x *stream) tooLarge(s *sdk.Stream, d direction, onward sdk.Action) sdk.Action {
	status := 413
	if d == response {
		status = 502
	}
	return x.refuse(s, status, "transform_too_large", onward)
}

func (x *stream) refuse(s *sdk.Stream, status int, details string, onward sdk.Action) sdk.Action {
	if x.pass {
		x.passed.Add(1)
		return onward
	}
	x.refused.Add(1)
	sdk.SetProperty("weir.error_page", "1")
	text := "the body cannot be read\n"
	switch status {
	case 413:
		text = "the body is too large\n"
	case 502:
		text = "the service's answer cannot be read\n"
	}
	s.Reply(sdk.Reply{Status: status, Details: details, Body: text})
	return sdk.Pause
}

// isJSON says whether a body is JSON by its type.
func isJSON(h sdk.Headers) bool {
	v, _ := h.Get("content-type")
	end := 0
	for end < len(v) && v[end] != ';' {
		end++
	}
	for end > 0 && (v[end-1] == ' ' || v[end-1] == '\t') {
		end--
	}
	v = v[:end]
	return equalFold(v, "application/json") || len(v) > 5 && equalFold(v[len(v)-5:], "+json")
}

// encoded says whether a body has a content coding.
func encoded(h sdk.Headers) bool {
	v, ok := h.Get("content-encoding")
	return ok && !equalFold(v, "identity")
}

func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// longer says whether a length is above a bound. What is no number the proxy has not
// let through.
func longer(digits []byte, most int) bool {
	n := 0
	for _, c := range digits {
		if n = n*10 + int(c-'0'); n > most {
			return true
		}
	}
	return false
}
