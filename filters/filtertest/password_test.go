package filtertest_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/weirproxy/weir/core/foreign"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// TestEmulatedPasswordsAreVerifiedAsByTheRealHost asks both the same, at once and
// beside the lane.
func TestEmulatedPasswordsAreVerifiedAsByTheRealHost(t *testing.T) {
	var answer []byte
	real := foreign.NewRegistry()
	h := sdktest.New(t, "errands", "")
	errandSaid = func(b []byte) { answer = bytes.Clone(b) }
	random := rand.New(rand.NewPCG(9, 9))
	words := []string{"", "a", "b", "a\x00", string(bytes.Repeat([]byte("l"), 72)), string(bytes.Repeat([]byte("l"), 73))}
	var hashes []string
	for _, w := range words[:5] {
		b, err := bcrypt.GenerateFromPassword([]byte(w), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, string(b))
	}
	for n := range 1500 {
		hash := []byte(hashes[random.IntN(len(hashes))])
		switch random.IntN(12) {
		case 0:
			hash = hash[:random.IntN(len(hash))]
		case 1:
			if at := random.IntN(len(hash)); at != 4 && at != 5 { // a high cost takes seconds
				hash[at] = byte(random.IntN(256))
			}
		case 2:
			hash[4], hash[5] = '1', '5'+byte(random.IntN(20))
		}
		args := append(binary.LittleEndian.AppendUint32(nil, uint32(len(hash))), hash...)
		args = append(args, words[random.IntN(len(words))]...)
		name := []string{"weir.password_verify", "weir.async.password_verify"}[random.IntN(2)]
		ask.name, ask.args, answer = name, args, nil
		h.Stream(sdktest.Request{}).Finish()
		want, _, status := real.Find([]byte(name)).Run(caller{}, nil, args)
		if name == "weir.password_verify" {
			if fmt.Sprint(ask.err) != text(status) || status == foreign.OK && !bytes.Equal(want, ask.result) {
				t.Fatalf("call %d, %q: emulated %v %x, real %s %x", n, args, ask.err, ask.result, text(status), want)
			}
			continue
		}
		whole := binary.LittleEndian.AppendUint32(nil, uint32(status))
		if status == foreign.OK {
			whole = append(whole, want...)
		}
		if !bytes.Equal(answer, whole) {
			t.Fatalf("call %d, %q: emulated %x, real %x", n, args, answer, whole)
		}
	}
}

// errands is an asker that waits for later answers.
type errands struct{ asker }

var errandSaid func(answer []byte)

func (e errands) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	e.asker.OnRequestHeaders(s, end)
	if ask.err == nil && ask.name == "weir.async.password_verify" {
		return sdk.Pause
	}
	return sdk.Continue
}

func (errands) OnForeign(s *sdk.Stream, _ uint32, answer []byte) {
	errandSaid(answer)
	_ = s.ContinueRequest()
}

func init() {
	sdk.Register("errands", func(*sdk.Root) (sdk.Plugin, error) { return errands{}, nil })
}
