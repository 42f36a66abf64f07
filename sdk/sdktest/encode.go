package sdktest

import (
	"bytes"
	"compress/gzip"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// coding is what a body is to be encoded with: weir.encode's arguments.
type coding struct{ kind, level uint32 }

var codingNames = [...]string{1: "gzip", 2: "br", 3: "zstd"}

// encodeResponse: coding, level u32 → nothing.
func encodeResponse(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	c := coding{a.u32(), a.u32()}
	if a.bad || len(a.b) > 0 || c.kind < 1 || c.kind > 3 || c.level < 1 || c.level > 9 || h.phase != responseHead || h.effective == nil {
		return nil, abi.BadArgument
	}
	half := &h.effective.half[abi.Response]
	status := half.head.find(":status")
	if half.headEnd || half.coding.kind != 0 || half.head.find("content-range") >= 0 || status >= 0 && string(half.head[status].value) == "206" {
		return nil, abi.BadArgument
	}
	half.coding = c
	half.head.add("content-encoding", codingNames[c.kind])
	for _, name := range []string{"content-length", "accept-ranges", "content-md5", "digest", "content-digest", "repr-digest"} {
		half.head.removeFrom(0, name)
	}
	if i := half.head.find("etag"); i >= 0 && bytes.HasPrefix(half.head[i].value, []byte(`"`)) {
		half.head.set("etag", "W/"+string(half.head[i].value))
	}
	return dst, abi.OK
}

// encode puts a body that has ended into its coding: this host does it at once.
func (h *half) encode() {
	if h.coding.kind == 0 {
		return
	}
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch h.coding.kind {
	case 1:
		w, err = gzip.NewWriterLevel(&out, int(h.coding.level))
	case 2:
		w = brotli.NewWriterV2(&out, int(h.coding.level))
	default:
		w, err = zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
	}
	if err == nil {
		_, err = w.Write(h.out.Body)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // writing to memory cannot fail
	}
	h.out.Body = append(h.out.Body[:0], out.Bytes()...)
	h.coding = coding{}
}
