// Weir-redis keeps limits of a fleet of Weirs in Redis. Weir starts it; the README
// beside says how.
package main

import "github.com/weirproxy/weir/core/provider/kit"

func main() { kit.ServeStore(configure) }
