// Package identity is who we are to others and who they are to us: the
// certificates that listeners and upstream connections show, what they ask of
// their peers, and the keys of session tickets.
//
// Certificates are files, looked at every second: a pair that changed is taken
// up by the handshakes that follow, one that cannot be used leaves the old in
// its place. Connections that are open keep what they began with.
//
// Start at [Server] and [Client].
package identity
