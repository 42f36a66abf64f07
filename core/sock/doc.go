// Package sock is the socket layer: TCP connections whose reads and writes
// are non-blocking system calls made directly, waited for by Go's poller.
//
// A net.Conn pays for each call with the scheduler's entry and exit of a
// system call and, where deadlines are used, with a timer. On a proxy's way
// that is a tenth of all it spends (RATIONALE, "Why our own sockets"). Here a
// call that finds the socket ready costs the system call alone, and time-outs
// are stamps that a [Reaper] looks at every few milliseconds.
//
// Start at [Conn]; it is a net.Conn, so TLS can sit on top.
package sock
