package coding

import "github.com/klauspost/compress/gzip"

// gzipEngine is DEFLATE with gzip's head and checksum.
type gzipEngine struct{ *gzip.Writer }

func (g gzipEngine) Reset(out *sink) { g.Writer.Reset(out) }

func (g gzipEngine) Write(piece []byte) error {
	_, err := g.Writer.Write(piece)
	return err
}

func gzipKinds() (kinds [Smallest + 1]kind) {
	perByte := [...]int64{1: 6, 6, 7, 8, 10, 10, 25, 30, 40}
	for level := Fastest; level <= Smallest; level++ {
		memory := int64(1280 << 10)
		if level > 6 {
			memory = 1536 << 10
		}
		kinds[level] = kind{func() engine { return newGzip(level) }, memory, perByte[level]}
	}
	return kinds
}

func newGzip(level int) engine {
	w, err := gzip.NewWriterLevel(nil, level)
	if err != nil {
		panic(err) // the levels are ours
	}
	return gzipEngine{w}
}
