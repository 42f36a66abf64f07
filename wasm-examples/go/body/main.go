// Command body is a filter that replaces a word in the bodies of responses, as
// they stream by.
//
// It keeps no more of a body than what may be the begin of the word: a word that
// is cut by the end of one piece is found with the next. Only text is changed,
// and only where it is plain (not compressed) and whole.
//
// The configuration is OLD=NEW, as in "colour=color".
package main

import (
	"bytes"
	"errors"

	"github.com/weirproxy/weir/sdk"
)

func main() {} // not called: a module is a library

func init() { sdk.Register("body", New) }

type filter struct {
	rule
	text, out []byte // used again by each callback: they do not overlap
}

// New makes a filter of its configuration.
func New(r *sdk.Root) (sdk.Plugin, error) {
	from, to, ok := bytes.Cut(bytes.TrimSuffix(r.Config(), []byte("\n")), []byte("="))
	if !ok || len(from) == 0 {
		return nil, errors.New(`no word before "="; give OLD=NEW`)
	}
	// What the host lends is valid only in this callback.
	return &filter{rule: rule{bytes.Clone(from), bytes.Clone(to)}}, nil
}

// NewStream makes what is kept of a stream.
func (f *filter) NewStream() any { return &stream{filter: f} }

type stream struct {
	filter   *filter
	rewrites bool
	tail     []byte // of the last piece, not sent yet: the begin of the old word
}

// Reset lets the value serve another stream.
func (t *stream) Reset() { t.rewrites, t.tail = false, t.tail[:0] }

// OnResponseHeaders decides whether the body is to be changed.
func (t *stream) OnResponseHeaders(s *sdk.Stream, end bool) sdk.Action {
	if t.rewrites = changeable(s.Response()); t.rewrites {
		// The new length is not known yet: the host frames the body anew.
		s.Response().Del("content-length")
	}
	return sdk.Continue
}

func changeable(h sdk.Headers) bool {
	kind, _ := h.Get("content-type")
	status, _ := h.Get(":status")
	return bytes.HasPrefix(kind, []byte("text/")) &&
		!h.Has("content-encoding") && // a compressed word does not show
		string(status) != "206" && // a part begins and ends anywhere in a word
		!h.Has("trailer") // nothing can be added to a body once its trailers are there
}

// OnResponseBody changes one piece.
func (t *stream) OnResponseBody(s *sdk.Stream, size int, end bool) sdk.Action {
	if !t.rewrites {
		return sdk.Continue
	}
	f := t.filter
	f.text = append(f.text[:0], t.tail...)
	if size > 0 { // the last piece may be empty
		piece, err := s.ResponseBody().Bytes()
		if err != nil {
			return cut(s, "reading a piece: "+err.Error())
		}
		f.text = append(f.text, piece...)
	}
	var rest []byte
	if f.out, rest = f.replace(f.out[:0], f.text); end {
		f.out, rest = append(f.out, rest...), nil
	}
	t.tail = append(t.tail[:0], rest...)
	if err := s.ResponseBody().Set(f.out); err != nil {
		return cut(s, "writing a piece: "+err.Error())
	}
	return sdk.Continue
}

// OnResponseTrailers comes in place of a last piece where trailers were not
// announced. What was kept cannot be sent any more, and is not lost silently.
func (t *stream) OnResponseTrailers(s *sdk.Stream) sdk.Action {
	if len(t.tail) > 0 {
		return cut(s, "the body ends with the begin of the word, and unannounced trailers follow")
	}
	return sdk.Continue
}

// cut ends a response that cannot be sent whole. Its head is on its way
// already: the client sees the connection close before the body's end.
func cut(s *sdk.Stream, why string) sdk.Action {
	sdk.Error(why)
	s.Reply(sdk.Reply{Status: 502})
	return sdk.Pause
}
