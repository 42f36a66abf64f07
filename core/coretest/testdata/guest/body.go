package main

import (
	"bytes"
	"strings"

	"github.com/weirproxy/weir/sdk"
)

func init() { sdk.Register("body", newBody) }

// body rewrites bodies. "request" and "response" say how:
//
//	upper, double, halve             each piece as it comes
//	all:NAME                         once all is there: short, long, empty, same
//	reply                            answers with 403 in the first body callback
//	trailer                          adds one where there is none
//	none                             looks at it
type body struct{ request, response string }

func newBody(r *sdk.Root) (sdk.Plugin, error) {
	c, err := settings(r)
	return &body{c["request"], c["response"]}, err
}

func (p *body) OnRequestBody(s *sdk.Stream, size int, end bool) sdk.Action {
	return change(s, s.RequestBody(), s.RequestTrailers(), p.request, end)
}

func (p *body) OnResponseBody(s *sdk.Stream, size int, end bool) sdk.Action {
	return change(s, s.ResponseBody(), s.ResponseTrailers(), p.response, end)
}

func (p *body) OnRequestTrailers(s *sdk.Stream) sdk.Action {
	return trail(s.RequestBody(), s.RequestTrailers(), p.request)
}

func (p *body) OnResponseTrailers(s *sdk.Stream) sdk.Action {
	return trail(s.ResponseBody(), s.ResponseTrailers(), p.response)
}

func change(s *sdk.Stream, b sdk.Body, trailers sdk.Headers, how string, end bool) sdk.Action {
	if whole, ok := strings.CutPrefix(how, "all:"); ok {
		if !end {
			return sdk.Pause
		}
		replace(b, whole)
		return sdk.Continue
	}
	data, err := b.Bytes()
	if err != nil {
		panic("reading a body: " + err.Error())
	}
	switch how {
	case "upper":
		err = b.Set(bytes.ToUpper(data))
	case "double":
		err = b.Append(bytes.Clone(data))
	case "halve":
		half := make([]byte, 0, len(data)/2)
		for i := 0; i+1 < len(data); i += 2 {
			half = append(half, data[i])
		}
		err = b.Set(half)
	case "reply":
		err = s.Reply(sdk.Reply{Status: 403, Body: "not this body"})
	case "trailer":
		if end {
			err = trailers.Add("x-made", "by a filter")
		}
	}
	if err != nil {
		panic("changing a body: " + err.Error())
	}
	return sdk.Continue
}

func replace(b sdk.Body, how string) {
	var err error
	switch how {
	case "short":
		err = b.SetString("short")
	case "long":
		err = b.SetString(strings.Repeat("long ", 10_000))
	case "empty":
		err = b.SetString("")
	}
	if err != nil {
		panic("replacing a body: " + err.Error())
	}
}

// trail turns trailer x-old into x-new and removes x-gone. A body that is held
// is replaced here: trailers end it.
func trail(b sdk.Body, t sdk.Headers, how string) sdk.Action {
	if whole, ok := strings.CutPrefix(how, "all:"); ok {
		replace(b, whole)
	}
	if v, ok := t.GetString("x-old"); ok {
		t.Del("x-old")
		t.Set("x-new", v)
	}
	t.Del("x-gone")
	return sdk.Continue
}
