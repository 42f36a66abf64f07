package hostile_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestHostile brings each module of testdata into one running proxy. It is
// refused with a message, or stopped, or gets nowhere, exactly as its golden
// file says; what is served beside it does not notice, and when it has gone
// nothing of it is left.
func TestHostile(t *testing.T) {
	w := newWorld(t)
	for _, s := range assembled(t) {
		t.Run(s.name, func(t *testing.T) { w.bring(t, s) })
	}
}

// mostPeak is by how many bytes the process may be larger while a hostile
// filter is there.
const mostPeak = 192 << 20

// bring has a hostile filter come, do its deed and go.
func (w *world) bring(t *testing.T, s *subject) {
	mark := len(w.proxy.Log.String())
	forgetPeak(t)
	waiting := w.held(t)
	refusal := w.take(w.config(s))
	var b strings.Builder
	if refusal != "" {
		isPlain(t, "the refusal", refusal)
		fmt.Fprintf(&b, "refused: %s\n", usual(refusal))
	} else {
		fmt.Fprint(&b, w.exchange(t, s))
		coretest.Eventually(t, "it has logged what it does", func() bool { return len(said(t, w.proxy.Log.String()[mark:])) >= s.lines })
	}
	if s.outcome == refused != (refusal != "") {
		t.Errorf("its outcome should be %q; the refusal is %q", s.outcome, refusal)
	}
	w.goodServes(t)
	w.up.release <- true
	isGood(t, waiting)
	_ = waiting.Close()
	if grown := peak(t) - w.quiet.resident; grown > mostPeak {
		t.Errorf("the process grew by %d MiB", grown>>20)
	} else {
		t.Logf("the process grew by %d MiB", grown>>20)
	}
	w.leave(t)
	w.goodServes(t)
	log := w.proxy.Log.String()[mark:]
	isPlain(t, "the log", log)
	for _, line := range said(t, log) {
		fmt.Fprintf(&b, "log: %s\n", line)
	}
	b.WriteString(w.saw())
	golden(t, s.name, w.brief(b.String()))
	w.settles(t)
}

// exchange sends a request through the hostile filter, and another through the
// good one on the same connection, and answers what came back.
func (w *world) exchange(t *testing.T, s *subject) string {
	t.Helper()
	c := coretest.Dial(t, w.proxy.Addr("gateway"))
	defer c.Close()
	c.Send("POST /hostile HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n" +
		"5\r\nhello\r\n5\r\nworld\r\n0\r\nx-trailer: 1\r\n\r\n")
	r, err := c.TryRead("POST")
	text := answer(r, err)
	if err == nil && r.Err == nil && !r.Close {
		w.goodServesOn(t, c)
	}
	if s.outcome == ended {
		coretest.Eventually(t, "its instance has ended", func() bool { return w.proxy.Filter("hostile").Traps > 0 })
		coretest.Eventually(t, "the log says why its instance was ended", func() bool {
			return w.proxy.Log.Has("a filter failed; its instance is replaced", `"filter":"hostile"`, `"error":`)
		})
	}
	return text
}

// saw is what the upstream saw.
func (w *world) saw() string {
	text := ""
	for _, r := range w.up.take() {
		text += "the upstream saw: " + r
	}
	return text
}

// brief is a text in which what is as ever takes one line.
func (w *world) brief(text string) string {
	text = strings.Replace(text, w.plain[0], "answer: as without it\n", 1)
	return strings.Replace(text, w.plain[1], "the upstream saw: the same as without it\n", 1)
}

// answer is a response in writing.
func answer(r coretest.Response, err error) string {
	switch {
	case err != nil:
		return "answer: none\n"
	case r.Err != nil:
		return fmt.Sprintf("answer: cut behind the head of %d\n", r.Status)
	}
	return fmt.Sprintf("answer: %d\n%s  body: %s\n%s", r.Status, fields(without(r.Header)), short(r.Body),
		strings.ReplaceAll(fields(r.Trailer), "  ", "  trailer "))
}

// without is a head but for what differs from run to run.
func without(h http.Header) http.Header {
	h = h.Clone()
	h.Del("Date")
	return h
}

// golden compares with what was written down, or writes it down.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".txt")
	slow := byClock.MatchString(got)
	got = byClock.ReplaceAllString(got, "a callback burned more than its budget of fuel")
	got = spentWhere.ReplaceAllString(got, "$1")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; what it would hold:\n%s", err, got)
	}
	if slow {
		got = whyEnded.ReplaceAllString(got, "${1}slow")
		want = whyEnded.ReplaceAll(want, []byte("${1}slow"))
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant, by %s,\n%s", got, path, want)
	}
}
