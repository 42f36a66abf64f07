// Package all registers every built-in filter: in the module of package guest,
// and in native tests.
package all

// One line for each filter.
import (
	_ "github.com/weirproxy/weir/filters/accesslog"
	_ "github.com/weirproxy/weir/filters/apikey"
	_ "github.com/weirproxy/weir/filters/authz"
	_ "github.com/weirproxy/weir/filters/basicauth"
	_ "github.com/weirproxy/weir/filters/circuitbreaker"
	_ "github.com/weirproxy/weir/filters/compress"
	_ "github.com/weirproxy/weir/filters/cors"
	_ "github.com/weirproxy/weir/filters/deadline"
	_ "github.com/weirproxy/weir/filters/extauthz"
	_ "github.com/weirproxy/weir/filters/fault"
	_ "github.com/weirproxy/weir/filters/headers"
	_ "github.com/weirproxy/weir/filters/ipfilter"
	_ "github.com/weirproxy/weir/filters/jwt"
	_ "github.com/weirproxy/weir/filters/metrics"
	_ "github.com/weirproxy/weir/filters/mirror"
	_ "github.com/weirproxy/weir/filters/ratelimit"
	_ "github.com/weirproxy/weir/filters/redirect"
	_ "github.com/weirproxy/weir/filters/requestid"
	_ "github.com/weirproxy/weir/filters/respond"
	_ "github.com/weirproxy/weir/filters/retrypolicy"
	_ "github.com/weirproxy/weir/filters/rewrite"
	_ "github.com/weirproxy/weir/filters/split"
	_ "github.com/weirproxy/weir/filters/trace"
	_ "github.com/weirproxy/weir/filters/transform"
)
