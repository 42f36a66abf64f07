// Command guest is the module of all built-in filters: one WebAssembly module
// in which each has a root id, its name. So a chain of them compiles once and
// runs in one instance a lane.
package main

import _ "github.com/weirproxy/weir/filters/builtin/all"

// main is not called: the module is a library.
func main() {}
