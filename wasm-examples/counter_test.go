package examples_test

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

var counter = topic{
	behaves: func(t *testing.T, w *world) {
		const clients, each = 8, 25
		counts := make(chan string, clients*each)
		var all sync.WaitGroup
		for range clients {
			c := coretest.Dial(t, w.addr)
			all.Go(func() {
				for range each {
					_, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: test\r\n\r\n"))
					r, lost := c.TryRead("GET")
					if err != nil || lost != nil {
						t.Errorf("asking: %v, %v", err, lost)
						return
					}
					counts <- r.Header.Get("X-Count")
				}
			})
		}
		all.Wait()
		close(counts)
		// Whatever instances and workers they met: none is counted twice or not at all.
		seen := map[int]bool{}
		for text := range counts {
			n, err := strconv.Atoi(text)
			if err != nil {
				t.Fatalf("x-count is %q", text)
			}
			seen[n] = true
		}
		if numbers := slices.Sorted(maps.Keys(seen)); len(numbers) != clients*each || numbers[0] != 1 || numbers[len(numbers)-1] != clients*each {
			t.Errorf("%d responses are numbered %v", clients*each, numbers)
		}
		w.counts(t, "example_responses_total", clients*each)
		// What the timer does.
		w.counts(t, "example_published", clients*each)
		w.logs(t, "responses so far: 200")
	},
	refuses: []refusal{
		{"1 s", "give the timer's period in milliseconds, such as 1000"},
		{"0", "give the timer's period in milliseconds, such as 1000"},
		{"", "give the timer's period in milliseconds, such as 1000"},
	},
}
