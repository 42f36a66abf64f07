package foreign

import (
	"bytes"
	"io"
	"slices"
	"sync"

	"github.com/klauspost/compress/zlib"
)

// maxInflated bounds what uncompress makes of a small input, in bytes.
const maxInflated = 1 << 20

// maxArguments bounds the arguments of the heaviest functions, in bytes.
const maxArguments = 1<<20 + 4<<10

// compressFunctions are zlib (RFC 1950), under Envoy's names at once and under
// ours beside the lane.
var compressFunctions = []Function{
	{Name: "compress", Run: within(maxArguments, compress)},
	{Name: "uncompress", Run: within(maxArguments, uncompress)},
	{Name: "weir.async.compress", Async: true, Run: within(maxArguments, compress)},
	{Name: "weir.async.uncompress", Async: true, Run: within(maxArguments, uncompress)},
}

// within refuses arguments of more than most bytes.
func within(most int, run Func) Func {
	return func(c Call, dst, args []byte) ([]byte, int64, Status) {
		if len(args) > most {
			return dst, refusal, BadArgument
		}
		return run(c, dst, args)
	}
}

var (
	deflaters = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}
	inflaters sync.Pool // of io.ReadCloser that are zlib.Resetter; a new one needs a valid head
)

// appender is an io.Writer onto a slice.
type appender struct{ b []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.b = append(a.b, p...)
	return len(p), nil
}

// compress takes plain bytes and answers a zlib stream.
func compress(_ Call, dst, plain []byte) ([]byte, int64, Status) {
	const start, perByte = 2_000, 20 // ns
	w := deflaters.Get().(*zlib.Writer)
	defer deflaters.Put(w)
	out := &appender{dst}
	w.Reset(out)
	_, err := w.Write(plain)
	if err == nil {
		err = w.Close()
	}
	cost := int64(start + perByte*len(plain))
	if err != nil {
		return dst, cost, SerializationFailure
	}
	return out.b, cost, OK
}

// uncompress takes a zlib stream and answers what was compressed. Bytes behind
// the stream's end are not looked at.
func uncompress(_ Call, dst, packed []byte) ([]byte, int64, Status) {
	const start, perByte = 2_000, 6 // ns
	in := bytes.NewReader(packed)
	r, _ := inflaters.Get().(io.ReadCloser)
	var err error
	if r == nil {
		r, err = zlib.NewReader(in)
	} else {
		err = r.(zlib.Resetter).Reset(in, nil)
	}
	if err != nil {
		return dst, start, SerializationFailure
	}
	defer inflaters.Put(r)
	out := slices.Grow(dst, 2*len(packed))
	for err == nil && len(out)-len(dst) <= maxInflated {
		var n int
		out = slices.Grow(out, 512)
		n, err = r.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
	}
	cost := start + perByte*int64(len(out)-len(dst))
	switch {
	case len(out)-len(dst) > maxInflated:
		return dst, cost, BadArgument
	case err != io.EOF:
		return dst, cost, SerializationFailure
	}
	return out, cost, OK
}
