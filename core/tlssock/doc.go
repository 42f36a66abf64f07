// Package tlssock is TLS over the socket layer: the crypto/tls of the standard
// library with what a proxy's codecs ask of a connection beside reading and
// writing.
//
// Three things make that more than a tls.Conn. A connection that is idle holds
// no buffer of ours: bytes are waited for below TLS, and taken through it
// without waiting. A wait that was ended (an interrupt, a time-out) leaves a
// record that had come in half where it is: the next read goes on. And what a
// peer sends on an idle connection of its own accord, session tickets above all,
// is read off when one looks whether the connection is alive.
//
// Start at [Conn].
package tlssock
