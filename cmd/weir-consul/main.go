// Weir-consul tells Weir where the services of a Consul catalog are. Weir starts
// it; the README beside says how.
package main

import "github.com/weirproxy/weir/core/provider/kit"

func main() { kit.Serve(configure) }
