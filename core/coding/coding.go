// Package coding has the content codings (RFC 9110, section 8.4.1) that the
// host puts bodies into while they stream by: gzip, br and zstd.
//
// An [Encoder] is one body's. It takes pieces of any size, answers what is
// ready, and can be told to hold nothing back. Encoders cost megabytes, so
// [Encoders] bounds what all of them together may hold, and uses them again.
//
// Start at [Encoders].
package coding

// Coding is a content coding.
type Coding uint8

// The codings. Their numbers are those of the foreign function weir.encode.
const (
	Gzip   Coding = 1 // RFC 1952
	Brotli Coding = 2 // RFC 7932
	Zstd   Coding = 3 // RFC 8878
)

// The levels, one scale for all codings: 1 is the fastest, 9 the smallest.
const (
	Fastest  = 1
	Default  = 5
	Smallest = 9
)

// String is the coding's name in Content-Encoding.
func (c Coding) String() string {
	switch c {
	case Gzip:
		return "gzip"
	case Brotli:
		return "br"
	case Zstd:
		return "zstd"
	}
	return "identity"
}

// Valid says whether there is such a coding and level.
func Valid(c Coding, level int) bool {
	return c >= Gzip && c <= Zstd && level >= Fastest && level <= Smallest
}

// window is how far back a match may lie, in bytes: what a client's decoder has
// to keep, too.
const window = 256 << 10
