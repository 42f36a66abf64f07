package coding

import "github.com/klauspost/compress/zstd"

// zstdEngine is Zstandard. RFC 9659 has clients of HTTP take windows of up to
// 8 MiB; ours are much smaller.
type zstdEngine struct{ *zstd.Encoder }

func (z zstdEngine) Reset(out *sink) { z.Encoder.Reset(out) }

func (z zstdEngine) Write(piece []byte) error {
	_, err := z.Encoder.Write(piece)
	return err
}

func zstdKinds() (kinds [Smallest + 1]kind) {
	for level := range kinds {
		switch {
		case level == 0:
		case level <= 3:
			kinds[level] = kind{func() engine { return newZstd(zstd.SpeedFastest) }, 1280 << 10, 6}
		case level <= 7:
			kinds[level] = kind{func() engine { return newZstd(zstd.SpeedDefault) }, 2560 << 10, 8}
		default:
			kinds[level] = kind{func() engine { return newZstd(zstd.SpeedBetterCompression) }, 5632 << 10, 28}
		}
	}
	return kinds
}

// newZstd makes one that works in the goroutine that calls it.
func newZstd(level zstd.EncoderLevel) engine {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithWindowSize(window),
		zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are ours
	}
	return zstdEngine{w}
}
