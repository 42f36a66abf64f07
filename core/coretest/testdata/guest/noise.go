package main

import (
	"os"
	"strconv"

	"github.com/weirproxy/weir/sdk"
)

func init() { sdk.Register("noise", newNoise) }

// noise counts what it sees, and does what a request's x-do says: "log",
// "print", "panic", "storm".
type noise struct {
	seen  sdk.Counter
	last  sdk.Gauge
	sizes sdk.Histogram
}

func newNoise(r *sdk.Root) (sdk.Plugin, error) {
	return &noise{sdk.NewCounter("seen"), sdk.NewGauge("last"), sdk.NewHistogram("sizes")}, nil
}

func (p *noise) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	p.seen.Add(1)
	p.last.Set(int64(len(s.Path())))
	p.sizes.Observe(int64(len(s.Path())))
	what, _ := s.Request().GetString("x-do")
	switch what {
	case "log":
		sdk.Warn("a \"line\"\r\nlevel=ERROR msg=forged \x1b[31m\x00 and \xff\u2028 more")
	case "print":
		os.Stderr.WriteString("printed\x07 text\n")
	case "panic":
		panic("the secret word is swordfish")
	case "storm":
		for i := range 500 {
			sdk.Info("storm ", strconv.Itoa(i))
		}
	}
	return sdk.Continue
}
