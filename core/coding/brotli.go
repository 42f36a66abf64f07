package coding

import (
	"math/bits"

	"github.com/andybalholm/brotli"
	"github.com/andybalholm/brotli/matchfinder"
)

// brotliEngine is Brotli in blocks, each a meta-block of its own: the search for
// matches and the writing of a block are the library's.
type brotliEngine struct {
	out     *sink
	finder  matchfinder.MatchFinder
	encoder brotli.Encoder
	matches []matchfinder.Match
	block   []byte // what is not encoded yet
	begun   bool   // the stream's head is out
}

// blockSize is how much is encoded at a time, in bytes: larger ones gain little.
const blockSize = 64 << 10

func (b *brotliEngine) Reset(out *sink) {
	b.out = out
	b.finder.Reset()
	b.encoder.Reset()
	b.block, b.begun = b.block[:0], false
}

func (b *brotliEngine) Write(piece []byte) error {
	for len(piece) > 0 {
		n := min(len(piece), blockSize-len(b.block))
		b.block = append(b.block, piece[:n]...)
		piece = piece[n:]
		if len(b.block) == blockSize {
			b.emit(false)
		}
	}
	return nil
}

// emit encodes what the block holds.
func (b *brotliEngine) emit(last bool) {
	at := len(*b.out)
	b.matches = b.matches[:0]
	if len(b.block) > 0 {
		b.matches = b.finder.FindMatches(b.matches, b.block)
	}
	*b.out = b.encoder.Encode(*b.out, b.block, b.matches, last)
	b.block = b.block[:0]
	if !b.begun && len(*b.out) > at {
		b.begun = true
		// The encoder's head asks for the largest window (24), whatever the
		// distances: a client would have to make room for it.
		(*b.out)[at] = (*b.out)[at]&^0xf | windowBits
	}
}

// windowBits is the head of a stream whose window is 2^18 bytes (RFC 7932,
// section 9.1), and maxDistance the farthest match in that window.
const (
	windowBits  = 0b0011
	maxDistance = window - 16
)

// Flush ends the block at the boundary of a byte. The encoder gets there only by
// ending the stream: its last two bits (an empty last meta-block, 11) are made
// an empty block of metadata (011000, section 9.2), behind which a stream goes on.
func (b *brotliEngine) Flush() error {
	b.emit(true)
	out := *b.out
	last := len(out) - 1
	end := last*8 + bits.Len8(out[last]) // of the two bits
	for len(out)*8 < end+4 {
		out = append(out, 0)
	}
	setBit(out, end-2, 0)
	setBit(out, end-1, 1)
	setBit(out, end, 1)
	*b.out = out
	return nil
}

func setBit(b []byte, at int, bit byte) {
	b[at/8] = b[at/8]&^(1<<(at%8)) | bit<<(at%8)
}

func (b *brotliEngine) Close() error {
	b.emit(true)
	return nil
}

func brotliKinds() (kinds [Smallest + 1]kind) {
	of := func(memory, perByte int64, finder func() matchfinder.MatchFinder) kind {
		return kind{func() engine { return &brotliEngine{finder: finder()} }, memory << 10, perByte}
	}
	greedy := of(1792, 8, func() matchfinder.MatchFinder { return &matchfinder.ZFast{MaxDistance: maxDistance} })
	double := of(2816, 10, func() matchfinder.MatchFinder { return &matchfinder.ZDFast{MaxDistance: maxDistance} })
	overlap := of(2304, 13, func() matchfinder.MatchFinder { return &matchfinder.ZM{MaxDistance: maxDistance} })
	three := of(4608, 20, func() matchfinder.MatchFinder { return &matchfinder.Trio{MaxDistance: maxDistance} })
	path := of(4096, 50, func() matchfinder.MatchFinder { return &matchfinder.Bargain1{MaxDistance: maxDistance} })
	wide := of(6144, 65, func() matchfinder.MatchFinder { return &matchfinder.Bargain2{MaxDistance: maxDistance} })
	widest := of(9216, 110, func() matchfinder.MatchFinder { return &matchfinder.Bargain3{MaxDistance: maxDistance} })
	return [...]kind{1: greedy, double, double, overlap, overlap, three, path, wide, widest}
}
