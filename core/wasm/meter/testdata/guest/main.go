// Package main is a guest built by the standard Go toolchain, for the tests
// and benchmarks of the meter: work as filters do it.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"
)

func main() {}

//go:wasmexport sha
func sha(n int32) int32 {
	sum := sha256.Sum256(make([]byte, n))
	return int32(sum[0])<<8 | int32(sum[1])
}

//go:wasmexport jsons
func jsons(n int32) int32 {
	total := 0
	for range n {
		var v any
		if err := json.Unmarshal([]byte(`{"a":[1,2,3],"b":"x","c":{"d":null,"e":[[[1]]]}}`), &v); err != nil {
			return -1
		}
		total += len(fmt.Sprint(v))
	}
	return int32(total)
}

//go:wasmexport regexps
func regexps(n int32) int32 {
	order := regexp.MustCompile(`^/v[0-9]+/(users|orders)/([0-9a-f-]{8,36})(/items)?$`)
	found := 0
	for i := range n {
		path := fmt.Sprintf("/v2/orders/0123abcd-%04x/items", i)
		if m := order.FindStringSubmatch(path); m != nil {
			found += len(m[2])
		}
	}
	return int32(found)
}

//go:wasmexport maps
func maps(n int32) int32 {
	m := map[int32]int32{}
	for i := range n {
		m[i*7919] = i
	}
	sum := int32(0)
	for i := range n {
		sum += m[i*7919]
		delete(m, i*7919)
	}
	return sum + int32(len(m))
}

//go:wasmexport words
func words(n int32) int32 {
	text := strings.Repeat("the quick brown fox jumps over the lazy dog ", int(n))
	count := map[string]int{}
	for _, w := range strings.Fields(text) {
		count[strings.ToUpper(w)]++
	}
	keys := make([]string, 0, len(count))
	for k := range count {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return int32(len(strings.Join(keys, ",")) + count["THE"])
}

//go:wasmexport fib
func fib(n int32) int32 {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

// deep nests n interface calls, each with a frame of its own.
//
//go:wasmexport deep
func deep(n int32) int32 { return walker(step{}).walk(n) }

type walker interface{ walk(n int32) int32 }

type step struct{ _ [4]int64 }

func (s step) walk(n int32) int32 {
	if n == 0 {
		return 0
	}
	return walker(s).walk(n-1) + 1
}

//go:wasmexport empty
func empty() {}

//go:wasmexport crash
func crash(n int32) int32 {
	var a []int32
	return a[n]
}
