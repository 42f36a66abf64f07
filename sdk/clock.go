package sdk

import (
	"time"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// Now is the wall clock. A host may let it stand still within a callback.
func Now() time.Time { return time.Unix(0, abi.Now()) }

// NowNano is the wall clock in nanoseconds since 1970.
func NowNano() int64 { return abi.Now() }
