// Package enroll gets the identity of this process from an authority, and a new
// one before it ends. The identity's files are where it is kept: a process that
// starts again goes on with what it had.
//
//	member.go    when it is asked for
//	ask.go       how
//	trust.go     why the authority is believed
//	keep.go      what is written, in which order
//	schedule.go  two thirds of a life, and the time between tries
//
// Start at [Member].
package enroll
