package weir

import "github.com/weirproxy/weir/sdk"

// ClientIP is the client's address, without a port: by Weir's trust settings,
// or the peer's on another host. It is empty where there is none.
func ClientIP() []byte {
	if v, ok := sdk.Property("weir.client_ip"); ok {
		return v
	}
	v, _ := sdk.Property("source\x00address")
	return withoutPort(v)
}

// SetHashKey has the stream go where others of the same key go, if its cluster
// hashes. An empty key leaves that to the cluster. Elsewhere it has no effect.
func SetHashKey(key string) error { return sdk.SetProperty("weir.hash_key", key) }

// Lane is the number of the instance that runs, from 0: what only one of them
// should do, such as fetching keys by timer, lane 0 does. A host without lanes
// that tell their number has one: 0.
func Lane() int {
	n, _ := sdk.PropertyInt("weir.lane")
	return int(n)
}

// withoutPort cuts the port off "1.2.3.4:80" and "[::1]:80".
func withoutPort(v []byte) []byte {
	for i := len(v) - 1; i >= 0; i-- {
		switch v[i] {
		case ':':
			if v[0] == '[' && v[i-1] == ']' {
				return v[1 : i-1]
			}
			for _, c := range v[:i] {
				if c == ':' {
					return v // an IPv6 address alone
				}
			}
			return v[:i]
		case ']':
			return v[1:i]
		}
	}
	return v
}

// ShowsBody says whether the filter's on_pause is "stop_iteration": a pause at
// the head then holds the head alone, and a body that comes meanwhile ends it, unless
// the filter takes part in that phase and pauses there too. A filter that guards
// something must not wait in OnRequestHeaders then without an OnRequestBody.
func ShowsBody() bool {
	v, _ := sdk.Property("weir.on_pause")
	return string(v) == "stop_iteration"
}

// Secured says whether the filter's security is true.
func Secured() bool {
	n, _ := sdk.PropertyInt("weir.security")
	return n != 0
}
