// Command guest is a module of many filters that tests of a whole proxy run,
// each under a root id of its own:
//
//	auth     asks a cluster whether a request may pass           auth.go
//	ticker   asks a cluster by its timer                         auth.go
//	body     rewrites bodies and trailers                        body.go
//	marker   leaves its name, and answers in a phase             marker.go
//	waiter   pauses in a phase, for its timer to resume          waiter.go
//	share    counts in shared data and passes items by queues    share.go
//	facts    shows properties, and sets them                     facts.go
//	noise    counts metrics, logs, panics                        noise.go
//	rpc      asks a gRPC service                                 rpc.go
//	token    lets bearers of a JSON Web Token pass               token.go
//	retry    says when each request is sent again                retry.go
//
// Their configurations are objects of strings.
package main

import (
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/jsonconf"
)

func main() {}

// settings reads a configuration.
func settings(r *sdk.Root) (map[string]string, error) {
	m := map[string]string{}
	c := jsonconf.New(r.Config())
	c.Object(func(key []byte) { m[string(key)] = c.String() })
	return m, c.Err()
}

// duration is a setting, 0 where there is none.
func duration(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	return time.ParseDuration(text)
}
