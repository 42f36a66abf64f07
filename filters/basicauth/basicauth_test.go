package basicauth_test

import (
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"testing"

	_ "github.com/weirproxy/weir/filters/basicauth"
	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// ann's password is "ann's password".
const ann = "ann:$2a$04$Ti01TOZDARoLMjWBlrDFR.OKzEBqXoC.IRvOtmlp2ZcjxkTFUYipS"

func request(userAndPassword string) sdktest.Request {
	return sdktest.Request{Headers: sdktest.H("authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(userAndPassword)))}
}

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "basicauth", "testdata") }

func TestOtherHostsAreRefused(t *testing.T) {
	h, ok := sdktest.Start(t, "basicauth", sdktest.Options{Config: `{"users":["` + ann + `"]}`, Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "basicauth runs in Weir only") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

// TestMessagesShowNoHash: the log may be read by many.
func TestMessagesShowNoHash(t *testing.T) {
	h, ok := sdktest.Start(t, "basicauth", sdktest.Options{Config: `{"users":["ann:very-secret"]}`})
	if ok || strings.Contains(fmt.Sprint(h.Logs()), "very-secret") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

// TestUsersAreFewObjects guards the guest's collector.
func TestUsersAreFewObjects(t *testing.T) {
	const n = 4096
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "user-%d:%s\\n", i, strings.TrimPrefix(ann, "ann:"))
	}
	config := `{"users":"` + b.String() + `"}`
	objects := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapObjects
	}
	before := objects()
	h := sdktest.New(t, "basicauth", config)
	if grown := int64(objects()) - int64(before); grown > n/10 {
		t.Errorf("%d users keep %d objects", n, grown)
	}
	for _, i := range []int{0, 1, 2047, 4095} {
		s := h.Stream(request(fmt.Sprintf("user-%d:ann's password", i)))
		if got, _ := s.Property("weir.identity"); got != fmt.Sprintf("user-%d", i) {
			t.Errorf("user %d is %q, %s", i, got, s.Details())
		}
	}
}

// TestUnknownUsersCostTheSame: each request with a password that was never right
// has the host check one, whoever the user.
func TestUnknownUsersCostTheSame(t *testing.T) {
	asked := map[string]int{}
	h, ok := sdktest.Start(t, "basicauth", sdktest.Options{
		Config: `{"users":["` + ann + `"]}`,
		Functions: map[string]func([]byte) ([]byte, error){
			"weir.async.password_verify": func(args []byte) ([]byte, error) { asked[string(args)]++; return []byte{1, 0, 0, 0}, nil },
		},
	})
	if !ok {
		t.Fatal(h.Logs())
	}
	for _, name := range []string{"ann", "carl", "dora", "carl"} {
		h.Stream(request(name + ":wrong"))
	}
	if len(asked) != 1 {
		t.Errorf("asked %v", asked)
	}
	for _, n := range asked {
		if n != 4 {
			t.Errorf("%d checks for 4 requests", n)
		}
	}
}

// TestABodyMustNotEndTheWait: with that on_pause it would.
func TestABodyMustNotEndTheWait(t *testing.T) {
	h, ok := sdktest.Start(t, "basicauth", sdktest.Options{Config: `{}`, Properties: map[string]string{"weir.on_pause": "stop_iteration"}})
	if ok || !strings.Contains(h.Logs()[0], `on_pause is "stop_iteration"`) {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}
