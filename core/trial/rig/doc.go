// Package rig runs filters in the real host and chain, without sockets and by a
// clock that moves when it is told to: what a test of a filter stands on.
//
// A [Rig] is a host with one chain. [Rig.Begin] takes a request into it, which
// goes as far as it can; [Rig.Advance] moves the clock, and with it timers,
// replies and bodies that were to come later. All of it happens on the
// caller's goroutine, in one order, so that a test sees the same each time:
// but for foreign functions that work beside their lanes, which are waited for.
package rig
