// Package reply is what the server behind every proxy of a benchmark answers.
package reply

import "bytes"

// Size is the length of a reply, in bytes.
const Size = 1024

// HeadersPath is the end of paths where the answer is the request's head as it
// arrived, instead of a reply. A filter in front shows there what it has done.
const HeadersPath = "/headers"

// Body is the reply. No error page of a proxy looks like it.
var Body = bytes.Repeat([]byte("weir 1 KiB reply"), Size/16)
