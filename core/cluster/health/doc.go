// Package health asks endpoints, again and again, whether they are well: by an
// HTTP request, a TCP connection or a call of the gRPC health service.
//
// An endpoint is taken to be well until a check has shown otherwise: were it
// the other way round, a proxy that starts would refuse requests which its
// upstreams could serve, and a service whose check is broken would be lost as
// soon as it is configured. So that this grace is short, the first check comes
// at once, and one failure is enough as long as none has succeeded.
//
// Start at [Watch].
package health
