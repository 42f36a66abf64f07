package proxy

import (
	"log/slog"
	"runtime/debug"
)

// A panic is a bug of ours. It ends the stream it happened in, and costs what
// that stream's filters hold in their instances; everything else goes on.

// onPanic gives back what others wait for, and lets the panic go on to the
// connection's owner. The exchange is not used again: nobody knows its state.
func (x *exchange) onPanic() {
	v := recover()
	if v == nil {
		return
	}
	x.conn.waiting.Store(0)
	x.conn.stream.Store(nil)
	if x.upstream != nil {
		x.upstream.Abort()
	}
	if x.spent.conn != nil {
		x.spent.conn.Abort()
	}
	x.leave()
	panic(v)
}

// uploadPanic ends both connections of a stream whose upload panicked: that
// wakes whoever carries the response. The stream's lock stays as it is, since
// nobody knows whether the upload held it; if it did, that goroutine is lost too.
func (x *exchange) uploadPanic(v any) {
	x.proxy.log.Error("panic while carrying an upload", "panic", v, "stack", string(debug.Stack()))
	x.down.Abort()
	x.upstream.Abort()
}

// contain keeps a panic of a goroutine beside a stream from ending the process.
func contain(log *slog.Logger, doing string, after func()) {
	if v := recover(); v != nil {
		log.Error("panic while "+doing, "panic", v, "stack", string(debug.Stack()))
		after()
	}
}
