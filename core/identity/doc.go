// Package identity is who we are to others and who they are to us: the
// certificates that listeners and upstream connections show, what they ask of
// their peers, and the keys of session tickets.
//
// Certificates are files, looked at every second: a pair that changed is taken
// up by the handshakes that follow, one that cannot be used leaves the old in
// its place. Connections that are open keep what they began with.
//
// In a mesh both sides show a SPIFFE identity (X509-SVID) and are held to it: the
// chain leads to a root of the trust domain that the ID claims, the certificate has
// that one URI and is no authority, and an endpoint is one of its cluster's peers. A
// [Workload] is who this process is there: files, that somebody else replaces, or
// package enroll does.
//
// Start at [Server] and [Client].
package identity
