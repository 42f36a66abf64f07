package filters_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coding"
	"github.com/weirproxy/weir/filters/filtertest/realhost"
)

// listing is HTML as it is made from rows.
func listing(size int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("ocean lamp quiet river stone paper garden winter copper basket signal mountain")
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "<tr class=\"row\"><td>%d</td><td>%s %s</td><td>%.2f</td></tr>\n",
			r.IntN(100_000), words[r.IntN(len(words))], words[r.IntN(len(words))], r.Float64()*100)
	}
	return []byte(b.String()[:size])
}

// BenchmarkCompress is a download through the filter as Wasm, in the real host
// and chain, beside the encoder alone, on the same bytes.
func BenchmarkCompress(b *testing.B) {
	w, err := world()
	if err != nil {
		b.Fatal(err)
	}
	measure := func(name string, body []byte, run func() int) {
		b.Run(name, func(b *testing.B) {
			out := run()
			b.ReportAllocs()
			before := cpu()
			for b.Loop() {
				run()
			}
			b.ReportMetric(float64(cpu()-before)/float64(b.N)/float64(len(body)>>10), "cpu-ns/KiB")
			b.ReportMetric(100*float64(out)/float64(len(body)), "%size")
		})
	}
	bare := coding.New(1 << 30)
	for _, kib := range []int{4, 64, 1024} {
		body := listing(kib << 10)
		measure(fmt.Sprintf("%dKiB/none/filter", kib), body, w.Download(b, "compress", "", "", body))
		for _, c := range []coding.Coding{coding.Gzip, coding.Brotli, coding.Zstd} {
			name := fmt.Sprintf("%dKiB/%s/", kib, c)
			measure(name+"filter", body, w.Download(b, "compress", "", c.String(), body))
			measure(name+"bare", body, func() (out int) {
				e, err := bare.Get(c, coding.Default)
				if err != nil {
					b.Fatal(err)
				}
				defer e.Close()
				for at := 0; at < len(body); at += realhost.Window {
					end := min(at+realhost.Window, len(body))
					out += len(e.Encode(body[at:end], end == len(body)))
				}
				return out
			})
		}
	}
}
