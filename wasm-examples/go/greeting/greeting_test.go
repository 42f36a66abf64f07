package main

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestGreeting(t *testing.T) {
	h := sdktest.New(t, "greeting", "open sesame")
	for sent, want := range map[string]string{
		"open sesame\nping|pong":       "pingpong",
		"open |sesame|\n|ping|pong":    "pingpong",
		"open sesame\nopen sesame\n|x": "open sesame\nx",
	} {
		c := h.Connect(nil)
		for piece := range strings.SplitSeq(sent, "|") {
			c.Send(piece, false)
		}
		c.Send("", true)
		c.Respond("hello", true)
		if got := string(c.Upstream().Body); got != want || !c.Upstream().End || string(c.Downstream().Body) != "hello" {
			t.Errorf("%q: the upstream got %q, want %q", sent, got, want)
		}
		c.Finish()
	}
}

func TestStrangersAreClosed(t *testing.T) {
	h := sdktest.New(t, "greeting", "open sesame")
	for _, sent := range []string{"open says me\n", "x", "open sesame"} {
		c := h.Connect(nil)
		c.Send(sent, true)
		if !c.Closed() || len(c.Upstream().Body) > 0 {
			t.Errorf("%q: closed %v, the upstream got %q", sent, c.Closed(), c.Upstream().Body)
		}
		c.Finish()
	}
}

func TestConfigurationIsOneLine(t *testing.T) {
	for _, config := range []string{"", " \n", "a\nb"} {
		if _, ok := sdktest.Start(t, "greeting", sdktest.Options{Config: config}); ok {
			t.Errorf("%q was taken", config)
		}
	}
}
