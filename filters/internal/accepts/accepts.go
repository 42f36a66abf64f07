// Package accepts is where filters that ask an upstream for bodies that are not encoded
// leave what the client accepts, for those that encode responses behind them.
package accepts

import "github.com/weirproxy/weir/sdk"

// Property holds the client's Accept-Encoding, from the response's head on. Responses come by
// the last filter first: so it is there for filters before the one that set it, which get
// what that has made of the body, and not for those behind it, which come too early to encode.
const Property = "compress.accept_encoding"

// longest is how much of it is kept, in bytes: clients that say more accept nothing.
const longest = 512

// Kept is what a client accepts, of one stream.
type Kept struct{ value []byte }

// Take asks the upstream for what is not encoded, and keeps what the client said.
func (k *Kept) Take(request sdk.Headers) {
	k.value = k.value[:0]
	if v, ok := sdk.Property("request\x00headers\x00accept-encoding"); ok && len(v) <= longest { // several fields in one
		k.value = append(k.value, v...)
	}
	request.Set("accept-encoding", "identity")
}

// Tell leaves it for the filters that come next.
func (k *Kept) Tell() {
	if len(k.value) > 0 {
		_ = sdk.SetProperty(Property, sdk.View(k.value))
	}
}

// Reset forgets the stream.
func (k *Kept) Reset() { k.value = k.value[:0] }
