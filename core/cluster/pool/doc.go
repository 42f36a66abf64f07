// Package pool keeps the connections to one endpoint: how many there are, who
// waits for one, which may be used again.
//
// A connection leaves an exchange in one of two ways: Put, when both messages
// ended where they said and nothing is left unread, or Discard. One that
// waits is looked at before it is used: the read that must find nothing is
// part of the exchange (see sock.Conn.Exchange), and the request goes to
// another connection when it finds the end instead.
//
// A connection of HTTP/2 carries several exchanges, each a [Conn] of its own: a
// request joins the least loaded one, and one connection is opened for all who
// wait. One that is too old, or whose endpoint says GOAWAY, takes no more and
// carries those under way to their end.
//
// Start at [Pool].
package pool
