package proxywasm

import "github.com/weirproxy/weir/core/filter"

// continueStream is proxy_continue_stream(stream). It is noted; the chain acts
// on it when the callback has returned.
func (i *instance) continueStream(a []uint64) status { return i.resume(uint32(a[0])) }

func (i *instance) resume(stream uint32) status {
	ofConnection := i.onConnection()
	switch stream {
	case streamRequest, streamResponse:
		if !ofConnection {
			i.ask(wish{kind: wishResume, direction: filter.Direction(stream)})
		}
		return statusOK
	case streamDownstream:
		if ofConnection {
			i.ask(wish{kind: wishResume, direction: filter.Request})
		}
		return statusOK
	case streamUpstream:
		if !ofConnection {
			return statusUnimplemented
		}
		i.ask(wish{kind: wishResume, direction: filter.Response})
		return statusOK
	}
	return statusBadArgument
}

// closeStream is proxy_close_stream(stream): the stream ends, and its client
// sees it end.
func (i *instance) closeStream(a []uint64) status {
	switch stream := uint32(a[0]); stream {
	case streamRequest, streamResponse, streamDownstream, streamUpstream:
		if i.onConnection() == (stream >= streamDownstream) {
			i.ask(wish{kind: wishReset})
		}
		return statusOK
	}
	return statusBadArgument
}

// onConnection says whether the effective context is a connection's.
func (i *instance) onConnection() bool {
	return i.frame.at.part != nil && i.frame.at.part.ofConnection()
}

// setEffective is proxy_set_effective_context(id): host functions act on that
// context until the callback ends. 0 is the one whose callback it is.
func (i *instance) setEffective(a []uint64) status {
	id := uint32(a[0])
	if id == 0 {
		i.frame.at = i.frame.own
		return statusOK
	}
	e := i.contexts.find(id)
	if e == nil {
		return statusBadArgument
	}
	if e.part == nil {
		i.frame.at = target{root: e.root}
		return statusOK
	}
	i.hold(e.part)
	i.frame.at = target{e.part.root, e.part}
	return statusOK
}

// doneNow is proxy_done(): the end of a root that on_done put off.
func (i *instance) doneNow([]uint64) status {
	ri := i.frame.at.root
	if ri == nil || i.frame.at.part != nil || !ri.waiting || ri.done {
		return statusNotFound
	}
	ri.done = true
	return statusOK
}

// getTime is proxy_get_current_time_nanoseconds(&ns): the wall clock.
func (i *instance) getTime(a []uint64) status {
	if !i.putUint64(a[0], uint64(i.vm.host.Clock.Now().UnixNano())) {
		return statusInvalidMemory
	}
	return statusOK
}

// getStatus is proxy_get_status(&code, &data, &size): how the last call ended.
func (i *instance) getStatus(a []uint64) status {
	if !i.putUint32(a[0], i.callCode) {
		return statusInvalidMemory
	}
	message := ""
	switch {
	case i.frame.call != nil && i.callCode != 0:
		message = "reset"
	case i.frame.kind == kindRPC:
		message = i.callText
	}
	return i.answer(raw(message), a[1], a[2])
}
