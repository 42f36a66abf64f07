//go:build wasip1

// Command goguest is a guest of the engine's tests in standard Go: its
// runtime, with a collector and goroutines, is what most filters of ours run on.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func main() {}

// live keeps objects alive between callbacks.
var live []*[4]uintptr

//go:wasmexport empty
func empty() {}

//go:wasmexport keep
func keep(n int32) {
	for range n {
		live = append(live, new([4]uintptr))
	}
}

//go:wasmexport collect
func collect() { runtime.GC() }

//go:wasmexport spin
func spin() {
	for {
	}
}

//go:wasmexport fail
func fail() { panic("the guest panics") }

//go:wasmexport recurse
func recurse(n int32) int32 {
	if n == 0 {
		return 0
	}
	return recurse(n-1) + 1
}

//go:wasmexport hog
func hog(mib int32) int32 {
	b := make([]byte, int(mib)<<20)
	b[len(b)-1] = 1
	return int32(len(b))
}

//go:wasmexport say
func say() {
	fmt.Println("to stdout")
	fmt.Fprint(os.Stderr, "to stderr \x1b[31m\r\nunfinished")
}

//go:wasmexport tell
func tell() {
	fmt.Print(os.Getenv("GREETING"), "|", os.Getenv("GOMEMLIMIT"))
}

//go:wasmexport pass
func pass(n int32) int32 {
	c := make(chan int32)
	go func() {
		for i := range n {
			c <- i
		}
		close(c)
	}()
	sum := int32(0)
	for i := range c {
		sum += i
	}
	return sum
}
