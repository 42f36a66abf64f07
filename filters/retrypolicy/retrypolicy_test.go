package retrypolicy_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/retrypolicy"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "retrypolicy", "testdata") }

func TestOtherHostsAreRefused(t *testing.T) {
	h, ok := sdktest.Start(t, "retrypolicy", sdktest.Options{Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "retrypolicy runs in Weir only") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

// TestDeclares compares what the host is told with the encoding of sdk/ABI.md.
func TestDeclares(t *testing.T) {
	const ms = uint64(time.Millisecond)
	for config, c := range map[string]struct {
		words    []uint32
		times    []uint64
		statuses []int
		key      string
	}{
		`{}`: {[]uint32{2, 0b111, 0, 0x3f, 20, 10, 0, 0}, []uint64{0, 25 * ms, 1000 * ms, 1000 * ms}, []int{502, 503, 504}, "idempotency-key"},
		`{"attempts":1,"statuses":[429],"grpc":["unavailable"],"faults":[],"methods":["PUT"],"idempotency_header":"X-Key","per_try":"1ms","back_off":"2s","retry_after":"0s","budget":{"percent":5}}`: {
			[]uint32{1, 0, 1 << 14, 1 << 4, 5, 10, 0, 0}, []uint64{ms, 2000 * ms, 2000 * ms, 0}, []int{429}, "x-key"},
	} {
		h := sdktest.New(t, "retrypolicy", config)
		s := h.Stream(sdktest.Request{})
		var want []byte
		for _, w := range c.words {
			want = binary.LittleEndian.AppendUint32(want, w)
		}
		for _, v := range c.times {
			want = binary.LittleEndian.AppendUint64(want, v)
		}
		bits := make([]byte, 64)
		for _, status := range c.statuses {
			bits[(status-100)/8] |= 1 << ((status - 100) % 8)
		}
		want = append(append(want, bits...), c.key...)
		if got := s.RetryPolicy(); string(got) != string(want) {
			t.Errorf("%s:\n%x, want\n%x", config, got, want)
		}
		if h.Phases() != 0 {
			t.Errorf("%s: phases %b", config, h.Phases())
		}
	}
}
