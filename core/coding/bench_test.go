package coding_test

import (
	"fmt"
	"testing"

	"github.com/weirproxy/weir/core/coding"
)

// BenchmarkEncode is a body in pieces of the stream window, whole in use.
func BenchmarkEncode(b *testing.B) {
	all := coding.New(1 << 30)
	for _, size := range []int{1 << 10, 16 << 10, 1 << 20} {
		body := text(size)
		for _, c := range codings {
			for _, level := range []int{1, 5, 9} {
				b.Run(fmt.Sprintf("%dKiB/%s/%d", size>>10, c, level), func(b *testing.B) {
					out := 0
					b.ReportAllocs()
					for b.Loop() {
						e := get(b, all, c, level)
						out = 0
						for at := 0; at < size; at += 16 << 10 {
							end := min(at+16<<10, size)
							out += len(e.Encode(body[at:end], end == size))
						}
						e.Close()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size>>10), "ns/KiB")
					b.ReportMetric(100*float64(out)/float64(size), "%size")
				})
			}
		}
	}
}
